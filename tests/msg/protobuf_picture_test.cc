#include "msg/extractor.h"
#include "proto_bytes.h"

namespace bagloom::msg {
namespace {

constexpr const char* kPictures = R"(syntax = "proto3"; package foxglove; import "google/protobuf/timestamp.proto";
  message CompressedImage { google.protobuf.Timestamp timestamp = 1; bytes data = 2; string format = 3; string frame_id = 4; }
  message CompressedVideo { google.protobuf.Timestamp timestamp = 1; string frame_id = 2; bytes data = 3; string format = 4; }
  message RawImage { google.protobuf.Timestamp timestamp = 1; string frame_id = 7; fixed32 width = 2; fixed32 height = 3; string encoding = 4; fixed32 step = 5; bytes data = 6; }
  message JointStates { google.protobuf.Timestamp timestamp = 1; })";

class ProtobufPicture : public testing::Test {
 protected:
  Result<PictureExtractor> compile(const std::string& type) {
    return PictureExtractor::compile(*protobuf_definition("foxglove." + type, proto_.set()));
  }
  std::string message(const std::string& type, const std::string& text) { return proto_.message("foxglove." + type, text); }

  ProtoBytes proto_{kPictures};
};

TEST_F(ProtobufPicture, FilesAndPacketsAreViewsIntoTheMessage) {
  for (const char* type : {"CompressedImage", "CompressedVideo"}) {
    const auto extractor = compile(type);
    ASSERT_TRUE(extractor.ok());
    const std::string bytes =
        message(type, R"(timestamp { seconds: 1 } frame_id: "cam" data: "\000\000\001\x65x" format: "h264")");
    const auto picture = *extractor->run(as_bytes(bytes));
    EXPECT_TRUE(picture.compressed);
    EXPECT_EQ(picture.encoding, "h264");
    EXPECT_EQ(as_text(picture.data), std::string_view("\0\0\1\x65x", 5));
    EXPECT_GE(as_text(picture.data).data(), bytes.data());
    EXPECT_LE(as_text(picture.data).data() + 5, bytes.data() + bytes.size());
    EXPECT_FALSE(extractor->run(as_bytes(bytes).first(bytes.size() - 1)).ok());
    EXPECT_TRUE(extractor->run({})->data.empty());
  }
}

TEST_F(ProtobufPicture, RawPictures) {
  const auto extractor = compile("RawImage");
  ASSERT_TRUE(extractor.ok());
  const std::string bytes = message("RawImage", R"(width: 2 height: 1 step: 4 encoding: "16UC1" data: "abcd")");
  const auto picture = *extractor->run(as_bytes(bytes));
  EXPECT_FALSE(picture.compressed);
  EXPECT_EQ(picture.encoding, "16UC1");
  EXPECT_EQ(picture.width, 2u);
  EXPECT_EQ(picture.height, 1u);
  EXPECT_EQ(picture.step, 4u);
  EXPECT_FALSE(picture.big_endian);
  EXPECT_EQ(as_text(picture.data), "abcd");
}

TEST_F(ProtobufPicture, OtherTypesAreNone) { EXPECT_EQ(compile("JointStates").error().kind(), ErrorKind::invalid); }

}  // namespace
}  // namespace bagloom::msg
