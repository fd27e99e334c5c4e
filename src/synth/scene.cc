#include "synth/scene.h"

#include <algorithm>
#include <bit>

#include "synth/pattern.h"
#include "synth/random.h"
#include "synth/wave.h"

namespace bagloom::synth {
namespace {

constexpr TimeNs kSecond = kNsPerSecond;
constexpr std::int64_t kOne = 65536;                    // fixed point, 16 bits of fraction
constexpr std::int64_t kTexelsPerPixel = kOne * 8 / 5;  // finer than a pixel, so that small movements show
constexpr std::uint32_t kNoiseOffsets = 1u << 16;
constexpr std::int64_t kNoiseDeviation = kOne * 13 / 10;  // grey levels

std::int64_t fixed(double amplitude, double w) { return static_cast<std::int64_t>(amplitude * w * static_cast<double>(kOne)); }

std::uint32_t texture_side(std::uint32_t width, std::uint32_t height) {
  return std::clamp(std::bit_ceil(std::max(width, height) * 8 / 5), 256u, 4096u);
}

std::uint32_t square_root(std::uint64_t n) {
  std::uint64_t root = 0;
  for (std::uint64_t bit = 1ull << 20; bit; bit >>= 1)
    if ((root + bit) * (root + bit) <= n) root += bit;
  return static_cast<std::uint32_t>(root);
}

}  // namespace

Scene::Scene(std::uint32_t width, std::uint32_t height, std::uint64_t seed)
    : width_(width),
      height_(height),
      seed_(seed),
      texture_(make_texture(texture_side(width, height), seed)),
      noise_(kNoiseOffsets + 3ull * width) {
  for (std::size_t i = 0; i < noise_.size(); ++i) {
    const std::int64_t value = (((bell(synth::draw(seed, 20, i)) * kNoiseDeviation) >> 16) + kOne / 2) >> 16;
    noise_[i] = static_cast<std::int8_t>(value);
  }
}

void Scene::draw_background(std::uint32_t camera, TimeNs tau, std::uint8_t* rgb, std::ptrdiff_t stride) const {
  const auto c = static_cast<TimeNs>(camera);
  const std::int64_t step = kTexelsPerPixel + fixed(0.08, wave(tau + c * kSecond, 13 * kSecond));
  const auto start = [&](std::uint64_t stream) {
    return static_cast<std::int64_t>(synth::draw(seed_, stream, camera) % texture_.side) * kOne;
  };
  const std::int64_t centre_x = start(21) + fixed(90, wave(tau, (9 + c) * kSecond)) + fixed(9, wave(tau, 2 * kSecond));
  const std::int64_t centre_y = start(22) + fixed(50, wave(tau + kSecond, (7 + c) * kSecond));
  const std::int64_t left = centre_x - step * (width_ / 2), top = centre_y - step * (height_ / 2);
  const auto mask = static_cast<std::uint64_t>(texture_.side - 1);
  std::vector<std::uint32_t> columns(width_);
  for (std::uint32_t x = 0; x < width_; ++x)
    columns[x] = static_cast<std::uint32_t>(static_cast<std::uint64_t>((left + step * x) >> 16) & mask);
  for (std::uint32_t y = 0; y < height_; ++y) {
    const std::uint32_t* texels = texture_.row((top + step * y) >> 16);
    std::uint8_t* out = rgb + static_cast<std::ptrdiff_t>(y) * stride;
    for (std::uint32_t x = 0; x < width_; ++x, out += 3) {
      const std::uint32_t texel = texels[columns[x]];
      out[0] = static_cast<std::uint8_t>(texel);
      out[1] = static_cast<std::uint8_t>(texel >> 8);
      out[2] = static_cast<std::uint8_t>(texel >> 16);
    }
  }
}

void Scene::draw_object(std::uint32_t camera, TimeNs tau, std::uint8_t* rgb, std::ptrdiff_t stride) const {
  // A disc whose texture moves along with it; blue and red are exchanged so that it stands out.
  const std::int64_t radius = std::max<std::int64_t>(4, std::min(width_, height_) / 7);
  const auto along = [](std::int64_t size, double w) {
    return size / 2 + static_cast<std::int64_t>(static_cast<double>(size) * 0.34 * w);
  };
  const std::int64_t cx = along(width_, wave(tau + camera * kSecond, 5 * kSecond));
  const std::int64_t cy = along(height_, wave(tau + camera * kSecond + 900'000'000, 4 * kSecond));
  for (std::int64_t dy = -radius; dy <= radius; ++dy) {
    const std::int64_t y = cy + dy;
    if (y < 0 || y >= height_) continue;
    const std::int64_t half = square_root(static_cast<std::uint64_t>(radius * radius - dy * dy));
    const std::uint32_t* texels = texture_.row(texture_.side / 2 + dy * 2);
    std::uint8_t* out = rgb + y * stride;
    for (std::int64_t dx = -half; dx <= half; ++dx) {
      const std::int64_t x = cx + dx;
      if (x < 0 || x >= width_) continue;
      const std::uint32_t texel = texels[static_cast<std::uint64_t>(texture_.side / 3 + dx * 2) & (texture_.side - 1)];
      const bool rim = dx - 2 < -half || dx + 2 > half;
      const auto shaded = [rim](std::uint32_t v) { return static_cast<std::uint8_t>(rim ? (v & 0xff) / 3 : 255 - (v & 0xff)); };
      out[3 * x] = shaded(texel >> 16);
      out[3 * x + 1] = shaded(texel >> 8);
      out[3 * x + 2] = shaded(texel);
    }
  }
}

void Scene::add_noise(std::uint32_t camera, std::uint64_t frame, std::uint8_t* rgb, std::ptrdiff_t stride) const {
  for (std::uint32_t y = 0; y < height_; ++y) {
    const std::int8_t* noise = noise_.data() + synth::draw(seed_, 23 + camera, frame * height_ + y) % kNoiseOffsets;
    std::uint8_t* out = rgb + static_cast<std::ptrdiff_t>(y) * stride;
    for (std::uint32_t i = 0; i < 3 * width_; ++i) {
      const int value = out[i] + noise[i];
      out[i] = static_cast<std::uint8_t>(value < 0 ? 0 : value > 255 ? 255 : value);
    }
  }
}

void Scene::draw(std::uint32_t camera, std::uint64_t frame, TimeNs tau, std::uint8_t* rgb, std::ptrdiff_t stride) const {
  draw_background(camera, tau, rgb, stride);
  draw_object(camera, tau, rgb, stride);
  add_noise(camera, frame, rgb, stride);
  draw_pattern(rgb, width_, height_, stride, camera, static_cast<std::uint32_t>(frame & 0xffff));
}

}  // namespace bagloom::synth
