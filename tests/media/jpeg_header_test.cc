#include "media/jpeg_header.h"

#include "jpegs.h"

namespace bagloom::media {
namespace {

TEST(CheckJpeg, TakesBaselineOfTheUsualSamplings) {
  for (const auto& [sampling, format] : {std::pair{TJSAMP_420, PixelFormat::yuv420p_full},
                                         {TJSAMP_422, PixelFormat::yuv422p_full},
                                         {TJSAMP_444, PixelFormat::yuv444p_full},
                                         {TJSAMP_440, PixelFormat::yuv440p_full},
                                         {TJSAMP_411, PixelFormat::yuv411p_full},
                                         {TJSAMP_GRAY, PixelFormat::gray8_full}}) {
    const auto shape = check_jpeg(scene_jpeg(96, 64, 1, sampling));
    ASSERT_OK(shape);
    EXPECT_EQ(shape->format, format);
    EXPECT_EQ(shape->width, 96u);
    EXPECT_EQ(shape->height, 64u);
    EXPECT_TRUE(shape->jpeg);
  }
}

TEST(CheckJpeg, RefusesProgressiveForCopy) {
  Picture rgb;
  ASSERT_OK(rgb.reshape(PixelFormat::rgb24, 64, 48));
  paint_scene(rgb, 0);
  const auto checked = check_jpeg(make_jpeg(rgb, TJSAMP_420, 90, TJFLAG_PROGRESSIVE));
  ASSERT_FALSE(checked.ok());
  EXPECT_EQ(checked.error().kind(), ErrorKind::unsupported);
}

TEST(CheckJpeg, TakesZeroPaddingBehindTheEnd) {
  auto jpeg = scene_jpeg(96, 64, 1);
  jpeg.resize(jpeg.size() + 37);
  EXPECT_OK(check_jpeg(jpeg));
}

TEST(CheckJpeg, RefusesAnythingElseBehindTheEnd) {
  auto jpeg = scene_jpeg(96, 64, 1);
  jpeg.push_back(std::byte{7});
  EXPECT_FALSE(check_jpeg(jpeg).ok());
}

TEST(CheckJpeg, RefusesTwoPicturesInOne) {
  auto jpeg = scene_jpeg(96, 64, 1);
  const auto second = jpeg;
  jpeg.insert(jpeg.end(), second.begin(), second.end());
  const auto checked = check_jpeg(jpeg);
  ASSERT_FALSE(checked.ok());
  EXPECT_NE(checked.error().text().find("ends early"), std::string::npos) << checked.error().text();
}

TEST(CheckJpeg, RefusesAMarkerInsideTheScan) {
  auto jpeg = scene_jpeg(96, 64, 1);
  const auto header = read_jpeg_header(jpeg);
  ASSERT_OK(header);
  jpeg[header->scan_offset + 20] = std::byte{0xff};
  jpeg[header->scan_offset + 21] = std::byte{0xc0};
  EXPECT_FALSE(check_jpeg(jpeg).ok());
}

TEST(CheckJpeg, RefusesMoreBits) {
  auto jpeg = scene_jpeg(96, 64, 1);
  jpeg[static_cast<std::size_t>(find_segment(jpeg, 0xc0)) + 4] = std::byte{12};
  const auto checked = check_jpeg(jpeg);
  ASSERT_FALSE(checked.ok());
  EXPECT_EQ(checked.error().kind(), ErrorKind::unsupported);
}

TEST(CheckJpeg, EveryByteOfTheHeaderMayBeDamaged) {
  const auto jpeg = scene_jpeg(32, 32, 1);
  const auto header = read_jpeg_header(jpeg);
  ASSERT_OK(header);
  for (std::size_t i = 0; i < header->scan_offset; ++i) {
    for (const int value : {0x00, 0x01, 0x7f, 0xff}) {
      auto damaged = jpeg;
      damaged[i] = static_cast<std::byte>(value);
      (void)check_jpeg(damaged);  // whatever it says: no read beyond the end (asan)
    }
  }
}

TEST(ReadJpegHeader, SaysWhereItEnds) {
  const auto jpeg = scene_jpeg(96, 64, 1);
  const auto header = read_jpeg_header(Bytes(jpeg).first(100));
  ASSERT_FALSE(header.ok());
  EXPECT_EQ(header.error().message().rfind("JPEG header: wanted ", 0), 0u) << header.error().text();
  EXPECT_NE(header.error().message().find("offset"), std::string::npos) << header.error().text();
}

}  // namespace
}  // namespace bagloom::media
