// Builds ROS 1 message bytes by hand, for tests.
#pragma once

#include <cstring>
#include <string>
#include <string_view>
#include <vector>

#include "base/bytes.h"

namespace bagloom::msg {

class MessageBytes {
 public:
  template <class T>
  MessageBytes& put(T value) {
    const std::size_t at = bytes_.size();
    bytes_.resize(at + sizeof(T));
    std::memcpy(bytes_.data() + at, &value, sizeof(T));
    return *this;
  }
  MessageBytes& text(std::string_view value) {
    put(static_cast<std::uint32_t>(value.size()));
    for (char c : value) bytes_.push_back(static_cast<std::byte>(c));
    return *this;
  }
  MessageBytes& texts(const std::vector<std::string>& values) {
    put(static_cast<std::uint32_t>(values.size()));
    for (const std::string& value : values) text(value);
    return *this;
  }
  template <class T>
  MessageBytes& array(const std::vector<T>& values) {
    put(static_cast<std::uint32_t>(values.size()));
    for (const T value : values) put(value);
    return *this;
  }
  MessageBytes& raw(std::size_t n, int value = 0) {
    bytes_.insert(bytes_.end(), n, static_cast<std::byte>(value));
    return *this;
  }
  /// std_msgs/Header
  MessageBytes& header(std::string_view frame = "") {
    return put<std::uint32_t>(1).put<std::uint32_t>(2).put<std::uint32_t>(3).text(frame);
  }

  Bytes bytes() const { return bytes_; }

 private:
  std::vector<std::byte> bytes_;
};

inline constexpr const char* kHeaderSection =
    "================================================================================\n"
    "MSG: std_msgs/Header\nuint32 seq\ntime stamp\nstring frame_id\n";

inline const std::string kJointState =
    std::string("Header header\nstring[] name\nfloat64[] position\nfloat64[] velocity\nfloat64[] effort\n") + kHeaderSection;

inline std::vector<double> counting(std::size_t n, double first = 0) {
  std::vector<double> values;
  for (std::size_t i = 0; i < n; ++i) values.push_back(first + static_cast<double>(i));
  return values;
}

}  // namespace bagloom::msg
