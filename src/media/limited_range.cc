#include "media/limited_range.h"

#include <cstdint>

// Why not swscale: it takes such a picture through its scaler's 15-bit lines, which cost 8 % of a whole conversion to h264 at the
// cameras' own size, and rounds twice. These are two lines of integer arithmetic, which the compiler makes vectors of.
namespace bagloom::media {
namespace {

/// floor(v / 255) for v < 65535, within 16 bits.
inline std::uint16_t over_255(std::uint16_t v) { return static_cast<std::uint16_t>((v + 1u + (v >> 8)) >> 8); }

struct Luma {
  static std::uint8_t limited(std::uint8_t y) {
    return static_cast<std::uint8_t>(16 + over_255(static_cast<std::uint16_t>(y * 219u + 127u)));
  }
};
struct Chroma {
  // 128 + 224 (c - 128) / 255 = (224 c + 128 * 255 - 224 * 128) / 255
  static std::uint8_t limited(std::uint8_t c) {
    return static_cast<std::uint8_t>(over_255(static_cast<std::uint16_t>(c * 224u + 128u * 255u - 224u * 128u + 127u)));
  }
};

template <class Plane>
void limit_plane(const Picture& in, Picture& out, int plane, std::uint32_t width, std::uint32_t height) {
  for (std::uint32_t y = 0; y < height; ++y) {
    const std::uint8_t* __restrict from = in.plane(plane) + static_cast<std::ptrdiff_t>(y) * in.stride(plane);
    std::uint8_t* __restrict to = out.plane(plane) + static_cast<std::ptrdiff_t>(y) * out.stride(plane);
    for (std::uint32_t x = 0; x < width; ++x) to[x] = Plane::limited(from[x]);
  }
}

}  // namespace

bool can_limit_range(PixelFormat in, PixelFormat out) { return in == PixelFormat::yuv420p_full && out == PixelFormat::yuv420p; }

Status limit_range(const Picture& in, Picture& out) {
  RETURN_IF_ERROR(out.reshape(PixelFormat::yuv420p, in.width(), in.height()));
  limit_plane<Luma>(in, out, 0, in.width(), in.height());
  for (int plane = 1; plane < 3; ++plane) limit_plane<Chroma>(in, out, plane, (in.width() + 1) / 2, (in.height() + 1) / 2);
  return {};
}

}  // namespace bagloom::media
