// What the cameras see: a pan and zoom over the texture, an object that moves, sensor noise, and the pattern.
#pragma once

#include <cstddef>
#include <cstdint>
#include <vector>

#include "base/time.h"
#include "synth/texture.h"

namespace bagloom::synth {

/// Made once for a recording; a picture costs about as much as copying it a few times. Any order of pictures gives the same
/// pictures.
class Scene {
 public:
  Scene(std::uint32_t width, std::uint32_t height, std::uint64_t seed);

  /// Draws into rgb24 pixels; `stride` in bytes. `tau` is the nominal time of the picture.
  void draw(std::uint32_t camera, std::uint64_t frame, TimeNs tau, std::uint8_t* rgb, std::ptrdiff_t stride) const;

 private:
  void draw_background(std::uint32_t camera, TimeNs tau, std::uint8_t* rgb, std::ptrdiff_t stride) const;
  void draw_object(std::uint32_t camera, TimeNs tau, std::uint8_t* rgb, std::ptrdiff_t stride) const;
  void add_noise(std::uint32_t camera, std::uint64_t frame, std::uint8_t* rgb, std::ptrdiff_t stride) const;

  std::uint32_t width_, height_;
  std::uint64_t seed_;
  Texture texture_;
  std::vector<std::int8_t> noise_;  // of a deviation of 1.3 grey levels
};

}  // namespace bagloom::synth
