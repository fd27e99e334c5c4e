// Numbers of the video grid: pure functions.
#pragma once

#include <cstdint>

namespace bagloom::dataset::verify {

/// V83 as LeRobot tests it (lerobot-format.md 6.3): float32 of `from_s + float32(k / fps)` lies within 1e-4 s of float32 of the
/// picture's own time, `frame / fps`.
bool within_tolerance(double from_s, std::uint64_t k, std::uint64_t frame, std::int64_t fps);

/// V94: how many of `rows` pictures LeRobot samples for statistics (lerobot-format.md 5.3).
std::uint64_t sampled_pictures(std::uint64_t rows);
/// Pixels of a picture after LeRobot's downsampling (5.3): what its streaming encoder counts.
std::uint64_t sampled_pixels(std::uint32_t width, std::uint32_t height);

/// The numbers 0..size-1 in a random order that takes no memory: a Feistel network over the next power of four, walked until the
/// number is in range. The same seed gives the same order.
class RandomOrder {
 public:
  RandomOrder(std::uint64_t size, std::uint64_t seed);
  /// The i-th number; i < size.
  std::uint64_t operator()(std::uint64_t i) const;

 private:
  std::uint64_t size_, seed_;
  unsigned half_bits_ = 1;
};

}  // namespace bagloom::dataset::verify
