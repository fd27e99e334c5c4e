// Serialises a ROS 1 message field by field: little-endian, packed. bag-formats.md 2.3.
#pragma once

#include <bit>
#include <cstdint>
#include <string_view>
#include <vector>

#include "base/bytes.h"
#include "base/time.h"

namespace bagloom::synth {

class MessageBytes {
 public:
  void clear() { bytes_.clear(); }
  Bytes bytes() const { return bytes_; }

  MessageBytes& u8(std::uint8_t value) {
    bytes_.push_back(static_cast<std::byte>(value));
    return *this;
  }
  MessageBytes& u32(std::uint32_t value) {
    for (int shift = 0; shift < 32; shift += 8) u8(static_cast<std::uint8_t>(value >> shift));
    return *this;
  }
  MessageBytes& f64(double value) {
    const auto bits = std::bit_cast<std::uint64_t>(value);
    return u32(static_cast<std::uint32_t>(bits)).u32(static_cast<std::uint32_t>(bits >> 32));
  }
  MessageBytes& time(TimeNs ns) {
    return u32(static_cast<std::uint32_t>(ns / kNsPerSecond)).u32(static_cast<std::uint32_t>(ns % kNsPerSecond));
  }
  MessageBytes& raw(Bytes data) {
    bytes_.insert(bytes_.end(), data.begin(), data.end());
    return *this;
  }
  /// A variable array of bytes, or a string: its length, then its bytes.
  MessageBytes& counted(Bytes data) { return u32(static_cast<std::uint32_t>(data.size())).raw(data); }
  MessageBytes& string(std::string_view text) { return counted(as_bytes(text)); }
  /// float64[] of `count` elements.
  template <class Function>
  MessageBytes& f64_array(std::uint32_t count, Function element) {
    u32(count);
    for (std::uint32_t i = 0; i < count; ++i) f64(element(i));
    return *this;
  }
  MessageBytes& f64_constant(std::uint32_t count, double value) {
    return f64_array(count, [value](std::uint32_t) { return value; });
  }
  /// std_msgs/Header.
  MessageBytes& header(std::uint64_t seq, TimeNs stamp, std::string_view frame_id) {
    return u32(static_cast<std::uint32_t>(seq)).time(stamp).string(frame_id);
  }

 private:
  std::vector<std::byte> bytes_;
};

}  // namespace bagloom::synth
