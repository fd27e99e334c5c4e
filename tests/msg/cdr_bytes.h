// Builds CDR message bytes by hand, for tests (bag-formats.md section 5). Shares no code with src/msg.
#pragma once

#include <algorithm>
#include <cstring>
#include <string>
#include <string_view>
#include <vector>

#include "base/bytes.h"

namespace bagloom::msg {

class CdrBytes {
 public:
  /// The representation id decides order and largest alignment: 0, 1 plain; 6, 7 XCDR2; 8, 9 delimited XCDR2.
  explicit CdrBytes(unsigned id = 1, int padding = 0xaa) : id_(id), padding_(padding) {
    bytes_ = {std::byte{0}, static_cast<std::byte>(id), std::byte{0}, std::byte{0}};
  }

  CdrBytes& align(std::size_t size) {
    const std::size_t to = std::min<std::size_t>(size, id_ >= 6 ? 4 : 8);
    while ((bytes_.size() - 4) % to != 0) bytes_.push_back(static_cast<std::byte>(padding_));
    return *this;
  }
  template <class T>
  CdrBytes& put(T value) {
    align(sizeof(T));
    std::byte raw[sizeof(T)];
    std::memcpy(raw, &value, sizeof(T));
    if (id_ % 2 == 0) std::reverse(raw, raw + sizeof(T));
    bytes_.insert(bytes_.end(), raw, raw + sizeof(T));
    return *this;
  }
  CdrBytes& count(std::size_t n) { return put(static_cast<std::uint32_t>(n)); }
  CdrBytes& text(std::string_view value) {
    count(value.size() + 1);
    for (char c : value) bytes_.push_back(static_cast<std::byte>(c));
    return raw(1);
  }
  CdrBytes& texts(const std::vector<std::string>& values) {
    const std::size_t extent = id_ >= 6 ? open() : 0;
    count(values.size());
    for (const std::string& value : values) text(value);
    return id_ >= 6 ? close(extent) : *this;
  }
  template <class T>
  CdrBytes& array(const std::vector<T>& values) {
    count(values.size());
    for (const T value : values) put(value);
    return *this;
  }
  CdrBytes& raw(std::size_t n, int value = 0) {
    bytes_.insert(bytes_.end(), n, static_cast<std::byte>(value));
    return *this;
  }
  /// std_msgs/Header
  CdrBytes& header(std::string_view frame = "") {
    const std::size_t outer = message();
    const std::size_t inner = message();
    put<std::int32_t>(2).put<std::uint32_t>(500000000);
    end(inner);
    return text(frame).end(outer);
  }

  /// A message inside the message: with its length before it in delimited XCDR2.
  std::size_t message() { return id_ >= 8 ? open() : 0; }
  CdrBytes& end(std::size_t extent) { return id_ >= 8 ? close(extent) : *this; }
  /// A uint32 for the length of what follows, written by `close`.
  std::size_t open() {
    count(0);
    return bytes_.size();
  }
  CdrBytes& close(std::size_t extent, std::uint32_t more = 0) {
    CdrBytes length(id_);
    length.put(static_cast<std::uint32_t>(bytes_.size() - extent + more));
    std::copy(length.bytes_.begin() + 4, length.bytes_.end(), bytes_.begin() + static_cast<std::ptrdiff_t>(extent) - 4);
    return *this;
  }

  Bytes bytes() const { return bytes_; }

 private:
  unsigned id_;
  int padding_;
  std::vector<std::byte> bytes_;
};

inline constexpr const char* kRos2Header =
    "================================================================================\n"
    "MSG: std_msgs/Header\nbuiltin_interfaces/Time stamp\nstring frame_id\n"
    "================================================================================\n"
    "MSG: builtin_interfaces/Time\nint32 sec\nuint32 nanosec\n";

inline const std::string kRos2JointState =
    std::string("std_msgs/Header header\nstring[] name\nfloat64[] position\nfloat64[] velocity\nfloat64[] effort\n") +
    kRos2Header;

}  // namespace bagloom::msg
