// A JPEG's markers, read without decoding (ITU T.81 annex B).
#pragma once

#include <array>
#include <cstdint>

#include "base/bytes.h"
#include "base/result.h"
#include "media/picture_decoder.h"

namespace bagloom::media {

struct JpegHeader {
  std::uint32_t width = 0, height = 0;
  std::uint8_t frame_marker = 0;  ///< 0xC0 baseline, 0xC1 extended, 0xC2 progressive, ...
  std::uint8_t bits = 0;
  int components = 0;
  std::array<std::uint8_t, 4> horizontal{}, vertical{};  ///< sampling factors
  std::array<std::uint8_t, 4> ids{};
  int adobe_transform = -1;  ///< of an APP14 Adobe segment; -1: none
  bool jfif = false;
  bool may_be_turned = false;   ///< Exif or XMP, whose orientation some readers turn the picture by
  int frames = 0;               ///< frame headers seen
  std::size_t scan_offset = 0;  ///< first byte of entropy-coded data of the first scan
};

bool is_jpeg(Bytes bytes);

/// Reads markers up to the first scan. Error: corrupt, with the offset; sizes beyond the caps too.
Result<JpegHeader> read_jpeg_header(Bytes jpeg);

/// The layout of its planes; none where only a conversion to RGB can give it (RGB or CMYK coloured, odd samplings).
PixelFormat plane_format(const JpegHeader& header);

}  // namespace bagloom::media
