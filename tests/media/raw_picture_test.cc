#include "media/picture_decoder.h"
#include "pictures.h"

namespace bagloom::media {
namespace {

EncodedPicture raw(std::string_view encoding, std::uint32_t width, std::uint32_t height, std::uint32_t step, Bytes data) {
  EncodedPicture encoded;
  encoded.encoding = encoding;
  encoded.width = width;
  encoded.height = height;
  encoded.step = step;
  encoded.data = data;
  return encoded;
}

std::vector<std::byte> numbered(std::size_t size) {
  std::vector<std::byte> bytes(size);
  for (std::size_t i = 0; i < size; ++i) bytes[i] = static_cast<std::byte>(i * 7 % 251);
  return bytes;
}

TEST(RawPicture, RowsAreTakenByStep) {
  auto decoder = make_picture_decoder({});
  Picture out;
  for (const auto& [encoding, format, pixel] : {std::tuple{"rgb8", PixelFormat::rgb24, 3u},
                                                {"bgr8", PixelFormat::bgr24, 3u},
                                                {"8UC3", PixelFormat::bgr24, 3u},
                                                {"mono8", PixelFormat::gray8_full, 1u},
                                                {"8UC1", PixelFormat::gray8_full, 1u},
                                                {"RGB8", PixelFormat::rgb24, 3u}}) {
    const std::uint32_t width = 17, height = 5, step = width * pixel + 11;
    const auto data = numbered(step * height);
    const auto encoded = raw(encoding, width, height, step, data);
    ASSERT_OK(decoder->decode(encoded, out));
    EXPECT_EQ(out.format(), format);
    for (std::uint32_t y = 0; y < height; ++y) {
      for (std::uint32_t x = 0; x < width * pixel; ++x) {
        ASSERT_EQ(out.plane(0)[y * static_cast<std::uint32_t>(out.stride(0)) + x], static_cast<std::uint8_t>(data[y * step + x]));
      }
    }
    const auto shape = probe_picture(encoded);
    ASSERT_OK(shape);
    EXPECT_EQ(shape->format, format);
    EXPECT_FALSE(shape->jpeg);
  }
}

TEST(RawPicture, TheLastRowMayLackItsPadding) {
  auto decoder = make_picture_decoder({});
  Picture out;
  const auto data = numbered(60 * 3 + 51);
  EXPECT_OK(decoder->decode(raw("rgb8", 17, 4, 60, data), out));
  const Status status = decoder->decode(raw("rgb8", 17, 4, 60, Bytes(data).first(data.size() - 1)), out);
  ASSERT_FALSE(status.ok());
  EXPECT_EQ(status.error().kind(), ErrorKind::corrupt);
  EXPECT_NE(status.error().text().find("wants 231 bytes, got 230"), std::string::npos) << status.error().text();
}

TEST(RawPicture, RefusesWhatCannotBe) {
  auto decoder = make_picture_decoder({});
  Picture out;
  const auto data = numbered(30);
  for (const EncodedPicture& encoded :
       {raw("rgb8", 640, 480, 1920, data), raw("rgb8", 0, 1, 0, data), raw("rgb8", 4, 1, 11, data),
        raw("mono8", 20000, 1, 20000, data), raw("rgb8", 0xffffffffu, 0xffffffffu, 0xffffffffu, data),
        raw("mono8", 16384, 16384, 16384, data)}) {
    const Status status = decoder->decode(encoded, out);
    ASSERT_FALSE(status.ok());
    EXPECT_EQ(status.error().kind(), ErrorKind::corrupt) << status.error().text();
    EXPECT_FALSE(probe_picture(encoded).ok());
  }
}

TEST(ProbePicture, NamesWhatIsNotTaken) {
  const auto data = numbered(100);
  for (const char* encoding :
       {"16UC1", "mono16", "32FC1", "8UC2", "32SC1", "bayer_rggb", "a name of more than sixteen letters", ""}) {
    const auto shape = probe_picture(raw(encoding, 5, 4, 20, data));
    ASSERT_FALSE(shape.ok());
    EXPECT_EQ(shape.error().kind(), ErrorKind::unsupported);
    EXPECT_NE(shape.error().text().find(std::string("'") + encoding + "'"), std::string::npos);
  }
  EncodedPicture compressed;
  compressed.compressed = true;
  for (const auto& [encoding, bytes] : {std::pair<const char*, std::string>{"16UC1; compressedDepth png", std::string(50, '\0')},
                                        {"h264", std::string("\0\0\0\1", 4)},
                                        {"hevc", "xxxx"}}) {
    compressed.encoding = encoding;
    compressed.data = as_bytes(bytes);
    const auto shape = probe_picture(compressed);
    ASSERT_FALSE(shape.ok());
    EXPECT_EQ(shape.error().kind(), ErrorKind::unsupported) << shape.error().text();
    EXPECT_NE(shape.error().text().find(encoding), std::string::npos) << shape.error().text();
  }
  for (const auto& [encoding, bytes] : {std::pair<const char*, std::string>{"jpeg", ""},
                                        {"jpeg", "hello"},
                                        {"png", "x"},
                                        {"jpeg", "\x89PNG\r\n\x1a\n" + std::string(50, 'x')},
                                        {"bayer_rggb8; jpeg compressed ", "\xff\xd8\xff"},
                                        {"webp", "RIFF1234WEBPVP8 "},
                                        {"tiff", std::string("II*\0\0\0\0\0", 8)}}) {
    compressed.encoding = encoding;
    compressed.data = as_bytes(bytes);
    const auto shape = probe_picture(compressed);
    ASSERT_FALSE(shape.ok());
    EXPECT_EQ(shape.error().kind(), ErrorKind::corrupt) << encoding << ": " << shape.error().text();
  }
}

}  // namespace
}  // namespace bagloom::media
