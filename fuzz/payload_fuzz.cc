// Tagged messages. Input: a line `protobuf TYPE` or `json TYPE`, field paths (one a line; "path=name,name" selects by name,
// "path#7" gives a width), an empty line, two bytes with the schema's length (the low one first), the schema, the message.
#include <cstddef>
#include <cstdint>
#include <cstring>
#include <string>
#include <string_view>
#include <vector>

#include "allocation_cap.h"
#include "msg/definition_set.h"
#include "msg/extractor.h"
#include "split_text.h"

namespace {

using namespace bagloom;

std::vector<msg::NumberSelection> read_selections(const std::vector<std::string>& lines) {
  std::vector<msg::NumberSelection> selections;
  for (std::size_t i = 1; i < lines.size() && i < 16; ++i) {
    const std::string& line = lines[i];
    const std::size_t end = line.find_first_of("=#");
    auto path = msg::parse_field_path(line.substr(0, end));
    if (!path.ok()) continue;
    msg::NumberSelection selection;
    selection.path = *path;
    if (end != std::string::npos && line[end] == '=') selection.names = split(std::string_view(line).substr(end + 1), ',');
    if (end != std::string::npos && line[end] == '#') selection.width = static_cast<std::uint32_t>(line.size() - end);
    selections.push_back(std::move(selection));
  }
  return selections;
}

/// A copy of its own, so that reads outside of it are seen.
std::vector<std::byte> copy_of(std::string_view text) { return {as_bytes(text).begin(), as_bytes(text).end()}; }

void read_picture(const std::shared_ptr<const msg::Definition>& definition, Bytes message) {
  const auto extractor = msg::PictureExtractor::compile(definition);
  if (!extractor.ok()) return;
  const auto picture = extractor->run(message);
  if (!picture.ok()) return;
  if (picture->data.size() > message.size() || picture->encoding.size() > message.size()) __builtin_trap();
  if (definition->wire == msg::Wire::protobuf && !picture->data.empty() &&
      (picture->data.data() < message.data() || picture->data.data() + picture->data.size() > message.data() + message.size()))
    __builtin_trap();
  std::uint8_t sum = 0;
  for (const std::byte byte : picture->data) sum = static_cast<std::uint8_t>(sum + std::to_integer<std::uint8_t>(byte));
  for (const char c : picture->encoding) sum = static_cast<std::uint8_t>(sum + static_cast<std::uint8_t>(c));
  volatile std::uint8_t used = sum;
  (void)used;
}

/// Schema and message once each, the types, and what is compiled of them. A path's range is a number in the text: so many
/// numbers, twice, and what names them.
fuzz::Allowance allowance(std::string_view text) { return {"payload", 16 * 1024 + 64 * largest_number(text, 1u << 18), 64}; }

}  // namespace

extern "C" int LLVMFuzzerTestOneInput(const std::uint8_t* data, std::size_t size) {
  const std::string_view input(reinterpret_cast<const char*>(data), size);
  const fuzz::AllocationCap cap(allowance(input), size);
  const std::size_t paths_end = input.find("\n\n");
  if (paths_end == std::string_view::npos || size - paths_end < 4) return 0;
  const std::vector<std::string> lines = split(input.substr(0, paths_end), '\n');
  if (lines.empty() || lines[0].find(' ') == std::string::npos) return 0;
  const std::string encoding = lines[0].substr(0, lines[0].find(' ')), type = lines[0].substr(lines[0].find(' ') + 1);
  const std::string_view rest = input.substr(paths_end + 4);
  const std::size_t schema_size = data[paths_end + 2] | data[paths_end + 3] << 8;
  const std::vector<std::byte> schema = copy_of(rest.substr(0, schema_size));
  const std::vector<std::byte> message = copy_of(rest.substr(schema.size()));

  const auto definition = msg::parse_definition({type, as_text(schema), encoding == "json" ? "jsonschema" : "protobuf", encoding},
                                                msg::builtin_definitions());
  if (!definition.ok()) return 0;
  read_picture(*definition, message);
  const std::vector<msg::NumberSelection> selections = read_selections(lines);
  for (const msg::NumberSelection& selection : selections) {
    (void)msg::array_length(**definition, selection.path, message);
    const auto names = msg::string_array(**definition, selection.path, message);
    if (names.ok() && names->size() > message.size()) __builtin_trap();
  }
  const auto extractor = msg::NumberExtractor::compile(*definition, selections);
  if (!extractor.ok()) return 0;
  std::vector<double> numbers(extractor->width(), 1), again(extractor->width(), 2);
  const Status first = extractor->run(message, numbers);
  const Status second = extractor->run(message, again);
  if (first.ok() != second.ok()) __builtin_trap();
  // Every number of an accepted message comes from it.
  if (first.ok() && !numbers.empty() && std::memcmp(numbers.data(), again.data(), numbers.size() * sizeof(double)) != 0)
    __builtin_trap();
  return 0;
}
