// The machine-readable pattern in a picture's corner: docs/synth.md. `read_pattern` is declared in synth.h.
#pragma once

#include <cstddef>
#include <cstdint>

namespace bagloom::synth {

/// CRC of camera (4 bits) and frame (16 bits), 12 bits.
std::uint32_t pattern_checksum(std::uint32_t camera, std::uint32_t frame);

/// Draws the pattern into rgb24 pixels of at least 80 x 60; `stride` in bytes.
void draw_pattern(std::uint8_t* rgb, std::uint32_t width, std::uint32_t height, std::ptrdiff_t stride, std::uint32_t camera,
                  std::uint32_t frame);

}  // namespace bagloom::synth
