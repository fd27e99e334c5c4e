// The `name=value` fields of a ROS 1 record header or connection header (bag-formats.md 1.2).
#pragma once

#include <optional>
#include <string_view>

#include "base/bytes.h"
#include "base/result.h"
#include "base/time.h"

namespace bagloom::bag {

/// A view; lives as long as its bytes. Fields may stand in any order, unknown ones are ignored.
class HeaderFields {
 public:
  explicit HeaderFields(Bytes bytes) : bytes_(bytes) {}

  /// Whether the bytes are a sequence of whole fields, each with a `=`. Error: corrupt.
  Status check() const;

  /// The value of the first field of that name; also of a field that stands before a broken one.
  std::optional<Bytes> find(std::string_view name) const;

  /// The same, as a number; nothing where the field is absent or of another size.
  std::optional<std::uint8_t> u8(std::string_view name) const;
  std::optional<std::uint32_t> u32(std::string_view name) const;
  std::optional<std::uint64_t> u64(std::string_view name) const;
  std::optional<std::string_view> text(std::string_view name) const;
  /// 8 bytes: seconds and nanoseconds, uint32 each.
  std::optional<TimeNs> time(std::string_view name) const;

 private:
  Bytes bytes_;
};

/// The time at the beginning of `bytes` (at least 8). Cannot overflow, whatever the bytes are.
TimeNs load_ros_time(Bytes bytes);

}  // namespace bagloom::bag
