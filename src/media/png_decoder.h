// One PNG to rows of samples, through libpng. Any damage that a checksum shows makes the picture corrupt.
#pragma once

#include "base/bytes.h"
#include "base/result.h"
#include "media/picture.h"

namespace bagloom::media {

struct PngHeader {
  std::uint32_t width = 0, height = 0;
  std::uint8_t bits = 0;    ///< a sample
  std::uint8_t colour = 0;  ///< 0 grey, 2 RGB, 3 palette, 4 grey and alpha, 6 RGB and alpha
  bool grey() const { return colour == 0 || colour == 4; }
};

bool is_png(Bytes bytes);
/// Error: corrupt (no IHDR, sizes beyond the caps, kinds that do not exist).
Result<PngHeader> read_png_header(Bytes png);
/// What decoding gives: gray16 for grey of 16 bits, gray8_full for other grey, else rgb24.
PixelFormat png_format(const PngHeader& header);
/// It has Exif or XMP, whose orientation some readers turn the picture by.
bool png_may_be_turned(Bytes png);
/// Bytes that libpng takes while it decodes, beside the picture: rows and zlib's window.
std::uint64_t png_working_bytes(const PngHeader& header);

/// Alpha is left out, palettes are resolved, colours of 16 bits become 8 (to the nearest). `swap_red_blue`: into bgr24 in place
/// of rgb24, without moving a sample. Errors: corrupt, with libpng's words; over_limit.
Status decode_png(Bytes png, bool swap_red_blue, Picture& out);

}  // namespace bagloom::media
