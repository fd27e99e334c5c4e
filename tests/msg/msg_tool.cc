// For independent_test.py: what src/msg makes of definitions and messages that another implementation wrote.
//   msg_tool builtin           the built-in types, one a line: name, tab, fields (joined by ';')
//   msg_tool read < CASES      a line for each case: its numbers, or `error: ...`
// A case: a line `type definition-encoding message-encoding definition-bytes paths message-bytes`, the definition, `paths` lines
// (a field path each, or `path:width`), the message's bytes.
#include <algorithm>
#include <cstdio>
#include <iostream>
#include <iterator>
#include <sstream>
#include <string>
#include <vector>

#include "msg/definition_set.h"
#include "msg/extractor.h"

namespace {

using namespace bagloom;

std::string read_case(const std::string& header, std::istream& in) {
  std::istringstream words(header);
  std::string type, encoding, message_encoding;
  std::size_t definition_bytes = 0, paths = 0, message_bytes = 0;
  words >> type >> encoding >> message_encoding >> definition_bytes >> paths >> message_bytes;
  std::string definition(definition_bytes, '\0'), message(message_bytes, '\0');
  in.read(definition.data(), static_cast<std::streamsize>(definition_bytes));
  std::vector<msg::NumberSelection> selections;
  std::string wrong;
  for (std::size_t i = 0; i < paths; ++i) {
    std::string line;
    std::getline(in, line);
    msg::NumberSelection selection;
    if (const std::size_t colon = line.find(':', line.rfind(']') == std::string::npos ? 0 : line.rfind(']'));
        colon != std::string::npos) {
      selection.width = static_cast<std::uint32_t>(std::stoul(line.substr(colon + 1)));
      line.resize(colon);
    }
    auto path = msg::parse_field_path(line);
    if (!path.ok()) wrong = path.error().text();
    if (path.ok()) selection.path = *path;
    selections.push_back(selection);
  }
  in.read(message.data(), static_cast<std::streamsize>(message_bytes));
  if (!wrong.empty()) return "error: " + wrong;
  const auto parsed = msg::parse_definition({type, definition, encoding, message_encoding}, msg::builtin_definitions());
  if (!parsed.ok()) return "error: " + parsed.error().text();
  const auto extractor = msg::NumberExtractor::compile(*parsed, selections);
  if (!extractor.ok()) return "error: " + extractor.error().text();
  std::vector<double> numbers(extractor->width());
  if (const Status status = extractor->run(as_bytes(message), numbers); !status.ok()) return "error: " + status.error().text();
  std::string line;
  for (const double number : numbers) {
    char text[40];
    std::snprintf(text, sizeof text, "%a ", number);
    line += text;
  }
  return line;
}

}  // namespace

int main(int argc, char** argv) {
  if (argc == 2 && std::string(argv[1]) == "builtin") {
    for (const std::string_view type : msg::builtin_types()) {
      std::string fields = msg::builtin_type(type);
      std::replace(fields.begin(), fields.end(), '\n', ';');
      std::cout << type << '\t' << fields << '\n';
    }
    return 0;
  }
  for (std::string header; std::getline(std::cin, header);) std::cout << read_case(header, std::cin) << '\n';
  return 0;
}
