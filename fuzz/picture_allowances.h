// What decoding a still picture may take: of the harnesses of pictures.
#pragma once

#include <cstddef>
#include <cstdint>
#include <string_view>

#include "allocation_cap.h"
#include "base/bytes.h"
#include "media/encoding_text.h"
#include "media/picture.h"
#include "media/picture_decoder.h"

extern "C" {
#include <libavutil/mem.h>
}

namespace bagloom::fuzz {

/// Larger pictures are legal and slow: they are probed, not decoded.
inline constexpr std::uint64_t kMostPixels = 256 * 256;

/// One block of libav's, so a plane: WebP and TIFF of up to 64 megapixels are taken (check_size).
/// Four bytes a pixel at most, and rows that are padded.
inline constexpr std::size_t kMostOfLibav = 4 * kMostPixels + 64 * 1024;

/// At the process's start.
inline void bound_libav() { av_max_alloc(kMostOfLibav); }

/// WebP and TIFF: up to four planes, what they become, and libav's tables.
inline std::uint64_t libav_bytes(Bytes file) {
  const std::string_view kind = media::kind_of_bytes(file);
  return kind == "webp" || kind == "tiff" ? 192 * 1024 + 6 * kMostOfLibav : 0;
}

/// Sizes are read where they stand.
inline Allowance probing() { return {"probing a picture", 4 * 1024, 4}; }

/// A picture of at most three bytes a pixel; six more of a progressive JPEG's coefficients, or a mosaic, or the PNG that is made
/// of it and that one's picture. And what libraries have before they know a size: deflate's window and tables take 256 KiB.
/// Twelve bytes a pixel: three pictures of four, whose rows are padded.
inline Allowance decoding(Bytes file, const media::PictureShape& shape) {
  const std::uint64_t pictures = 3 * media::picture_bytes(media::PixelFormat::grayf32, shape.width, shape.height);
  return {"decoding a picture", 319 * 1024 + pictures + libav_bytes(file), 8};
}

}  // namespace bagloom::fuzz
