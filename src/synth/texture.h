// A large colour texture of smooth noise that repeats without a seam.
#pragma once

#include <cstdint>
#include <vector>

namespace bagloom::synth {

/// Square, `side` a power of two; pixels are 0x00BBGGRR in rows. Immutable once made.
struct Texture {
  std::uint32_t side = 0;
  std::vector<std::uint32_t> pixels;

  const std::uint32_t* row(std::int64_t y) const { return pixels.data() + (static_cast<std::uint64_t>(y) & (side - 1)) * side; }
};

/// Patches of colour with edges, shaded by several octaves of value noise; integer arithmetic only.
Texture make_texture(std::uint32_t side, std::uint64_t seed);

}  // namespace bagloom::synth
