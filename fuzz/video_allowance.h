// What reading an mp4 with libav may take: of the harnesses of mp4 files.
#pragma once

#include <cstddef>
#include <cstdint>
#include <string_view>

#include "base/bytes.h"

extern "C" {
#include <libavutil/mem.h>
}

namespace bagloom::fuzz {

/// Larger pictures are legal and slow: not decoded.
inline constexpr std::uint64_t kMostVideoPixels = 256 * 256;

/// At the process's start. One block of libav's: a picture's size stands in its bytes too, and libav believes those; its H.264
/// decoder alone takes blocks of 0.8 MB.
inline void bound_libav_video() { av_max_alloc(1u << 20); }

/// libav's tables (H.264 0.9 MB, to find the stream's kind and again to decode; dav1d 2 MB), and pictures of a block each: for
/// whatever a description of samples names, which libav reads under many names.
inline std::uint64_t video_bytes(Bytes file) {
  return as_text(file).find("stsd") != std::string_view::npos ? 6u << 20 : 192 * 1024;
}

}  // namespace bagloom::fuzz
