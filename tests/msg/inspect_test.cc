#include <gtest/gtest.h>

#include "message_bytes.h"
#include "msg/extractor.h"

namespace bagloom::msg {
namespace {

std::shared_ptr<const Definition> joint_state() { return *parse_ros1_definition("sensor_msgs/JointState", kJointState); }
FieldPath path(const std::string& text) { return *parse_field_path(text); }

TEST(Inspect, ArrayLengths) {
  const MessageBytes message =
      MessageBytes().header("f").texts({"a", "b"}).array(counting(3)).array(counting(0)).array(counting(1));
  const auto length = [&](const std::string& text) { return array_length(*joint_state(), path(text), message.bytes()); };
  EXPECT_EQ(*length("position"), 3u);
  EXPECT_EQ(*length("velocity"), 0u);
  EXPECT_EQ(*length("name"), 2u);
  EXPECT_EQ(*length("header.frame_id"), 1u);
  EXPECT_EQ(*length("header.seq"), 1u);
  EXPECT_EQ(*length("position[0:2]"), 2u);
  EXPECT_FALSE(length("nothing").ok());
  EXPECT_FALSE(array_length(*joint_state(), path("position"), message.bytes().first(20)).ok());
}

TEST(Inspect, StringArrays) {
  const MessageBytes message =
      MessageBytes().header().texts({"a", "", "ccc"}).array(counting(0)).array(counting(0)).array(counting(0));
  EXPECT_EQ(*string_array(*joint_state(), path("name"), message.bytes()), (std::vector<std::string>{"a", "", "ccc"}));
  EXPECT_FALSE(string_array(*joint_state(), path("position"), message.bytes()).ok());
  EXPECT_FALSE(string_array(*joint_state(), path("header.frame_id"), message.bytes()).ok());
}

TEST(Inspect, NamesBeside) {
  EXPECT_EQ(find_names_beside(*joint_state(), path("position"))->text, "name");
  EXPECT_FALSE(find_names_beside(*joint_state(), path("header.seq")).ok());
  const auto nested = parse_ros1_definition("t/T", "A data\nint8 name\n====\nMSG: t/A\nstring[] name\nfloat64[] position\n");
  EXPECT_EQ(find_names_beside(**nested, path("data.position"))->text, "data.name");
}

}  // namespace
}  // namespace bagloom::msg
