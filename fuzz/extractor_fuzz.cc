// Extractors. Input: field paths (one a line; "path=name,name" selects by name), an empty line, the definition, a line of one
// 0x01 byte, the message. A first line of `#ros2msg`, `#ros2idl` or `#either` says that the message is CDR and what the
// definition is (`either`: ROS 1's, of messages that may be both).
#include <cstddef>
#include <cstdint>
#include <string>
#include <string_view>
#include <vector>

#include "allocation_cap.h"
#include "msg/definition_set.h"
#include "msg/extractor.h"
#include "split_text.h"

namespace {

using namespace bagloom;

std::vector<msg::NumberSelection> read_selections(std::string_view text) {
  std::vector<msg::NumberSelection> selections;
  for (const std::string& line : split(text, '\n')) {
    const std::size_t equals = line.find('=');
    auto path = msg::parse_field_path(line.substr(0, equals));
    if (!path.ok()) continue;
    msg::NumberSelection selection;
    selection.path = *path;
    if (equals != std::string::npos)
      selection.names = split(std::string_view(line).substr(equals + 1), ',');
    else if (line.find('[') == std::string::npos)
      selection.width = line.size() % 3;
    selections.push_back(std::move(selection));
  }
  return selections;
}

/// The definition, and what is compiled of it. A path may stand for an element each of an array, whose length is a number in the
/// text: 500 bytes each, for four ways to pack a message; not more than 2^18 of them (walk_compiler.cc), of which 16 MB were
/// seen.
fuzz::Allowance allowance(std::string_view text) {
  return {"extractor", 16 * 1024 + std::min<std::uint64_t>(600 * largest_number(text, 1u << 18), 24u << 20), 64};
}

}  // namespace

extern "C" int LLVMFuzzerTestOneInput(const std::uint8_t* data, std::size_t size) {
  const std::string_view input(reinterpret_cast<const char*>(data), size);
  const fuzz::AllocationCap cap(allowance(input), size);
  const std::size_t paths_end = input.find("\n\n");
  if (paths_end == std::string_view::npos) return 0;
  const std::size_t definition_end = input.find("\n\x01\n", paths_end + 1);
  if (definition_end == std::string_view::npos) return 0;
  const std::string_view text = input.substr(paths_end + 2, definition_end > paths_end + 2 ? definition_end - paths_end - 2 : 0);
  // A copy of its own, so that reads outside the message are seen.
  const std::vector<std::byte> message(as_bytes(input.substr(definition_end + 3)).begin(),
                                       as_bytes(input.substr(definition_end + 3)).end());

  std::string_view encoding = "ros1msg", message_encoding = "ros1";
  for (const std::string_view line : {"#ros2msg\n", "#ros2idl\n", "#either\n"}) {
    if (input.substr(0, line.size()) != line) continue;
    message_encoding = "cdr";
    if (line != "#either\n") encoding = line.substr(1, 7);
  }
  const auto definition = msg::parse_definition({"fuzz/Type", text, encoding, message_encoding}, msg::builtin_definitions());
  if (!definition.ok()) return 0;
  if (const auto pictures = msg::PictureExtractor::compile(*definition); pictures.ok()) {
    const auto picture = pictures->run(message);
    if (picture.ok() && (picture->data.size() > message.size() || picture->encoding.size() > message.size())) __builtin_trap();
  }
  for (const msg::NumberSelection& selection : read_selections(input.substr(0, paths_end))) {
    (void)msg::array_length(**definition, selection.path, message);
    (void)msg::string_array(**definition, selection.path, message);
  }
  const auto extractor = msg::NumberExtractor::compile(*definition, read_selections(input.substr(0, paths_end)));
  if (!extractor.ok()) return 0;
  std::vector<double> numbers(extractor->width());
  const Status first = extractor->run(message, numbers);
  std::vector<double> again(extractor->width());
  if (extractor->run(message, again).ok() != first.ok()) __builtin_trap();
  return 0;
}
