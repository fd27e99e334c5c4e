#include "bag/rosbag1_header_fields.h"

#include "base/cursor.h"

namespace bagloom::bag {
namespace {

template <class T>
std::optional<T> as_number(const std::optional<Bytes>& value) {
  if (!value || value->size() != sizeof(T)) return std::nullopt;
  return Cursor::load<T>(*value);
}

struct Field {
  std::string_view name;
  Bytes value;
};

Result<Field> next_field(Cursor& cursor) {
  ASSIGN_OR_RETURN(const std::uint32_t length, cursor.u32());
  ASSIGN_OR_RETURN(const Bytes bytes, cursor.take(length));
  // The first '=' only: binary values may contain 0x3d.
  const std::size_t split = as_text(bytes).find('=');
  if (split == std::string_view::npos) return Error(ErrorKind::corrupt, "a header field without '='");
  return Field{as_text(bytes).substr(0, split), bytes.subspan(split + 1)};
}

}  // namespace

Status HeaderFields::check() const {
  Cursor cursor(bytes_);
  while (cursor.remaining() > 0) RETURN_IF_ERROR(next_field(cursor));
  return {};
}

std::optional<Bytes> HeaderFields::find(std::string_view name) const {
  Cursor cursor(bytes_);
  while (cursor.remaining() > 0) {
    auto field = next_field(cursor);
    if (!field.ok()) return std::nullopt;
    if (field->name == name) return field->value;
  }
  return std::nullopt;
}

std::optional<std::uint8_t> HeaderFields::u8(std::string_view name) const { return as_number<std::uint8_t>(find(name)); }
std::optional<std::uint32_t> HeaderFields::u32(std::string_view name) const { return as_number<std::uint32_t>(find(name)); }
std::optional<std::uint64_t> HeaderFields::u64(std::string_view name) const { return as_number<std::uint64_t>(find(name)); }

std::optional<std::string_view> HeaderFields::text(std::string_view name) const {
  const auto value = find(name);
  if (!value) return std::nullopt;
  return as_text(*value);
}

std::optional<TimeNs> HeaderFields::time(std::string_view name) const {
  const auto value = find(name);
  if (!value || value->size() != 8) return std::nullopt;
  return load_ros_time(*value);
}

TimeNs load_ros_time(Bytes bytes) {
  const TimeNs secs = Cursor::load<std::uint32_t>(bytes);
  const TimeNs nanosecs = Cursor::load<std::uint32_t>(bytes.subspan(4));
  return secs * kNsPerSecond + nanosecs;
}

}  // namespace bagloom::bag
