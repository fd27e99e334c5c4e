#include "pictures.h"

#include <algorithm>
#include <cstring>

namespace bagloom::media {
namespace {

std::uint32_t mixed(std::uint32_t a, std::uint32_t b, std::uint32_t c) {
  std::uint32_t h = a * 0x9e3779b1u ^ b * 0x85ebca77u ^ c * 0xc2b2ae3du;
  h ^= h >> 15;
  h *= 0x2c1b3c6du;
  h ^= h >> 12;
  h *= 0x297a2d39u;
  return h ^ h >> 15;
}

/// Smooth noise, 0 to 1, of this cell size.
float value_noise(float x, float y, float cell, std::uint32_t seed) {
  x /= cell;
  y /= cell;
  const float left = std::floor(x), top = std::floor(y);
  const auto at = [&](float dx, float dy) {
    return static_cast<float>(mixed(static_cast<std::uint32_t>(static_cast<int>(left + dx)),
                                    static_cast<std::uint32_t>(static_cast<int>(top + dy)), seed) >>
                              8) /
           16777216.0f;
  };
  const float fx = x - left, fy = y - top;
  const float above = at(0, 0) + (at(1, 0) - at(0, 0)) * fx, below = at(0, 1) + (at(1, 1) - at(0, 1)) * fx;
  return above + (below - above) * fy;
}

float brightness(std::uint32_t x, std::uint32_t y, int n) {
  const float t = static_cast<float>(n) / 30;
  const float px = static_cast<float>(x) + 80 * std::sin(t * 0.7f), py = static_cast<float>(y) + 40 * std::sin(t * 0.9f);
  float value = 30 + 90 * value_noise(px, py, 96, 1) + 60 * value_noise(px, py, 24, 2) + 36 * value_noise(px, py, 7, 3) +
                12 * value_noise(px, py, 2, 4);
  const float dx = px - 160 - 90 * std::sin(t * 1.3f), dy = py - 120 - 60 * std::cos(t * 1.1f);
  if (dx * dx + dy * dy < 900) value = 220 - value / 3;
  return value + static_cast<float>(mixed(x, y, static_cast<std::uint32_t>(n) + 77) >> 30) - 1.5f;
}

std::uint8_t clipped(float value, float low, float high) { return static_cast<std::uint8_t>(std::clamp(value, low, high)); }

int chroma_rows(const Picture& picture) {
  switch (picture.format()) {
    case PixelFormat::yuv420p:
    case PixelFormat::yuv420p_full:
    case PixelFormat::yuv440p_full: return static_cast<int>(picture.height() + 1) / 2;
    default: return static_cast<int>(picture.height());
  }
}
int row_bytes(const Picture& picture, int plane) {
  const int width = static_cast<int>(picture.width());
  switch (picture.format()) {
    case PixelFormat::rgb24:
    case PixelFormat::bgr24: return 3 * width;
    case PixelFormat::yuv420p:
    case PixelFormat::yuv420p_full:
    case PixelFormat::yuv422p_full: return plane == 0 ? width : (width + 1) / 2;
    case PixelFormat::yuv411p_full: return plane == 0 ? width : (width + 3) / 4;
    default: return width;
  }
}

}  // namespace

void paint_scene(Picture& rgb, int n) {
  for (std::uint32_t y = 0; y < rgb.height(); ++y) {
    std::uint8_t* row = rgb.plane(0) + static_cast<std::ptrdiff_t>(y) * rgb.stride(0);
    for (std::uint32_t x = 0; x < rgb.width(); ++x) {
      const float value = brightness(x, y, n);
      row[3 * x] = clipped(value * 1.1f, 0, 255);
      row[3 * x + 1] = clipped(value, 0, 255);
      row[3 * x + 2] = clipped(value * 0.8f + 20, 0, 255);
    }
  }
}

void paint_scene_yuv(Picture& yuv, std::uint32_t width, std::uint32_t height, int n) {
  ASSERT_OK(yuv.reshape(PixelFormat::yuv420p, width, height));
  for (std::uint32_t y = 0; y < height; ++y) {
    for (std::uint32_t x = 0; x < width; ++x)
      yuv.plane(0)[y * static_cast<std::uint32_t>(yuv.stride(0)) + x] = clipped(brightness(x, y, n), 16, 235);
  }
  for (int plane = 1; plane < 3; ++plane) {
    for (std::uint32_t y = 0; y < height / 2; ++y) {
      for (std::uint32_t x = 0; x < width / 2; ++x) {
        const float colour = value_noise(static_cast<float>(2 * x) + 80 * std::sin(static_cast<float>(n) / 43),
                                         static_cast<float>(2 * y), 64, static_cast<std::uint32_t>(plane) + 9);
        yuv.plane(plane)[y * static_cast<std::uint32_t>(yuv.stride(plane)) + x] = clipped(100 + 56 * colour, 16, 240);
      }
    }
  }
}

void paint_rgb(Picture& rgb, std::uint32_t seed) {
  for (std::uint32_t y = 0; y < rgb.height(); ++y) {
    std::uint8_t* row = rgb.plane(0) + static_cast<std::ptrdiff_t>(y) * rgb.stride(0);
    for (std::uint32_t x = 0; x < rgb.width(); ++x) {
      for (std::uint32_t c = 0; c < 3; ++c) {
        row[3 * x + c] = static_cast<std::uint8_t>(40 + (x * (c + 1) + y * (3 - c)) % 160 + mixed(x, y, seed + c) % 24);
      }
    }
  }
}

double psnr(const Picture& a, const Picture& b) {
  double sum = 0;
  for (std::uint32_t y = 0; y < a.height(); ++y) {
    for (std::uint32_t x = 0; x < a.width(); ++x) {
      const int d = a.plane(0)[y * static_cast<std::uint32_t>(a.stride(0)) + x] -
                    b.plane(0)[y * static_cast<std::uint32_t>(b.stride(0)) + x];
      sum += d * d;
    }
  }
  return sum == 0 ? 100 : 10 * std::log10(255.0 * 255 * a.width() * a.height() / sum);
}

std::vector<std::vector<std::uint8_t>> plane_copies(const Picture& picture) {
  std::vector<std::vector<std::uint8_t>> planes;
  for (int i = 0; i < 3 && picture.plane(i) != nullptr; ++i) {
    std::vector<std::uint8_t> plane;
    const int rows = i == 0 ? static_cast<int>(picture.height()) : chroma_rows(picture);
    for (int y = 0; y < rows; ++y) {
      const std::uint8_t* row = picture.plane(i) + static_cast<std::ptrdiff_t>(y) * picture.stride(i);
      plane.insert(plane.end(), row, row + row_bytes(picture, i));
    }
    planes.push_back(std::move(plane));
  }
  return planes;
}

bool same_pixels(const Picture& a, const Picture& b) {
  return a.format() == b.format() && a.width() == b.width() && a.height() == b.height() && plane_copies(a) == plane_copies(b);
}

Encoded encode_scene(const EncoderSettings& settings, int first, int count) {
  Encoded encoded;
  auto encoder = SegmentEncoder::open(settings, [&](const Packet& packet) -> Status {
    encoded.packets.push_back({{packet.bytes.begin(), packet.bytes.end()}, packet.keyframe});
    return {};
  });
  EXPECT_OK(encoder);
  if (!encoder) return encoded;
  Picture picture;
  for (int i = 0; i < count; ++i) {
    paint_scene_yuv(picture, settings.width, settings.height, first + i);
    EXPECT_OK((*encoder)->push(picture));
  }
  EXPECT_OK((*encoder)->finish());
  encoded.stream = (*encoder)->stream();
  return encoded;
}

void write_mp4(const std::string& path, const StreamParameters& stream, const std::vector<OwnedPacket>& packets) {
  auto writer = Mp4Writer::create(path, stream);
  ASSERT_OK(writer);
  for (const OwnedPacket& packet : packets) ASSERT_OK((*writer)->write({packet.bytes, packet.keyframe}));
  ASSERT_OK((*writer)->finish());
}

}  // namespace bagloom::media
