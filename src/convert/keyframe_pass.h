// The keyframe pass's look at one message after the other: what decoding it would take.
#pragma once

#include <cstdint>
#include <functional>
#include <map>
#include <memory>
#include <optional>
#include <string>
#include <vector>

#include "base/message_ref.h"
#include "convert/recording.h"
#include "media/format_check.h"
#include "media/parameter_sets.h"
#include "media/stream_packet.h"

namespace bagloom::convert {

/// One message of the topic, as it stands in the index.
struct StreamEntry {
  MessageRef ref;
  std::uint64_t keyframe = 0;  ///< number of the last keyframe up to this one; itself: a keyframe
  /// Parameter sets that a decoder is given before it, in the index's area of them; 0 bytes: none.
  std::uint32_t sets_at = 0, sets_bytes = 0;
  std::uint32_t width = 0, height = 0;  ///< of a keyframe's pictures
  std::uint32_t pixel_bits = 0;         ///< of a keyframe, as SequencePictures has them
  TimeNs stamp = 0;                     ///< the message's own; 0: it has none that was read
  /// Holds a picture, the keyframe that decoding it begins at (StreamIndex::begin_of) stands before it, and all between them can
  /// be read.
  bool usable = false;
  bool restart = false;                     ///< a keyframe that also the order of display begins anew at (PacketFacts)
  bool leading = false, reordered = false;  ///< as PacketFacts says
  bool sets_alone = false;                  ///< parameter sets in a message of their own
  bool is_keyframe(std::uint64_t number) const { return keyframe == number; }
};

/// What the pass found.
struct StreamFacts {
  media::StreamCodec codec = media::StreamCodec::none;
  std::uint64_t messages = 0, keyframes = 0;
  std::uint64_t before_keyframe = 0;   ///< with a picture, but no keyframe before them
  std::uint64_t without_picture = 0;   ///< parameter sets alone, or nothing
  std::uint64_t unreadable = 0;        ///< in damaged parts of the file
  std::uint64_t after_unreadable = 0;  ///< up to the next keyframe
  std::uint64_t after_missing = 0;     ///< behind a picture that is not in the recording, up to the next keyframe
  media::SequencePictures sequence;    ///< the most of what keyframes' parameter sets say, and of the pictures' order
  std::uint32_t width = 0, height = 0, pixel_bits = 0;  ///< of the first keyframe
  std::uint32_t counts_to = 0;  ///< numbers after which the stream's own count begins anew, the least; 0: not known
  bool stamps_rise = true;      ///< each picture's message has a stamp of its own, later than the one before
  // By the times (stream_holes.h).
  std::uint64_t behind_holes = 0, in_holes = 0;  ///< messages, and pictures that are missing in front of them
  std::uint64_t doubtful_holes = 0, doubtful_pictures = 0;
  TimeNs doubtful_time = 0;                       ///< receive time of the message behind the first doubtful one
  std::optional<media::FormatMismatch> mismatch;  ///< the first message that names another codec than the topic's
  bool index_mended = false;                      ///< the messages' times are not those of the recording's index (BagInfo)
};

/// Not thread-safe. Takes the messages in the order of the index.
class KeyframePass {
 public:
  KeyframePass(const Recording& recording, std::uint32_t column, media::StreamCodec codec, media::PacketParser parser);

  /// Errors: unreadable (the disk).
  Result<StreamEntry> look_at(const MessageRef& ref);
  const StreamFacts& facts() const { return facts_; }
  /// What the entries' `sets_at` count in. At most kMostKeptSets bytes.
  const std::vector<std::byte>& sets() const { return kept_; }

  /// Beyond these, keyframes without sets of their own are not usable: no encoder changes its sets that often.
  static constexpr std::size_t kMostKeptSets = 128 * 1024;

 private:
  Result<media::PacketFacts> look_into(const MessageRef& ref, StreamEntry& entry);
  bool keep(const std::vector<std::byte>& sets, StreamEntry& entry);
  void compile_stamps();

  const Recording& recording_;
  const std::uint32_t column_;
  media::PacketParser parser_;
  media::ParameterSets sets_;
  media::FormatCheck formats_;
  StreamFacts facts_;
  std::vector<std::byte> kept_;
  std::map<std::string, std::uint32_t, std::less<>> places_;         ///< of what is kept
  std::vector<std::unique_ptr<const msg::NumberExtractor>> stamps_;  ///< by connection; null: none is read
  TimeNs last_stamp_ = 0;
  std::uint64_t keyframe_;
  bool broken_ = false;   ///< since the last keyframe
  bool missing_ = false;  ///< because a picture is missing
  /// The same of the keyframe before: what leading pictures need.
  bool broken_before_ = true, missing_before_ = false;
};

}  // namespace bagloom::convert
