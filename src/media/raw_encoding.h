// The encodings that sensor_msgs/Image names, as a table (bag-formats.md 7.1).
#pragma once

#include <cstdint>
#include <string_view>

#include "media/picture.h"

namespace bagloom::media {

/// How the samples of a raw picture lie in its rows.
enum class RawLayout {
  unknown,
  packed,        ///< pixel after pixel, as PixelFormat has it
  packed_alpha,  ///< three colours and an alpha that is left out
  wide,          ///< three or four colours of 16 bits: their upper 8 are taken, rounded
  uyvy,          ///< U Y V Y
  yuyv,          ///< Y U Y V
  nv12,          ///< luma plane, then U V pairs of half the size
  nv21,          ///< the same with V U
  nv24,          ///< luma plane, then U V pairs of the whole size
  i420,          ///< three planes
  bayer8,
  bayer16,
  depth16,   ///< unsigned
  depth16s,  ///< signed
  depth32f,  ///< metres
  depth64f,
};

struct RawEncoding {
  RawLayout layout = RawLayout::unknown;
  std::uint32_t pixel_bytes = 0;           ///< of the first plane
  PixelFormat format = PixelFormat::none;  ///< what decoding gives
  int bayer = 0;                           ///< 0 rggb, 1 bggr, 2 gbrg, 3 grbg
  bool is_depth() const { return layout >= RawLayout::depth16; }
  bool is_yuv() const { return layout >= RawLayout::uyvy && layout <= RawLayout::i420; }
};

/// Names are compared without regard to case. Unknown ones have the layout `unknown`.
RawEncoding raw_encoding(std::string_view name);

/// The table's names of colour encodings, for messages.
std::string_view raw_colour_names();

}  // namespace bagloom::media
