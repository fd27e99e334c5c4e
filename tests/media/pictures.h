// What the tests of media share: pictures that move like natural ones, references, temporary names.
#pragma once

#include <gtest/gtest.h>
#include <unistd.h>

#include <cmath>
#include <cstdint>
#include <string>
#include <vector>

#include "media/mp4.h"
#include "media/picture.h"
#include "media/picture_decoder.h"
#include "media/picture_scaler.h"
#include "media/segment_encoder.h"

#define ASSERT_OK(expression)                            \
  do {                                                   \
    const auto& result_ = (expression);                  \
    ASSERT_TRUE(result_.ok()) << result_.error().text(); \
  } while (false)
#define EXPECT_OK(expression)                            \
  do {                                                   \
    const auto& result_ = (expression);                  \
    EXPECT_TRUE(result_.ok()) << result_.error().text(); \
  } while (false)

namespace bagloom::media {

inline std::string temp_path(const std::string& name) {
  return testing::TempDir() + "media_" + std::to_string(getpid()) + "_" + name;
}

/// Noise on four scales with a drift each, a disc that crosses, and sensor noise: spectrum and motion of a camera's picture.
void paint_scene(Picture& rgb, int n);
/// The scene as the encoder takes it.
void paint_scene_yuv(Picture& yuv, std::uint32_t width, std::uint32_t height, int n);
/// A quiet gradient with fine noise; for decoders.
void paint_rgb(Picture& rgb, std::uint32_t seed);

/// dB over the first plane.
double psnr(const Picture& a, const Picture& b);
bool same_pixels(const Picture& a, const Picture& b);
std::vector<std::vector<std::uint8_t>> plane_copies(const Picture& picture);

struct OwnedPacket {
  std::vector<std::byte> bytes;
  bool keyframe = false;
};
struct Encoded {
  std::vector<OwnedPacket> packets;
  StreamParameters stream;
};
/// Pictures [first, first + count) of the scene as one segment.
Encoded encode_scene(const EncoderSettings& settings, int first, int count);
void write_mp4(const std::string& path, const StreamParameters& stream, const std::vector<OwnedPacket>& packets);

}  // namespace bagloom::media
