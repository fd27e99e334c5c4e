// Size and channels of an encoded still picture, from its header only.
#pragma once

#include <cstdint>

#include "base/bytes.h"
#include "base/result.h"

namespace bagloom::dataset::verify {

struct ImageHeader {
  std::uint32_t width = 0, height = 0;
  std::uint32_t channels = 0;  ///< a palette counts as 3
};
/// PNG, JPEG (SOF) or TIFF (first directory). Error (corrupt): none of them, cut short, or without an end (PNG, JPEG).
Result<ImageHeader> read_image_header(Bytes bytes);

}  // namespace bagloom::dataset::verify
