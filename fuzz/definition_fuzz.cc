// Message definitions. The first line of the input is the type, the rest its text.
#include <cstddef>
#include <cstdint>
#include <string_view>

#include "msg/definition.h"

namespace {

std::size_t count_fields(const bagloom::msg::Definition& definition) {
  std::size_t fields = 0;
  for (const auto& type : definition.types) {
    for (const auto& field : type->fields) fields += field.message != nullptr ? field.message->fields.size() : 1;
  }
  return fields;
}

}  // namespace

extern "C" int LLVMFuzzerTestOneInput(const std::uint8_t* data, std::size_t size) {
  const std::string_view text(reinterpret_cast<const char*>(data), size);
  const std::size_t end = text.find('\n');
  if (end == std::string_view::npos) return 0;
  const auto definition = bagloom::msg::parse_ros1_definition(text.substr(0, end), text.substr(end + 1));
  if (!definition.ok()) return definition.error().text().empty() ? 1 : 0;
  // Every pointer is followed once: a dangling one is seen here.
  return count_fields(**definition) > size ? 1 : 0;
}
