#include "media/picture_scaler.h"

extern "C" {
#include <libavutil/cpu.h>
}

#include <algorithm>

#include "pictures.h"

namespace bagloom::media {
namespace {

ScaleTarget to(std::uint32_t width, std::uint32_t height, ScaleFit fit = ScaleFit::stretch,
               ScaleFilter filter = ScaleFilter::automatic) {
  ScaleTarget target;
  target.width = width;
  target.height = height;
  target.fit = fit;
  target.filter = filter;
  return target;
}

void fill(Picture& picture, PixelFormat format, std::uint32_t width, std::uint32_t height, int first, int others) {
  ASSERT_OK(picture.reshape(format, width, height));
  for (int i = 0; i < 3 && picture.plane(i) != nullptr; ++i) {
    std::fill_n(picture.plane(i),
                static_cast<std::ptrdiff_t>(picture.stride(i)) * (i == 0 || format == PixelFormat::yuv444p_full ||
                                                                          format == PixelFormat::yuv422p_full ||
                                                                          format == PixelFormat::yuv411p_full
                                                                      ? height
                                                                      : (height + 1) / 2),
                i == 0 ? first : others);
  }
}

/// Full-range planes with structure in every plane.
void texture(Picture& picture, PixelFormat format, std::uint32_t width, std::uint32_t height) {
  fill(picture, format, width, height, 0, 128);
  for (std::uint32_t y = 0; y < height; ++y) {
    for (std::uint32_t x = 0; x < width; ++x) {
      picture.plane(0)[y * static_cast<std::uint32_t>(picture.stride(0)) + x] =
          static_cast<std::uint8_t>((x * 5 + y * 3 + (x * y) % 31) & 255);
    }
  }
}

constexpr PixelFormat kFormats[] = {PixelFormat::gray8_full,   PixelFormat::yuv420p_full, PixelFormat::yuv422p_full,
                                    PixelFormat::yuv444p_full, PixelFormat::yuv440p_full, PixelFormat::yuv411p_full,
                                    PixelFormat::yuv420p};

TEST(PictureScaler, FullRangeBecomesLimitedWhateverTheSize) {
  for (const PixelFormat format : kFormats) {
    const bool limited = format == PixelFormat::yuv420p;
    for (const auto& [width, height] : {std::pair{96u, 64u}, {48u, 32u}, {128u, 96u}, {96u, 32u}}) {
      auto scaler = make_picture_scaler(to(width, height));
      Picture in, out;
      for (const auto& [full, expected] : {std::pair{255, 235}, {0, 16}, {128, 126}}) {
        fill(in, format, 96, 64, limited ? expected : full, 128);
        ASSERT_OK(scaler->scale(in, out));
        EXPECT_EQ(out.format(), PixelFormat::yuv420p);
        EXPECT_EQ(out.width(), width);
        EXPECT_EQ(out.height(), height);
        const auto planes = plane_copies(out);
        for (const std::uint8_t value : planes[0])
          ASSERT_NEAR(value, expected, 1) << name_of(format) << " " << full << " at " << width << "x" << height;
        for (int i = 1; i < 3; ++i) {
          for (const std::uint8_t value : planes[static_cast<std::size_t>(i)]) ASSERT_EQ(value, 128) << name_of(format);
        }
      }
    }
  }
}

TEST(PictureScaler, ColoursBecomeLimitedToo) {
  Picture in, out;
  auto scaler = make_picture_scaler(to(64, 48));
  for (const PixelFormat format : {PixelFormat::yuv420p_full, PixelFormat::yuv422p_full, PixelFormat::yuv444p_full}) {
    fill(in, format, 64, 48, 100, 255);
    ASSERT_OK(scaler->scale(in, out));
    const auto colours = plane_copies(out);
    for (const std::uint8_t value : colours[1]) ASSERT_NEAR(value, 128 + 127 * 224 / 255, 1);
  }
  // Red by JFIF's formula is the same red by way of RGB.
  ASSERT_OK(in.reshape(PixelFormat::rgb24, 64, 48));
  for (int y = 0; y < 48; ++y) {
    for (int x = 0; x < 64; ++x) {
      std::uint8_t* pixel = in.plane(0) + y * in.stride(0) + 3 * x;
      pixel[0] = 200;
      pixel[1] = pixel[2] = 30;
    }
  }
  ASSERT_OK(scaler->scale(in, out));
  const double luma = 0.299 * 200 + 0.701 * 30, cr = (200 - luma) / 1.402, cb = (30 - luma) / 1.772;
  const auto planes = plane_copies(out);
  EXPECT_NEAR(planes[0][100], 16 + luma * 219 / 255, 1.5);
  EXPECT_NEAR(planes[1][100], 128 + cb * 224 / 255, 1.5);
  EXPECT_NEAR(planes[2][100], 128 + cr * 224 / 255, 1.5);
  ASSERT_OK(in.reshape(PixelFormat::bgr24, 64, 48));
  for (int y = 0; y < 48; ++y) {
    for (int x = 0; x < 64; ++x) {
      std::uint8_t* pixel = in.plane(0) + y * in.stride(0) + 3 * x;
      pixel[2] = 200;
      pixel[1] = pixel[0] = 30;
    }
  }
  Picture other;
  ASSERT_OK(scaler->scale(in, other));
  EXPECT_TRUE(same_pixels(out, other));
}

TEST(PictureScaler, ShrinkingByAWholeNumberIsTheAverage) {
  for (const std::uint32_t factor : {2u, 3u, 4u}) {
    Picture in, out;
    texture(in, PixelFormat::yuv444p_full, 48 * factor, 32 * factor);
    auto scaler = make_picture_scaler(to(48, 32));
    ASSERT_OK(scaler->scale(in, out));
    for (std::uint32_t y = 0; y < 32; ++y) {
      for (std::uint32_t x = 0; x < 48; ++x) {
        double sum = 0;
        for (std::uint32_t dy = 0; dy < factor; ++dy) {
          for (std::uint32_t dx = 0; dx < factor; ++dx)
            sum += in.plane(0)[(y * factor + dy) * static_cast<std::uint32_t>(in.stride(0)) + x * factor + dx];
        }
        const double expected = 16 + sum / (factor * factor) * 219 / 255;
        ASSERT_NEAR(out.plane(0)[y * static_cast<std::uint32_t>(out.stride(0)) + x], expected, 1.6)
            << factor << " at " << x << "," << y;
      }
    }
  }
}

TEST(PictureScaler, UnevenShrinkingKeepsTheMean) {
  Picture in, out;
  texture(in, PixelFormat::yuv420p_full, 848, 480);
  auto scaler = make_picture_scaler(to(640, 480));
  ASSERT_OK(scaler->scale(in, out));
  const auto mean = [](const std::vector<std::uint8_t>& plane) {
    double sum = 0;
    for (const std::uint8_t value : plane) sum += value;
    return sum / static_cast<double>(plane.size());
  };
  EXPECT_NEAR(mean(plane_copies(out)[0]), 16 + mean(plane_copies(in)[0]) * 219 / 255, 0.6);
}

TEST(PictureScaler, SameBitsOnEveryCpu) {
  for (const PixelFormat format :
       {PixelFormat::yuv420p_full, PixelFormat::yuv422p_full, PixelFormat::yuv444p_full, PixelFormat::gray8_full}) {
    for (const auto& [width, height] : {std::pair{640u, 480u}, {848u, 480u}, {424u, 240u}, {1000u, 600u}}) {
      for (const ScaleFilter filter : {ScaleFilter::automatic, ScaleFilter::bicubic, ScaleFilter::bilinear, ScaleFilter::area}) {
        Picture in, fast, plain, again;
        texture(in, format, 848, 480);
        auto scaler = make_picture_scaler(to(width, height, ScaleFit::stretch, filter));
        ASSERT_OK(scaler->scale(in, fast));
        ASSERT_OK(scaler->scale(in, again));
        EXPECT_TRUE(same_pixels(fast, again));
        av_force_cpu_flags(0);
        ASSERT_OK(make_picture_scaler(to(width, height, ScaleFit::stretch, filter))->scale(in, plain));
        av_force_cpu_flags(-1);
        EXPECT_TRUE(same_pixels(fast, plain))
            << name_of(format) << " to " << width << "x" << height << " by filter " << static_cast<int>(filter);
      }
    }
  }
}

TEST(PictureScaler, RgbHasTheSameBitsOnEveryCpu) {
  Picture in, fast, plain;
  ASSERT_OK(in.reshape(PixelFormat::rgb24, 320, 240));
  paint_rgb(in, 3);
  for (const auto& [width, height] : {std::pair{320u, 240u}, {160u, 120u}, {640u, 480u}}) {
    ASSERT_OK(make_picture_scaler(to(width, height))->scale(in, fast));
    av_force_cpu_flags(0);
    ASSERT_OK(make_picture_scaler(to(width, height))->scale(in, plain));
    av_force_cpu_flags(-1);
    EXPECT_TRUE(same_pixels(fast, plain)) << width << "x" << height;
  }
}

TEST(PictureScaler, AnotherShapeNeedsAChoice) {
  Picture in, out;
  texture(in, PixelFormat::yuv420p_full, 848, 480);
  const Status status = make_picture_scaler(to(640, 480, ScaleFit::none))->scale(in, out);
  ASSERT_FALSE(status.ok());
  EXPECT_EQ(status.error().kind(), ErrorKind::invalid);
  EXPECT_NE(status.error().text().find("fit"), std::string::npos);
  EXPECT_OK(make_picture_scaler(to(848, 480, ScaleFit::none))->scale(in, out));
  EXPECT_OK(make_picture_scaler(to(424, 240, ScaleFit::none))->scale(in, out));
  EXPECT_OK(make_picture_scaler(to(640, 362, ScaleFit::none))->scale(in, out));  // 362.26: rounded to whole pixels
  EXPECT_FALSE(make_picture_scaler(to(640, 360, ScaleFit::none))->scale(in, out).ok());
}

TEST(PictureScaler, PadPutsBlackAround) {
  Picture in, out;
  fill(in, PixelFormat::yuv420p_full, 160, 80, 255, 90);
  ASSERT_OK(make_picture_scaler(to(96, 96, ScaleFit::pad))->scale(in, out));
  // 96x48 in the middle of 96x96: rows 24 to 71.
  for (std::uint32_t y = 0; y < 96; ++y) {
    const bool inside = y >= 24 && y < 72;
    for (std::uint32_t x = 0; x < 96; ++x)
      ASSERT_NEAR(out.plane(0)[y * static_cast<std::uint32_t>(out.stride(0)) + x], inside ? 235 : 16, 1) << x << "," << y;
    ASSERT_NEAR(out.plane(1)[y / 2 * static_cast<std::uint32_t>(out.stride(1)) + 10], inside ? 128 - 38 * 224 / 255 : 128, 1)
        << y;
  }
  // A picture that was padded before must not show through.
  auto scaler = make_picture_scaler(to(96, 96, ScaleFit::pad));
  ASSERT_OK(scaler->scale(in, out));
  fill(in, PixelFormat::yuv420p_full, 80, 160, 255, 90);
  ASSERT_OK(scaler->scale(in, out));
  EXPECT_EQ(out.plane(0)[48 * out.stride(0) + 5], 16);
  EXPECT_NEAR(out.plane(0)[5 * out.stride(0) + 48], 235, 1);
}

TEST(PictureScaler, CropTakesTheMiddle) {
  for (const PixelFormat format : {PixelFormat::yuv420p_full, PixelFormat::yuv411p_full, PixelFormat::yuv444p_full,
                                   PixelFormat::gray8_full, PixelFormat::rgb24}) {
    Picture in, out;
    ASSERT_OK(in.reshape(format, 192, 64));
    fill(in, format, 192, 64, 0, 128);
    const std::uint32_t pixel = format == PixelFormat::rgb24 ? 3 : 1;
    for (std::uint32_t y = 0; y < 64; ++y)
      std::fill_n(in.plane(0) + y * static_cast<std::uint32_t>(in.stride(0)) + 64 * pixel, 64 * pixel, 255);
    ASSERT_OK(make_picture_scaler(to(64, 64, ScaleFit::crop))->scale(in, out));
    const auto cropped = plane_copies(out);
    for (const std::uint8_t value : cropped[0]) ASSERT_NEAR(value, 235, 1) << name_of(format);
  }
}

TEST(PictureScaler, OddSizesAreTaken) {
  Picture in, out;
  for (const PixelFormat format : kFormats) {
    for (const auto& [width, height] : {std::pair{101u, 67u}, {1u, 1u}, {3u, 200u}}) {
      fill(in, format, width, height, 128, 128);
      for (const ScaleFit fit : {ScaleFit::stretch, ScaleFit::pad, ScaleFit::crop})
        EXPECT_OK(make_picture_scaler(to(64, 48, fit))->scale(in, out));
    }
  }
  EXPECT_FALSE(make_picture_scaler(to(64, 48))->scale(Picture(), out).ok());
}

}  // namespace
}  // namespace bagloom::media
