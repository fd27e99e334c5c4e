// One JPEG to planes in its own sampling, through turbojpeg.
#pragma once

#include <memory>

#include "base/bytes.h"
#include "base/result.h"
#include "media/picture.h"

namespace bagloom::media {

/// Keeps turbojpeg's state between pictures. Not thread-safe.
class JpegDecoder {
 public:
  virtual ~JpegDecoder() = default;
  /// `swap_red_blue`: the channels stand swapped inside the file (bag-formats.md 7.2, `compressed rgb8`).
  virtual Status decode(Bytes jpeg, bool swap_red_blue, bool tolerate_warnings, Picture& out) = 0;
};
std::unique_ptr<JpegDecoder> make_jpeg_decoder();

}  // namespace bagloom::media
