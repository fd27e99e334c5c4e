// What a recording holds, topic by topic, as far as guessing a recipe needs it. Internal to recipe/.
#pragma once

#include <cstdint>
#include <functional>
#include <memory>
#include <string>
#include <vector>

#include "bag/bag_reader.h"
#include "msg/definition.h"
#include "msg/definition_set.h"
#include "recipe/recipe.h"

namespace bagloom::recipe {

/// A topic with at least one message. Where connections differ, the one that holds the first message counts.
struct Topic {
  std::string name;
  std::string type;
  std::uint64_t messages = 0;
  MessageRef first;
  std::vector<MessageRef> early;  ///< the first few, `first` included: the very first message may be odd
  double rate = 0;                ///< messages a second, from the first stretch of the recording; 0: fewer than two messages
  std::shared_ptr<const msg::Definition> definition;  ///< null: empty or not to be read
  std::string trouble;                                ///< why `definition` is null

  /// "CompressedImage" of "sensor_msgs/CompressedImage": types are compared so, packages differ (bag-formats.md 8.2).
  std::string type_name() const;
};

class Survey {
 public:
  /// Reads the index up to the first messages of each topic; no payload.
  static Result<Survey> take(bag::BagReader& bag, const msg::DefinitionSet& definitions);

  const std::vector<Topic>& topics() const { return topics_; }  ///< by name
  const Topic* find(const std::string& name) const;
  Result<bag::Payload> message(const MessageRef& ref) const { return bag_->fetch(ref); }
  /// The topic's messages that guessing looks at, handed to `look` as they are read: the early ones, and where none of them can
  /// be read, the first one that can of at most 16 others, each in another compressed chunk. Ends when `look` returns true.
  /// Where nothing could be read, why: file, offset, topic, reason, of the first message. Else empty.
  std::string read_early(const Topic& topic, const std::function<bool(const bag::Payload&)>& look) const;

 private:
  std::vector<MessageRef> later_messages(const Topic& topic) const;

  bag::BagReader* bag_ = nullptr;
  std::vector<Topic> topics_;
};

/// What a camera topic's first message shows.
struct CameraFacts {
  bool taken = false;  ///< this version can decode it
  std::string reason;  ///< why not: "16UC1; compressedDepth png (depth)"
  bool depth = false;  ///< not taken, but a feature with `depth:` would be
  bool video = false;  ///< a video topic, whose pictures' size is not looked for
  std::uint32_t width = 0, height = 0;
  /// "640x480", or "video".
  std::string size_text() const;
};
/// Whether the topic's definition is that of a picture at all.
bool is_camera(const Topic& topic);
CameraFacts probe_camera(const Survey& survey, const Topic& topic);

/// The line that says why a topic of pictures is not in the recipe; of depth, how to have it all the same.
std::string left_out_line(const Topic& topic, const CameraFacts& facts);

/// A camera at its own size; where that is odd, the next smaller even one (yuv420p has half as many chroma samples).
Feature camera_feature(const std::string& name, const Topic& topic, const CameraFacts& facts);

/// A part with the default rules of states or commands.
VectorPart plain_part(const std::string& topic, const std::string& field, std::vector<std::string> names, bool command);

}  // namespace bagloom::recipe
