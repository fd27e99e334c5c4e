// Holes in a video topic that its stream's own count cannot show, because as many pictures are missing as it counts to: their
// times, and keyframes that else stand equally far apart. docs/video-topics.md says what is taken for what, and why.
#pragma once

#include <cstdint>
#include <functional>
#include <optional>
#include <vector>

#include "base/result.h"
#include "base/time.h"

namespace bagloom::convert {

/// A message of the topic, as far as holes are concerned.
struct PictureTime {
  bool picture = false;  ///< usable; others are passed over, but for what `broken` says
  bool broken = false;   ///< holds a picture, and is not usable
  bool keyframe = false;
  TimeNs time = 0;
};

struct StreamHoles {
  struct Range {
    std::uint64_t begin = 0, end = 0;  ///< messages behind a hole, up to the next keyframe
  };
  std::vector<Range> lost;
  std::uint64_t missing = 0;  ///< pictures in front of those, by the times

  /// What may be a hole, and may be a pause of the camera.
  std::uint64_t doubtful = 0;
  std::uint64_t doubtful_message = 0;   ///< behind the first
  std::uint64_t doubtful_pictures = 0;  ///< missing there, if it is one
};

/// `at(i)` is called for messages 0 to `messages` - 1, in order, up to three times. `counts_to`: numbers after which the stream's
/// own count begins anew; 0 (not known): nothing is found. Memory does not grow with the messages but for what is found.
Result<StreamHoles> find_holes(std::uint64_t messages, std::uint32_t counts_to,
                               const std::function<Result<PictureTime>(std::uint64_t)>& at);

}  // namespace bagloom::convert
