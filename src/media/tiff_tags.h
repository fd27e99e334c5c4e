// Inside media/: the tags of a TIFF's first directory (TIFF 6.0, section 2).
#pragma once

#include <cstddef>
#include <cstdint>
#include <span>

#include "base/bytes.h"
#include "base/result.h"

namespace bagloom::media {

struct TiffHeader {
  std::uint32_t width = 0, height = 0;
  std::uint32_t bits = 0, samples = 0;  ///< of a pixel
  std::uint32_t photometric = 0;        ///< 0 and 1 grey, 2 RGB, 3 a palette, 5 CMYK, 6 YCbCr
};
/// Of the first picture. Error: corrupt (no directory, no sizes).
Result<TiffHeader> read_tiff_header(Bytes file);

/// Takes out the tags that no pixel depends on. libav's decoder, which has to be strict so that a damaged strip is an error,
/// refuses a file for each that it does not know, and OpenCV writes such. A directory that makes no sense stays as it is: what
/// reads it next says so. Error (unsupported): samples that are signed or floats, or a picture that is to be turned, which those
/// tags say.
Status keep_picture_tags(std::span<std::byte> file);

}  // namespace bagloom::media
