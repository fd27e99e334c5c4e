// The keyframe pass: which messages of a video topic decoding may begin at. In a file, so that memory does not grow with length.
#pragma once

#include <cstdint>
#include <functional>
#include <memory>
#include <string>
#include <vector>

#include "align/plan_file.h"
#include "base/message_ref.h"
#include "base/source.h"
#include "convert/keyframe_pass.h"
#include "media/stream_packet.h"

namespace bagloom::convert {

struct Recording;
struct FeatureColumns;
struct Excluded;
struct CameraOutput;

/// Messages are numbered from 0 in the order of MessageRef. Thread-safe once made.
class StreamIndex {
 public:
  /// Reads the topic's messages once. `path`: where the index is kept, taken as it is where a whole one of this recording stands
  /// there already; empty: a temporary file without a name. Errors: unreadable (the disk under the recording), io and temporary
  /// (the index's own file), stopped.
  static Result<std::shared_ptr<const StreamIndex>> make(const Recording& recording, std::uint32_t column,
                                                         media::StreamCodec codec, const std::string& path,
                                                         const std::function<bool()>& stop);

  const StreamFacts& facts() const { return facts_; }
  Result<StreamEntry> entry(std::uint64_t number) const;
  /// What a decoder is given before the entry's packet; often nothing.
  Result<std::vector<std::byte>> parameter_sets(const StreamEntry& entry) const;
  /// Of all entries, in the order in which the file has them.
  Result<std::vector<std::byte>> all_parameter_sets() const;
  /// The message's number. Error (internal): none of this topic's.
  Result<std::uint64_t> find(const MessageRef& ref) const;
  /// The number of the keyframe that decoding a usable message begins at: the last one up to it, of a leading picture the one
  /// before that.
  Result<std::uint64_t> begin_of(const StreamEntry& entry) const;
  /// The number of the first keyframe behind `number`, or of messages.
  Result<std::uint64_t> next_keyframe(std::uint64_t number) const;
  /// Calls `visit` for each message that is not usable.
  Status visit_unusable(const std::function<void(const StreamEntry&)>& visit) const;

 private:
  StreamIndex() = default;
  static Result<std::shared_ptr<const StreamIndex>> open(const std::string& path, std::uint32_t recording);

  std::unique_ptr<Source> file_;
  std::uint64_t sets_bytes_ = 0;
  std::uint32_t recording_ = 0;  ///< goes into the entries' MessageRefs
  StreamFacts facts_;
};

/// The messages that must be read for these cells, in order: from each keyframe to the last message wanted behind it.
Result<std::vector<MessageRef>> stream_inputs(const StreamIndex& index, const std::vector<align::Cell>& cells);

/// Makes the index of each camera that is a video topic (Recording::streams). `folder`: where they are kept; empty: nowhere.
/// Topics that several features share have one. `made` (JobSetup::streams): those that are there already. Errors: as
/// StreamIndex::make; corrupt (no keyframe, or no video in this recording).
Status index_streams(Recording& recording, const FeatureColumns& columns, const std::vector<CameraOutput>& cameras,
                     const std::string& folder, const std::function<bool()>& stop,
                     const std::vector<std::vector<std::shared_ptr<const StreamIndex>>>& made = {});

/// Messages that are not usable count as not recorded.
Status exclude_unusable_of(const StreamIndex& index, Excluded& excluded);

}  // namespace bagloom::convert
