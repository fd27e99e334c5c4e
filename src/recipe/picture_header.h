// The sizes in a picture file's first bytes: enough to guess a recipe without decoding. Internal to recipe/.
#pragma once

#include <cstdint>
#include <string>

#include "base/bytes.h"
#include "base/result.h"

namespace bagloom::recipe {

struct PictureHeader {
  std::string kind;  ///< "JPEG", "PNG", "WebP", "TIFF"; empty: none of them
  std::uint32_t width = 0, height = 0;
  bool wide_grey = false;  ///< one channel of 16 bits: depth
};

/// Error: corrupt (a file of one of these kinds whose header does not hold together).
Result<PictureHeader> read_file_header(Bytes file);

}  // namespace bagloom::recipe
