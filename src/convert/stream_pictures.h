// Pictures of a video topic for one task's rows: decoded from the keyframe before the first wanted message, never more.
#pragma once

#include <deque>
#include <functional>
#include <optional>
#include <string>
#include <utility>
#include <vector>

#include "align/plan.h"
#include "bag/bag_reader.h"
#include "convert/stream_index.h"
#include "media/stream_decoder.h"

namespace bagloom::convert {

/// A message of which no whole picture can be had.
struct LostPicture {
  MessageRef ref;
  std::string reason;
};

/// Not thread-safe. Takes pictures in the order of rows; going back starts at a keyframe again.
class StreamPictures {
 public:
  using Fetch = std::function<Result<bag::Payload>(const MessageRef&)>;

  /// What it is given outlives it, but `limits`.
  StreamPictures(const Recording& recording, std::uint32_t column, const media::StreamLimits& limits, Fetch fetch);

  /// Which messages will be asked for: nothing behind the last of them is read.
  Status want(const std::vector<align::Cell>& cells);

  /// The message's picture, valid until the next call. Errors: corrupt (and see `lost`); those of the disk.
  Result<const media::Picture*> picture(const MessageRef& ref);

  /// All messages of the wanted runs that were found to give no picture, also those that nobody asked for: a damaged message
  /// takes those up to the next keyframe with it, and so does one that is missing.
  const std::vector<LostPicture>& lost() const { return lost_; }

 private:
  Status start(std::uint64_t begin);
  Status extend(std::uint64_t keyframe);
  std::optional<std::string> why_lost(const MessageRef& ref) const;
  Status feed();
  Status step(std::uint64_t wanted);
  Status lose_from(std::uint64_t number, const std::string& reason);
  Status lose_rest(const std::string& reason);
  bool is_wanted(std::uint64_t number) const;

  const Recording& recording_;
  const std::uint32_t column_;
  const media::StreamLimits limits_;
  const Fetch fetch_;
  const StreamIndex& index_;
  std::vector<std::uint64_t> wanted_;  ///< numbers, ascending
  std::vector<LostPicture> lost_;

  // Of the run from one keyframe on; over the next ones where their leading pictures are wanted.
  std::optional<media::StreamDecoder> decoder_;
  std::optional<std::uint64_t> keyframe_, group_;               ///< that it began at; that `stop_` was set for last
  std::uint64_t next_ = 0, stop_ = 0;                           ///< the next message to read, and the last one
  bool finished_ = false;                                       ///< no packet follows; what is in the decoder comes out
  bool exhausted_ = false;                                      ///< and all has come
  std::optional<std::uint64_t> damaged_;                        ///< from here on
  std::deque<std::uint64_t> pending_;                           ///< read, but no picture yet
  std::vector<std::pair<std::uint64_t, media::Picture>> held_;  ///< came out before their turn; front: in use
  media::Picture picture_;
};

}  // namespace bagloom::convert
