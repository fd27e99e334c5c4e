// A camera whose topic carries video instead of pictures.
#pragma once

#include <memory>
#include <vector>

#include "base/result.h"
#include "media/picture.h"
#include "synth/synth.h"

namespace bagloom::synth {

/// Encodes one camera's pictures as they come, as a robot does; pictures that are not recorded were never seen by the encoder.
class VideoCamera {
 public:
  static Result<std::unique_ptr<VideoCamera>> open(const SynthOptions& options);
  virtual ~VideoCamera() = default;
  /// The packet of the next picture (rgb24), valid until the next call.
  virtual Result<Bytes> encode(const media::Picture& rgb) = 0;
};

}  // namespace bagloom::synth
