// Messages that robots send, as bytes with their definitions.
#pragma once

#include <string>
#include <vector>

#include "fake_bag.h"
#include "msg/message_bytes.h"

namespace bagloom::recipe {

using msg::counting;
using msg::kHeaderSection;
using msg::kJointState;
using msg::MessageBytes;

inline constexpr const char* kSectionLine = "================================================================================\n";
inline const std::string kCompressedImage = std::string("Header header\nstring format\nuint8[] data\n") + kHeaderSection;
inline const std::string kImage =
    std::string("Header header\nuint32 height\nuint32 width\nstring encoding\nuint8 is_bigendian\nuint32 step\nuint8[] data\n") +
    kHeaderSection;
inline const std::string kEndEffector =
    std::string(kSectionLine) + "MSG: kuavo_msgs/endEffectorData\nstring[] name\nfloat64[] position\n";
inline const std::string kMultiArray = std::string("MultiArrayLayout layout\nfloat64[] data\n") + kSectionLine +
                                       "MSG: std_msgs/MultiArrayLayout\nMultiArrayDimension[] dim\nuint32 data_offset\n" +
                                       kSectionLine +
                                       "MSG: std_msgs/MultiArrayDimension\nstring label\nuint32 size\nuint32 stride\n";

/// As much of a JPEG as its size needs.
inline std::vector<std::uint8_t> jpeg(std::uint16_t width, std::uint16_t height) {
  const auto high = [](std::uint16_t v) { return static_cast<std::uint8_t>(v >> 8); };
  const auto low = [](std::uint16_t v) { return static_cast<std::uint8_t>(v & 0xff); };
  return {0xff, 0xd8, 0xff, 0xe0,         0,           4,           'J',        'F', 0xff, 0xdb, 0, 3,    9,   0xff, 0xc0,
          0,    11,   8,    high(height), low(height), high(width), low(width), 1,   1,    0x11, 0, 0xff, 0xd9};
}

/// As much of a PNG as its size needs.
inline std::vector<std::uint8_t> png(std::uint16_t width, std::uint16_t height, std::uint8_t bits, std::uint8_t colour) {
  const auto high = [](std::uint16_t v) { return static_cast<std::uint8_t>(v >> 8); };
  const auto low = [](std::uint16_t v) { return static_cast<std::uint8_t>(v & 0xff); };
  return {0x89, 'P', 'N', 'G',         '\r',       '\n', 0x1a, '\n',         0,           0,    0,      13, 'I', 'H', 'D',
          'R',  0,   0,   high(width), low(width), 0,    0,    high(height), low(height), bits, colour, 0,  0,   0};
}

inline MessageBytes compressed(const std::string& format, const std::vector<std::uint8_t>& data) {
  return MessageBytes().header().text(format).array(data);
}
inline MessageBytes image(const std::string& encoding, std::uint32_t width, std::uint32_t height) {
  return MessageBytes().header().put(height).put(width).text(encoding).put<std::uint8_t>(0).put(width * 3).array<std::uint8_t>(
      {1, 2, 3});
}
inline MessageBytes joints(const std::vector<std::string>& names, std::size_t positions) {
  return MessageBytes().header().texts(names).array(counting(positions)).array(counting(0)).array(counting(0));
}
inline std::vector<std::string> numbered(const std::string& name, std::size_t n) {
  std::vector<std::string> names;
  for (std::size_t i = 1; i <= n; ++i) names.push_back(name + std::to_string(i));
  return names;
}

inline void add_jpeg_camera(FakeBag& bag, const std::string& topic, std::uint16_t width = 848, std::uint16_t height = 480) {
  bag.add(topic, "sensor_msgs/CompressedImage", kCompressedImage, compressed("jpeg", jpeg(width, height)).bytes());
}

inline void add_kuavo_body(FakeBag& bag, const std::string& package = "kuavo_msgs") {
  const std::string definition =
      "Header header\ntime sensor_time\njointData joint_data\n" + std::string(kHeaderSection) + kSectionLine + "MSG: " + package +
      "/jointData\nfloat64[] joint_q\nfloat64[] joint_v\nfloat64[] joint_vd\nfloat64[] joint_current\n";
  const MessageBytes message =
      MessageBytes().header().raw(8).array(counting(28)).array(counting(28)).array(counting(28)).array(counting(28));
  bag.add("/sensors_data_raw", package + "/sensorsData", definition, message.bytes(), 500, 2'000'000);
}
inline void add_claws(FakeBag& bag) {
  const MessageBytes data = MessageBytes().header().texts({"left_claw", "right_claw"}).array(counting(2));
  bag.add("/leju_claw_command", "kuavo_msgs/lejuClawCommand",
          "Header header\nkuavo_msgs/endEffectorData data\n" + std::string(kHeaderSection) + kEndEffector, data.bytes());
  const MessageBytes state =
      MessageBytes().header().array<std::int8_t>({3, 3}).texts({"left_claw", "right_claw"}).array(counting(2));
  bag.add("/leju_claw_state", "kuavo_msgs/lejuClawState",
          "int8 kError = -1\nHeader header\nint8[] state\nendEffectorData data\n" + std::string(kHeaderSection) + kEndEffector,
          state.bytes());
}
inline void add_arm_trajectory(FakeBag& bag, const std::string& topic = "/kuavo_arm_traj") {
  bag.add(topic, "sensor_msgs/JointState", kJointState, joints(numbered("arm_joint_", 14), 14).bytes(), 100, 10'000'000);
}

}  // namespace bagloom::recipe
