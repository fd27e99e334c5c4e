// A picture as a PNG file, through libpng; lossless.
#pragma once

#include <cstddef>
#include <cstdint>
#include <vector>

#include "base/result.h"
#include "media/picture.h"

namespace bagloom::media {

/// Takes rgb24, gray8_full and gray16 (whole numbers as they are). The same bytes for the same picture, given the same libpng and
/// zlib. `out` keeps its memory from call to call. Error: internal (another layout), over_limit.
Status encode_png(const Picture& picture, std::vector<std::byte>& out);

/// Resident bytes that encoding one picture takes: zlib's state, the rows, and the file at its largest, growing.
std::uint64_t png_encoder_bytes(PixelFormat format, std::uint32_t width, std::uint32_t height);

/// "libpng 1.6.39; zlib 1.2.13"
std::string png_versions();

}  // namespace bagloom::media
