// Message definitions. The first line of the input is the type, the rest its text. `#ros2msg pkg/Type` and `#ros2idl pkg/Type`
// choose ROS 2's texts.
#include <algorithm>
#include <cstddef>
#include <cstdint>
#include <string_view>

#include "allocation_cap.h"
#include "msg/definition.h"
#include "msg/definition_set.h"

namespace {

std::size_t count_fields(const bagloom::msg::Definition& definition) {
  std::size_t fields = 0;
  for (const auto& type : definition.types) {
    for (const auto& field : type->fields) fields += field.message != nullptr ? field.message->fields.size() : 1;
  }
  return fields;
}

/// Built-in types that the text names, and a field's names, type and place: about 12 bytes a byte of its line.
constexpr bagloom::fuzz::Allowance kAllowance{"definition", 16 * 1024, 48};

}  // namespace

extern "C" int LLVMFuzzerTestOneInput(const std::uint8_t* data, std::size_t size) {
  const bagloom::fuzz::AllocationCap cap(kAllowance, size);
  const std::string_view text(reinterpret_cast<const char*>(data), size);
  const std::size_t end = text.find('\n');
  if (end == std::string_view::npos) return 0;
  std::string_view type = text.substr(0, end);
  std::string_view encoding = "ros1msg";
  for (const std::string_view other : {"ros2msg", "ros2idl"}) {
    if (type.substr(0, 1) != "#" || type.substr(1, other.size()) != other) continue;
    encoding = other;
    type.remove_prefix(std::min(type.size(), other.size() + 2));
  }
  const auto definition = bagloom::msg::parse_definition(
      {type, text.substr(end + 1), encoding, encoding == "ros1msg" ? "ros1" : "cdr"}, bagloom::msg::builtin_definitions());
  if (!definition.ok()) return definition.error().text().empty() ? 1 : 0;
  if (!(*definition)->outside.empty()) return 0;  // built-in types have fields that the input has not
  // Every pointer is followed once: a dangling one is seen here.
  return count_fields(**definition) > size ? 1 : 0;
}
