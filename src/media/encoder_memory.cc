#include "media/segment_encoder.h"

namespace bagloom::media {

// First estimates; replaced by the calibration's numbers.
std::uint64_t encoder_bytes(const std::string& codec, std::uint32_t width, std::uint32_t height) {
  const std::uint64_t pixels = static_cast<std::uint64_t>(width) * height;
  return codec == "av1" ? (40ull << 20) + pixels * 120 : (4ull << 20) + pixels * 32;
}

std::uint64_t decoder_bytes(std::uint32_t width, std::uint32_t height, std::uint32_t out_width, std::uint32_t out_height) {
  return (1ull << 20) + static_cast<std::uint64_t>(width) * height * 4 + static_cast<std::uint64_t>(out_width) * out_height * 4;
}

}  // namespace bagloom::media
