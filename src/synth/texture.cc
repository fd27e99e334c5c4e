#include "synth/texture.h"

#include <algorithm>
#include <array>

#include "synth/random.h"

namespace bagloom::synth {
namespace {

/// One octave of value noise: random numbers on a lattice that wraps, smooth between them.
class Octave {
 public:
  Octave(std::uint32_t side, std::uint32_t period, int amplitude, std::uint64_t seed, std::uint64_t stream)
      : period_(period),
        cells_(side / period),
        amplitude_(amplitude),
        lattice_(static_cast<std::size_t>(cells_) * cells_),
        column_(cells_ + 1) {
    for (std::size_t i = 0; i < lattice_.size(); ++i) lattice_[i] = static_cast<int>(draw(seed, stream, i) & 0xff) - 128;
    const std::int64_t p = period;
    for (std::int64_t k = 0; k < p; ++k)  // 3 k^2 - 2 k^3, of 0..1, times 256
      weight_.push_back(static_cast<int>((3 * k * k * p - 2 * k * k * k) * 256 / (p * p * p)));
  }

  /// Adds amplitude * noise (-128..127) for the row y.
  void add_row(std::uint32_t y, std::vector<int>& sum) {
    const std::uint32_t above = y / period_, below = (above + 1) % cells_;
    const int w = weight_[y % period_];
    for (std::uint32_t c = 0; c <= cells_; ++c) {
      const int a = lattice_[static_cast<std::size_t>(above) * cells_ + c % cells_];
      const int b = lattice_[static_cast<std::size_t>(below) * cells_ + c % cells_];
      column_[c] = (a * 256 + (b - a) * w) * amplitude_;
    }
    int* out = sum.data();
    for (std::uint32_t c = 0; c < cells_; ++c) {
      const int a = column_[c] >> 8, d = (column_[c + 1] - column_[c]) >> 8;
      for (std::uint32_t k = 0; k < period_; ++k) *out++ += a + ((d * weight_[k]) >> 8);
    }
  }

 private:
  std::uint32_t period_, cells_;
  int amplitude_;
  std::vector<int> lattice_, column_, weight_;
};

/// Octaves whose amplitudes fall with the period; the sum is in 1/16 of a grey level.
class Noise {
 public:
  Noise(std::uint32_t side, std::uint32_t longest, std::uint32_t shortest, int amplitude, int fall_percent, std::uint64_t seed,
        std::uint64_t stream)
      : sum_(side) {
    for (std::uint32_t period = std::min(longest, side / 2); period >= shortest; period /= 2) {
      octaves_.emplace_back(side, period, std::max(amplitude, 1), seed, mix(stream) ^ period);
      amplitude = amplitude * fall_percent / 100;
    }
  }
  const std::vector<int>& row(std::uint32_t y) {
    std::fill(sum_.begin(), sum_.end(), 0);
    for (Octave& octave : octaves_) octave.add_row(y, sum_);
    return sum_;
  }

 private:
  std::vector<Octave> octaves_;
  std::vector<int> sum_;
};

}  // namespace

Texture make_texture(std::uint32_t side, std::uint64_t seed) {
  Noise shade(side, 256, 8, 6, 82, seed, 1), red(side, 256, 32, 3, 60, seed, 2), blue(side, 256, 32, 3, 60, seed, 3);
  Noise patch(side, 256, 16, 16, 50, seed, 4);
  constexpr std::size_t kColours = 16;
  std::array<std::array<int, 3>, kColours> palette{};
  for (std::size_t i = 0; i < kColours; ++i) {
    const int grey = 70 + static_cast<int>(draw(seed, 5, i) % 110);
    for (std::size_t c = 0; c < 3; ++c) palette[i][c] = grey + static_cast<int>(draw(seed, 6 + c, i) % 50) - 25;
  }
  Texture texture{side, std::vector<std::uint32_t>(static_cast<std::size_t>(side) * side)};
  for (std::uint32_t y = 0; y < side; ++y) {
    const std::vector<int>& s = shade.row(y);
    const std::vector<int>& r = red.row(y);
    const std::vector<int>& b = blue.row(y);
    const std::vector<int>& p = patch.row(y);
    std::uint32_t* out = texture.pixels.data() + static_cast<std::size_t>(y) * side;
    for (std::uint32_t x = 0; x < side; ++x) {
      const auto& colour = palette[static_cast<std::size_t>((p[x] + 65536) >> 10) % kColours];
      const auto level = [](int base, int sixteenths) {
        return static_cast<std::uint32_t>(std::clamp(base + (sixteenths >> 4), 0, 255));
      };
      out[x] = level(colour[0], s[x] + r[x]) | level(colour[1], s[x]) << 8 | level(colour[2], s[x] + b[x]) << 16;
    }
  }
  return texture;
}

}  // namespace bagloom::synth
