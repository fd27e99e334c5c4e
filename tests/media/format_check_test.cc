#include "media/format_check.h"

#include <gtest/gtest.h>

#include "png_bytes.h"
#include "streams.h"

namespace bagloom::media {
namespace {

EncodedPicture message(std::string_view format, Bytes data, bool compressed = true) {
  EncodedPicture encoded;
  encoded.compressed = compressed;
  encoded.encoding = format;
  encoded.data = data;
  return encoded;
}

const std::string kPng = png_file(1, 8, 2, {{1, 2, 3}});
const std::string kJpeg = "\xff\xd8\xff\xe0 and what follows";

TEST(FormatCheck, KeepsTheFirstThatLies) {
  FormatCheck check;
  for (TimeNs time : {1, 2, 3}) check.look_at(message("jpeg", as_bytes(kJpeg)), time);
  EXPECT_FALSE(check.first());
  check.look_at(message("png", as_bytes(kJpeg)), 4);
  check.look_at(message("jpeg", as_bytes(kPng)), 5);
  ASSERT_TRUE(check.first());
  EXPECT_EQ(check.first()->time, 4);
  EXPECT_EQ(check.first()->what, "says png, is jpeg");
}

TEST(FormatCheck, SeesBytesThatChangeUnderOneText) {
  FormatCheck check;
  check.look_at(message("jpeg", as_bytes(kJpeg)), 1);
  check.look_at(message("jpeg", as_bytes(kPng)), 2);
  ASSERT_TRUE(check.first());
  EXPECT_EQ(check.first()->time, 2);
  EXPECT_EQ(check.first()->what, "says jpeg, is png");
}

TEST(FormatCheck, HonestOnesMayChange) {
  FormatCheck check;
  check.look_at(message("jpeg", as_bytes(kJpeg)), 1);
  check.look_at(message("rgb8; png compressed bgr8", as_bytes(kPng)), 2);
  check.look_at(message("", as_bytes(kJpeg)), 3);
  check.look_at(message("png", as_bytes(std::string_view("no picture"))), 4);
  check.look_at(message("png", {}), 5);
  check.look_at(message("16UC1; compressedDepth rvl", as_bytes(kPng)), 6);
  check.look_at(message("png", as_bytes(kJpeg), false), 7);  // raw: an encoding, and no file
  EXPECT_FALSE(check.first());
}

TEST(FormatCheck, PacketsAreWhatTheTopicIs) {
  const struct {
    StreamCodec codec;
    const char *right, *wrong, *what;
  } cases[] = {{StreamCodec::h264, "h264", "h265", "says h265, is h264"},
               {StreamCodec::hevc, "hevc;yuv420p;bgr8;bgr8", "libx264;yuv420p;bgr8;bgr8", "says h264, is h265"},
               {StreamCodec::av1, "av1", "h264", "says h264, is av1"}};
  for (const auto& one : cases) {
    StreamEncoderSettings settings;
    settings.codec = one.codec;
    const auto packets = encode_stream(settings, 3);
    ASSERT_EQ(packets.size(), 3u);
    FormatCheck check;
    check.look_at_packet(message(one.right, packets[0]), one.codec, 1);
    check.look_at_packet(message("", packets[1]), one.codec, 2);
    // What it says, in a topic of something else: no packet.
    check.look_at_packet(message("jpeg", as_bytes(kJpeg)), one.codec, 3);
    EXPECT_FALSE(check.first()) << one.what;
    check.look_at_packet(message(one.wrong, packets[2]), one.codec, 4);
    ASSERT_TRUE(check.first()) << one.what;
    EXPECT_EQ(check.first()->time, 4);
    EXPECT_EQ(check.first()->what, one.what);
    // Nor is another codec's packet one that lies.
    for (const auto& other : cases) {
      if (other.codec == one.codec) continue;
      FormatCheck foreign;
      for (const auto& packet : packets) foreign.look_at_packet(message(one.right, packet), other.codec, 1);
      EXPECT_FALSE(foreign.first()) << one.right << " in a topic of " << name_of(other.codec);
    }
  }
}

}  // namespace
}  // namespace bagloom::media
