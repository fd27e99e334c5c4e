#include "media/picture.h"

#include "pictures.h"

namespace bagloom::media {
namespace {

TEST(Picture, StartsEmpty) {
  Picture picture;
  EXPECT_EQ(picture.format(), PixelFormat::none);
  EXPECT_EQ(picture.width(), 0u);
  EXPECT_EQ(picture.plane(0), nullptr);
  EXPECT_EQ(picture.stride(2), 0);
}

TEST(Picture, KeepsItsMemoryWhereTheShapeStays) {
  Picture picture;
  ASSERT_OK(picture.reshape(PixelFormat::yuv420p, 640, 480));
  const std::uint8_t* before = picture.plane(0);
  ASSERT_OK(picture.reshape(PixelFormat::yuv420p_full, 640, 480));  // another range, the same bytes
  EXPECT_EQ(picture.plane(0), before);
  EXPECT_EQ(picture.format(), PixelFormat::yuv420p_full);
}

TEST(Picture, RefusesSizesThatNoCameraHas) {
  Picture picture;
  for (const auto& [width, height] : {std::pair{0u, 10u}, {10u, 0u}, {16385u, 2u}, {2u, 16385u}, {0xffffffffu, 0xffffffffu}}) {
    const Status status = picture.reshape(PixelFormat::rgb24, width, height);
    ASSERT_FALSE(status.ok());
    EXPECT_EQ(status.error().kind(), ErrorKind::corrupt);
  }
}

TEST(Picture, Moves) {
  Picture picture;
  ASSERT_OK(picture.reshape(PixelFormat::rgb24, 33, 17));
  const std::uint8_t* pixels = picture.plane(0);
  Picture other(std::move(picture));
  EXPECT_EQ(other.plane(0), pixels);
  EXPECT_EQ(other.width(), 33u);
  Picture third;
  third = std::move(other);
  EXPECT_EQ(third.plane(0), pixels);
}

TEST(Picture, BytesCoverTheBuffers) {
  for (const PixelFormat format :
       {PixelFormat::gray8_full, PixelFormat::yuv420p, PixelFormat::yuv422p_full, PixelFormat::yuv444p_full,
        PixelFormat::yuv440p_full, PixelFormat::yuv411p_full, PixelFormat::rgb24}) {
    Picture picture;
    ASSERT_OK(picture.reshape(format, 101, 67));
    std::uint64_t used = 0;
    for (const auto& plane : plane_copies(picture)) used += plane.size();
    EXPECT_GE(picture_bytes(format, 101, 67), used) << name_of(format);
    EXPECT_LE(picture_bytes(format, 1920, 1080), 1920u * 1088 * 3 + 4096) << name_of(format);
  }
  EXPECT_EQ(picture_bytes(PixelFormat::none, 10, 10), 0u);
}

}  // namespace
}  // namespace bagloom::media
