#include <gtest/gtest.h>

#include "message_bytes.h"
#include "msg/extractor.h"

namespace bagloom::msg {
namespace {

const std::string kImage =
    std::string("Header header\nuint32 height\nuint32 width\nstring encoding\nuint8 is_bigendian\nuint32 step\nuint8[] data\n") +
    kHeaderSection;
const std::string kCompressed = std::string("Header header\nstring format\nuint8[] data\n") + kHeaderSection;

Result<PictureExtractor> compile(const std::string& type, const std::string& text) {
  ASSIGN_OR_RETURN(auto definition, parse_ros1_definition(type, text));
  return PictureExtractor::compile(definition);
}

TEST(PictureExtractor, ReadsAnImage) {
  const auto extractor = compile("sensor_msgs/Image", kImage);
  ASSERT_TRUE(extractor.ok());
  const MessageBytes message = MessageBytes()
                                   .header("cam")
                                   .put<std::uint32_t>(480)
                                   .put<std::uint32_t>(640)
                                   .text("rgb8")
                                   .put<std::uint8_t>(1)
                                   .put<std::uint32_t>(1920)
                                   .array<std::uint8_t>({1, 2, 3});
  const auto picture = extractor->run(message.bytes());
  ASSERT_TRUE(picture.ok()) << picture.error().text();
  EXPECT_FALSE(picture->compressed);
  EXPECT_EQ(picture->height, 480u);
  EXPECT_EQ(picture->width, 640u);
  EXPECT_EQ(picture->encoding, "rgb8");
  EXPECT_TRUE(picture->big_endian);
  EXPECT_EQ(picture->step, 1920u);
  ASSERT_EQ(picture->data.size(), 3u);
  EXPECT_EQ(picture->data[2], std::byte{3});
  EXPECT_EQ(picture->data.data() + 3, message.bytes().data() + message.bytes().size());  // a view, no copy
}

TEST(PictureExtractor, ReadsACompressedImageOfAnyPackage) {
  const auto extractor = compile("my_msgs/Jpeg", kCompressed);
  ASSERT_TRUE(extractor.ok());
  const MessageBytes message = MessageBytes().header().text("jpeg").array<std::uint8_t>({0xff, 0xd8});
  const auto picture = extractor->run(message.bytes());
  ASSERT_TRUE(picture.ok()) << picture.error().text();
  EXPECT_TRUE(picture->compressed);
  EXPECT_EQ(picture->encoding, "jpeg");
  EXPECT_EQ(picture->data.size(), 2u);
}

TEST(PictureExtractor, ReadsPacketsOfVideo) {
  const auto foxglove =
      compile("foxglove_msgs/CompressedVideo", "time timestamp\nstring frame_id\nuint8[] data\nstring format\n");
  ASSERT_TRUE(foxglove.ok());
  const MessageBytes video = MessageBytes().put(std::uint64_t{7}).text("cam").array<std::uint8_t>({0, 0, 1, 0x65}).text("h264");
  auto picture = foxglove->run(video.bytes());
  ASSERT_TRUE(picture.ok()) << picture.error().text();
  EXPECT_TRUE(picture->compressed);
  EXPECT_EQ(picture->encoding, "h264");
  EXPECT_EQ(picture->data.size(), 4u);

  const auto ffmpeg =
      compile("ffmpeg_image_transport_msgs/FFMPEGPacket",
              "int32 width\nint32 height\nstring encoding\nuint64 pts\nuint8 flags\nbool is_bigendian\nuint8[] data\n");
  ASSERT_TRUE(ffmpeg.ok());
  const MessageBytes packet = MessageBytes()
                                  .put(std::uint32_t{640})
                                  .put(std::uint32_t{480})
                                  .text("hevc;yuv420p;bgr8;bgr8")
                                  .put(std::uint64_t{12})
                                  .put(std::uint8_t{1})
                                  .put(std::uint8_t{0})
                                  .array<std::uint8_t>({0, 0, 0, 1, 0x26});
  picture = ffmpeg->run(packet.bytes());
  ASSERT_TRUE(picture.ok()) << picture.error().text();
  EXPECT_TRUE(picture->compressed);
  EXPECT_EQ(picture->encoding, "hevc;yuv420p;bgr8;bgr8");
  EXPECT_EQ(picture->data.size(), 5u);

  const auto h264 = compile("h264_msgs/Packet", "int32 seq\nuint8[] data\n");
  ASSERT_TRUE(h264.ok());
  const MessageBytes bytes = MessageBytes().put(std::int32_t{3}).array<std::uint8_t>({0, 0, 1, 0x41, 9, 9});
  picture = h264->run(bytes.bytes());
  ASSERT_TRUE(picture.ok()) << picture.error().text();
  EXPECT_EQ(picture->encoding, "h264");
  EXPECT_EQ(picture->data.size(), 6u);
  // Bytes alone are no picture.
  EXPECT_FALSE(compile("can_msgs/Frame", "uint32 id\nuint8[] data\n").ok());
}

TEST(PictureExtractor, EveryCutIsAnError) {
  const auto extractor = compile("sensor_msgs/CompressedImage", kCompressed);
  const MessageBytes message = MessageBytes().header("cam").text("jpeg").array<std::uint8_t>({1, 2, 3, 4});
  for (std::size_t n = 0; n < message.bytes().size(); ++n) EXPECT_FALSE(extractor->run(message.bytes().first(n)).ok()) << n;
  MessageBytes longer = message;
  EXPECT_FALSE(extractor->run(longer.raw(1).bytes()).ok());
}

TEST(PictureExtractor, RefusesOtherMessages) {
  const auto extractor = compile("sensor_msgs/JointState", kJointState);
  ASSERT_FALSE(extractor.ok());
  EXPECT_EQ(extractor.error().kind(), ErrorKind::invalid);
  EXPECT_FALSE(compile("t/T", "string format\nuint16[] data\n").ok());
  EXPECT_FALSE(compile("t/T", "string[] format\nuint8[] data\n").ok());
  EXPECT_FALSE(compile("t/T", "string data\nstring format\n").ok());
}

}  // namespace
}  // namespace bagloom::msg
