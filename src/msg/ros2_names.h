// Names of ROS 2 types. Internal to msg/.
#pragma once

#include <optional>
#include <string>
#include <string_view>

namespace bagloom::msg {

inline constexpr std::size_t kLongestTypeName = 512;

/// "sensor_msgs/Image" of "sensor_msgs/msg/Image" and "sensor_msgs/Image", "Image" of "Image"; nothing where it is no type's
/// name.
std::optional<std::string> plain_type_name(std::string_view type);

}  // namespace bagloom::msg
