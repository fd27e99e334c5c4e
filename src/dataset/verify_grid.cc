#include "dataset/verify_grid.h"

#include <algorithm>
#include <cmath>

namespace bagloom::dataset::verify {
namespace {

/// The finaliser of splitmix64: every bit of the input changes half of the output.
std::uint64_t mix(std::uint64_t x) {
  x += 0x9e3779b97f4a7c15ull;
  x = (x ^ (x >> 30)) * 0xbf58476d1ce4e5b9ull;
  x = (x ^ (x >> 27)) * 0x94d049bb133111ebull;
  return x ^ (x >> 31);
}

constexpr int kRounds = 4;

}  // namespace

bool within_tolerance(double from_s, std::uint64_t k, std::uint64_t frame, std::int64_t fps) {
  auto timestamp = static_cast<float>(static_cast<double>(k) / static_cast<double>(fps));
  auto query = static_cast<float>(from_s + static_cast<double>(timestamp));
  auto picture = static_cast<float>(static_cast<double>(frame) / static_cast<double>(fps));
  return std::abs(query - picture) <= 1e-4f;
}

std::uint64_t sampled_pictures(std::uint64_t rows) {
  if (rows < 100) return rows;
  auto power = static_cast<std::uint64_t>(std::pow(static_cast<double>(rows), 0.75));
  return std::max<std::uint64_t>(100, std::min<std::uint64_t>(power, 10'000));
}

std::uint64_t sampled_pixels(std::uint32_t width, std::uint32_t height) {
  std::uint64_t factor = 1;
  if (std::max(width, height) >= 300) factor = std::max<std::uint64_t>(1, (width > height ? width : height) / 150);
  return ((width + factor - 1) / factor) * ((height + factor - 1) / factor);
}

RandomOrder::RandomOrder(std::uint64_t size, std::uint64_t seed) : size_(size), seed_(mix(seed)) {
  while (half_bits_ < 31 && (std::uint64_t{1} << (2 * half_bits_)) < size_) ++half_bits_;
}

std::uint64_t RandomOrder::operator()(std::uint64_t i) const {
  const std::uint64_t mask = (std::uint64_t{1} << half_bits_) - 1;
  do {
    std::uint64_t left = i >> half_bits_, right = i & mask;
    for (int round = 0; round < kRounds; ++round) {
      std::uint64_t next = left ^ (mix(right + seed_ + (static_cast<std::uint64_t>(round) << 56)) & mask);
      left = right;
      right = next;
    }
    i = (left << half_bits_) | right;
  } while (i >= size_);
  return i;
}

}  // namespace bagloom::dataset::verify
