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
