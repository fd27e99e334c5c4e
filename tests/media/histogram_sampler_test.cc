#include <cmath>

#include "media/picture_scaler.h"
#include "pictures.h"

namespace bagloom::media {
namespace {

std::uint64_t total(const RgbHistogram& histogram, int channel) {
  std::uint64_t sum = 0;
  for (const std::uint64_t count : histogram.counts[channel]) sum += count;
  return sum;
}
double mean(const RgbHistogram& histogram, int channel) {
  double sum = 0;
  for (int value = 0; value < 256; ++value) sum += static_cast<double>(histogram.counts[channel][value]) * value;
  return sum / static_cast<double>(total(histogram, channel));
}

TEST(HistogramSampler, TakesLeRobotsGrid) {
  // lerobot-format.md 5.3: 848x480 by 5 gives 170x96, 640x480 by 4 gives 160x120; nothing below 300.
  for (const auto& [width, height, samples] : {std::tuple{848u, 480u, 170u * 96},
                                               {640u, 480u, 160u * 120},
                                               {299u, 200u, 299u * 200},
                                               {300u, 200u, 150u * 100},
                                               {480u, 640u, 120u * 160},
                                               {320u, 320u, 160u * 160},
                                               {1920u, 1080u, 160u * 90}}) {
    for (const PixelFormat format : {PixelFormat::rgb24, PixelFormat::yuv420p, PixelFormat::yuv444p_full, PixelFormat::gray8_full,
                                     PixelFormat::yuv411p_full}) {
      Picture picture;
      ASSERT_OK(picture.reshape(format, width, height));
      for (int i = 0; i < 3 && picture.plane(i) != nullptr; ++i) {
        const std::uint32_t rows =
            i == 0 || format == PixelFormat::yuv444p_full || format == PixelFormat::yuv411p_full ? height : height / 2;
        std::fill_n(picture.plane(i), picture.stride(i) * static_cast<int>(rows), 128);
      }
      RgbHistogram histogram;
      ASSERT_OK(make_histogram_sampler()->add(picture, histogram));
      for (int c = 0; c < 3; ++c) EXPECT_EQ(total(histogram, c), samples) << width << "x" << height << " " << name_of(format);
      EXPECT_EQ(histogram.pictures, 1u);
    }
  }
}

TEST(HistogramSampler, CountsRgbExactly) {
  Picture rgb;
  ASSERT_OK(rgb.reshape(PixelFormat::rgb24, 320, 240));
  paint_rgb(rgb, 9);
  RgbHistogram expected, histogram;
  for (int y = 0; y < 240; y += 2) {
    for (int x = 0; x < 320; x += 2) {
      for (int c = 0; c < 3; ++c) ++expected.counts[c][rgb.plane(0)[y * rgb.stride(0) + 3 * x + c]];
    }
  }
  ASSERT_OK(make_histogram_sampler()->add(rgb, histogram));
  for (int c = 0; c < 3; ++c) EXPECT_TRUE(std::equal(expected.counts[c], expected.counts[c] + 256, histogram.counts[c])) << c;
}

TEST(HistogramSampler, ConvertsByBt601) {
  struct Case {
    PixelFormat format;
    int y, cb, cr;
    double red, green, blue;
  };
  for (const Case& one :
       {Case{PixelFormat::yuv444p_full, 255, 128, 128, 255, 255, 255}, Case{PixelFormat::yuv420p, 235, 128, 128, 255, 255, 255},
        Case{PixelFormat::yuv420p, 16, 128, 128, 0, 0, 0}, Case{PixelFormat::yuv420p_full, 76, 85, 255, 254, 0, 0},
        Case{PixelFormat::yuv420p, 81, 90, 240, 254, 0, 0}, Case{PixelFormat::gray8_full, 77, 0, 0, 77, 77, 77},
        Case{PixelFormat::yuv422p_full, 100, 150, 110, 100 + 1.402 * -18, 100 - 0.344136 * 22 + 0.714136 * 18,
             100 + 1.772 * 22}}) {
    Picture picture;
    ASSERT_OK(picture.reshape(one.format, 64, 48));
    for (int i = 0; i < 3 && picture.plane(i) != nullptr; ++i) {
      const int rows = i == 0 || one.format == PixelFormat::yuv444p_full || one.format == PixelFormat::yuv422p_full ? 48 : 24;
      std::fill_n(picture.plane(i), picture.stride(i) * rows, i == 0 ? one.y : i == 1 ? one.cb : one.cr);
    }
    RgbHistogram histogram;
    ASSERT_OK(make_histogram_sampler()->add(picture, histogram));
    EXPECT_NEAR(mean(histogram, 0), one.red, 1.6) << name_of(one.format) << " " << one.y;
    EXPECT_NEAR(mean(histogram, 1), one.green, 1.6) << name_of(one.format) << " " << one.y;
    EXPECT_NEAR(mean(histogram, 2), one.blue, 1.6) << name_of(one.format) << " " << one.y;
  }
}

TEST(HistogramSampler, ScaledPictureKeepsItsMeans) {
  Picture rgb, yuv;
  ASSERT_OK(rgb.reshape(PixelFormat::rgb24, 640, 480));
  paint_scene(rgb, 4);
  ScaleTarget target;
  target.width = 640;
  target.height = 480;
  ASSERT_OK(make_picture_scaler(target)->scale(rgb, yuv));
  auto sampler = make_histogram_sampler();
  RgbHistogram before, after;
  ASSERT_OK(sampler->add(rgb, before));
  ASSERT_OK(sampler->add(yuv, after));
  for (int c = 0; c < 3; ++c) EXPECT_NEAR(mean(before, c), mean(after, c), 1.0) << c;
}

TEST(RgbHistogram, AddsUp) {
  Picture rgb;
  ASSERT_OK(rgb.reshape(PixelFormat::rgb24, 64, 48));
  auto sampler = make_histogram_sampler();
  RgbHistogram both, first, second;
  for (const std::uint32_t seed : {1u, 2u}) {
    paint_rgb(rgb, seed);
    ASSERT_OK(sampler->add(rgb, both));
    ASSERT_OK(sampler->add(rgb, seed == 1 ? first : second));
  }
  first.add(second);
  EXPECT_EQ(first.pictures, 2u);
  for (int c = 0; c < 3; ++c) EXPECT_TRUE(std::equal(both.counts[c], both.counts[c] + 256, first.counts[c]));
}

}  // namespace
}  // namespace bagloom::media
