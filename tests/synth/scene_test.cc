#include "synth/scene.h"

#include <gtest/gtest.h>

#include <cstdlib>
#include <vector>

#include "media/picture_decoder.h"
#include "media/picture_scaler.h"
#include "media/segment_encoder.h"
#include "synth/synth.h"

namespace bagloom::synth {
namespace {

constexpr std::uint32_t kWidth = 320, kHeight = 240;

std::vector<std::uint8_t> draw(const Scene& scene, std::uint32_t camera, std::uint64_t frame) {
  std::vector<std::uint8_t> rgb(kWidth * kHeight * 3);
  scene.draw(camera, frame, static_cast<TimeNs>(frame) * 33'333'333, rgb.data(), kWidth * 3);
  return rgb;
}

/// Mean distance of the pixels below the pattern.
double difference(const std::vector<std::uint8_t>& a, const std::vector<std::uint8_t>& b) {
  double sum = 0;
  const std::size_t from = a.size() / 4;
  for (std::size_t i = from; i < a.size(); ++i) sum += std::abs(a[i] - b[i]);
  return sum / static_cast<double>(a.size() - from);
}

TEST(Scene, AnyOrderGivesTheSamePictures) {
  const Scene one(kWidth, kHeight, 5), two(kWidth, kHeight, 5);
  const auto first = draw(one, 0, 3);
  draw(two, 1, 9);
  EXPECT_EQ(first, draw(two, 0, 3));
  EXPECT_EQ(first, draw(one, 0, 3));
}

TEST(Scene, SeedsCamerasAndTimesDiffer) {
  const Scene one(kWidth, kHeight, 5), other(kWidth, kHeight, 6);
  EXPECT_GT(difference(draw(one, 0, 3), draw(other, 0, 3)), 10);
  EXPECT_GT(difference(draw(one, 0, 3), draw(one, 1, 3)), 10);
  const double next = difference(draw(one, 0, 3), draw(one, 0, 4)), later = difference(draw(one, 0, 3), draw(one, 0, 60));
  EXPECT_GT(next, 0.5);        // it moves, and the sensor has noise
  EXPECT_LT(next, later / 2);  // but neighbours are alike, as in a film
}

TEST(Scene, UsesTheWholeRangeOfBrightness) {
  const auto rgb = draw(Scene(kWidth, kHeight, 1), 0, 0);
  std::vector<int> counts(256);
  for (const std::uint8_t value : rgb) ++counts[value];
  int used = 0;
  for (const int count : counts) used += count > 0 ? 1 : 0;
  EXPECT_GT(used, 150);
}

/// Scaled to a size, as rgb24 without padding.
std::vector<std::uint8_t> scaled(const media::Picture& picture, std::uint32_t width, std::uint32_t height) {
  media::Picture out;
  const auto scaler = media::make_picture_scaler(
      {width, height, media::PixelFormat::rgb24, media::ScaleFilter::automatic, media::ScaleFit::stretch});
  const Status status = scaler->scale(picture, out);
  EXPECT_TRUE(status.ok()) << status.error().text();
  std::vector<std::uint8_t> rgb;
  for (std::uint32_t y = 0; y < height; ++y) {
    const std::uint8_t* row = out.plane(0) + static_cast<std::ptrdiff_t>(y) * out.stride(0);
    rgb.insert(rgb.end(), row, row + width * 3);
  }
  return rgb;
}

TEST(Scene, PatternSurvivesJpegAndScalingToAQuarter) {
  const Scene scene(848, 480, 2);
  media::Picture drawn, decoded;
  const auto decoder = media::make_picture_decoder({});
  for (const int quality : {30, 90}) {
    for (const std::uint32_t frame : {0u, 12345u, 65535u}) {
      ASSERT_TRUE(drawn.reshape(media::PixelFormat::rgb24, 848, 480).ok());
      scene.draw(1, frame, 0, drawn.plane(0), drawn.stride(0));
      const auto jpeg = media::encode_jpeg(drawn, quality);
      ASSERT_TRUE(jpeg.ok());
      media::EncodedPicture encoded;
      encoded.compressed = true;
      encoded.encoding = "jpeg";
      encoded.data = jpeg.value();
      ASSERT_TRUE(decoder->decode(encoded, decoded).ok());
      for (const auto& [width, height] : {std::pair{848u, 480u}, {640u, 480u}, {424u, 240u}, {212u, 120u}, {160u, 120u}}) {
        const auto found = read_pattern(scaled(decoded, width, height).data(), width, height);
        ASSERT_TRUE(found) << width << "x" << height << " quality " << quality;
        EXPECT_EQ(found->camera, 1u);
        EXPECT_EQ(found->frame, frame);
      }
    }
  }
}

TEST(Scene, SizeOfTheJpegsIsThatOfACamera) {
  const Scene scene(848, 480, 1);
  media::Picture drawn;
  ASSERT_TRUE(drawn.reshape(media::PixelFormat::rgb24, 848, 480).ok());
  for (std::uint32_t i = 0; i < 6; ++i) {
    scene.draw(i % 3, i * 50, i * 1'666'666'666, drawn.plane(0), drawn.stride(0));
    const auto jpeg = media::encode_jpeg(drawn, 90);
    ASSERT_TRUE(jpeg.ok());
    EXPECT_GT(jpeg.value().size(), 60'000u);
    EXPECT_LT(jpeg.value().size(), 95'000u);
  }
}

}  // namespace
}  // namespace bagloom::synth
