// Numbers from a seed, the same everywhere: the standard library's distributions differ between implementations.
#pragma once

#include <cstdint>

namespace bagloom::synth {

/// A well mixed 64-bit number of x (the finaliser of SplitMix64).
constexpr std::uint64_t mix(std::uint64_t x) {
  x += 0x9E3779B97F4A7C15u;
  x = (x ^ (x >> 30)) * 0xBF58476D1CE4E5B9u;
  x = (x ^ (x >> 27)) * 0x94D049BB133111EBu;
  return x ^ (x >> 31);
}

/// A number for the index-th draw of a stream, independent of the order in which draws are made.
constexpr std::uint64_t draw(std::uint64_t seed, std::uint64_t stream, std::uint64_t index) {
  return mix(mix(mix(seed) ^ stream) ^ index);
}

/// Bell-shaped, mean 0, in units of 1/65536 of a standard deviation, never beyond six deviations:
/// the sum of twelve 16-bit numbers (Irwin-Hall), whose variance is 1.
constexpr std::int64_t bell(std::uint64_t bits) {
  std::int64_t sum = -6 * 65535;
  for (int word = 0; word < 3; ++word) {
    bits = mix(bits);
    for (int i = 0; i < 4; ++i) sum += static_cast<std::int64_t>((bits >> (16 * i)) & 0xffff);
  }
  return sum;
}

}  // namespace bagloom::synth
