#include "dataset/verify_image_header.h"

#include <gtest/gtest.h>

#include <string>

namespace bagloom::dataset::verify {
namespace {

using namespace std::string_literals;

const std::string kPng = "\x89PNG\r\n\x1a\n\0\0\0\x0dIHDR\0\0\x03\x50\0\0\x01\xe0\x08\x02\0\0\0crc.\0\0\0\0IEND\xae\x42\x60\x82"s;
const std::string kJpeg =
    "\xff\xd8\xff\xe0\0\x04xx\xff\xc0\0\x11\x08\x01\xe0\x03\x50\x03"
    "123456789\xff\xd9"s;
const std::string kTiff = "II*\0\x08\0\0\0\x02\0\0\x01\x03\0\x01\0\0\0\x50\x03\0\0\x01\x01\x04\0\x01\0\0\0\xe0\x01\0\0"s;

TEST(VerifyImageHeader, SizesAndChannels) {
  for (const auto& [bytes, channels] : {std::pair(kPng, 3u), std::pair(kJpeg, 3u), std::pair(kTiff, 1u)}) {
    auto header = read_image_header(as_bytes(bytes));
    ASSERT_TRUE(header.ok()) << header.error().text();
    EXPECT_EQ(header->width, 848u);
    EXPECT_EQ(header->height, 480u);
    EXPECT_EQ(header->channels, channels);
  }
}

TEST(VerifyImageHeader, EveryCutIsAnErrorAndNeverMore) {
  for (const std::string& whole : {kPng, kJpeg, kTiff}) {
    for (std::size_t size = 0; size < whole.size(); ++size) {
      std::string bytes = whole.substr(0, size);  // a copy, so that a sanitizer sees a read beyond it
      EXPECT_FALSE(read_image_header(as_bytes(bytes)).ok()) << size;
    }
  }
  EXPECT_FALSE(read_image_header(as_bytes("GIF89a")).ok());
}

}  // namespace
}  // namespace bagloom::dataset::verify
