#include "media/limited_range.h"

#include <cmath>

#include "pictures.h"

namespace bagloom::media {
namespace {

/// One sample of each value in each plane; odd sides, so that the last chroma column covers one pixel only.
Picture all_values() {
  Picture picture;
  EXPECT_OK(picture.reshape(PixelFormat::yuv420p_full, 511, 3));
  for (int plane = 0; plane < 3; ++plane) {
    const int width = plane == 0 ? 511 : 256, height = plane == 0 ? 3 : 2;
    for (int y = 0; y < height; ++y)
      for (int x = 0; x < width; ++x) picture.plane(plane)[y * picture.stride(plane) + x] = static_cast<std::uint8_t>(x + y);
  }
  return picture;
}

TEST(LimitedRange, EachValueIsRoundedToTheNearest) {
  const Picture in = all_values();
  Picture out;
  ASSERT_OK(limit_range(in, out));
  EXPECT_EQ(out.format(), PixelFormat::yuv420p);
  for (int y = 0; y < 3; ++y)
    for (int x = 0; x < 511; ++x) {
      const double value = static_cast<std::uint8_t>(x + y);
      ASSERT_EQ(out.plane(0)[y * out.stride(0) + x], std::lround(16 + value * 219 / 255)) << value;
    }
  for (int plane = 1; plane < 3; ++plane)
    for (int y = 0; y < 2; ++y)
      for (int x = 0; x < 256; ++x) {
        const double value = static_cast<std::uint8_t>(x + y);
        ASSERT_EQ(out.plane(plane)[y * out.stride(plane) + x], std::lround(128 + (value - 128) * 224 / 255)) << value;
      }
}

TEST(LimitedRange, SwscaleMakesTheSamePictureUpToItsRounding) {
  Picture in, ours;
  ASSERT_OK(in.reshape(PixelFormat::yuv420p_full, 64, 48));
  paint_scene_yuv(in, 64, 48, 5);
  Picture full;
  ASSERT_OK(full.reshape(PixelFormat::yuv420p_full, 64, 48));
  for (int plane = 0; plane < 3; ++plane)
    for (int y = 0; y < (plane == 0 ? 48 : 24); ++y)
      std::copy_n(in.plane(plane) + y * in.stride(plane), plane == 0 ? 64 : 32, full.plane(plane) + y * full.stride(plane));
  ASSERT_OK(limit_range(full, ours));
  // A filter that leaves the size as it is, but takes swscale's way: pad one more column pair and look at the rest.
  ScaleTarget target;
  target.width = 66;
  target.height = 48;
  target.fit = ScaleFit::pad;
  Picture padded;
  ASSERT_OK(make_picture_scaler(target)->scale(full, padded));
  for (int y = 0; y < 48; ++y)
    for (int x = 0; x < 64; ++x)
      ASSERT_NEAR(ours.plane(0)[y * ours.stride(0) + x], padded.plane(0)[y * padded.stride(0) + x], 1) << x << "," << y;
}

TEST(LimitedRange, OnlyWhereTheLayoutStays) {
  EXPECT_TRUE(can_limit_range(PixelFormat::yuv420p_full, PixelFormat::yuv420p));
  for (const PixelFormat other :
       {PixelFormat::gray8_full, PixelFormat::yuv422p_full, PixelFormat::yuv444p_full, PixelFormat::yuv420p, PixelFormat::rgb24})
    EXPECT_FALSE(can_limit_range(other, PixelFormat::yuv420p)) << name_of(other);
  EXPECT_FALSE(can_limit_range(PixelFormat::yuv420p_full, PixelFormat::yuv420p_full));
}

}  // namespace
}  // namespace bagloom::media
