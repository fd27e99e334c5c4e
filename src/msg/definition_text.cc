#include "msg/definition_text.h"

#include <algorithm>
#include <array>
#include <charconv>
#include <utility>

namespace bagloom::msg {
namespace {

/// "pkg/Type" or "Type".
bool is_type_name(std::string_view text) {
  const std::size_t slash = text.find('/');
  if (slash == std::string_view::npos) return is_name(text);
  // Packages may carry dashes in the wild.
  return is_name(text.substr(0, slash), "-") && is_name(text.substr(slash + 1));
}

class LineParser {
 public:
  LineParser(std::size_t number, std::string_view line) : number_(number), line_(line) {}

  /// `TYPE NAME`, `TYPE[N] NAME`, `TYPE NAME=VALUE` (bag-formats.md 2.1); blank and comment lines are nothing.
  Status parse_into(Section& section) const {
    const std::string_view code = trimmed(line_.substr(0, line_.find('#')));
    if (code.empty()) return {};
    const std::size_t blank = code.find_first_of(kBlanks);
    if (blank == std::string_view::npos) return wrong("expected TYPE NAME");
    const std::string_view type = code.substr(0, blank);
    const std::string_view rest = trimmed(code.substr(blank));
    if (rest.find('=') != std::string_view::npos) return parse_constant(type, rest, section);
    if (!is_name(rest)) return wrong("expected TYPE NAME");
    return parse_field(type, rest, section);
  }

 private:
  Status parse_constant(std::string_view type, std::string_view rest, Section& section) const {
    Primitive primitive;
    if (!find_primitive(type, primitive)) return wrong("a constant's type must be a primitive");
    const std::string_view name = trimmed(rest.substr(0, rest.find('=')));
    if (!is_name(name)) return wrong("expected TYPE NAME=VALUE");
    std::string_view value = trimmed(rest.substr(rest.find('=') + 1));
    // A string's value goes to the end of the line, '#' included.
    if (primitive == Primitive::string) value = trimmed(line_.substr(line_.find('=') + 1));
    section.constants.push_back(std::string(type) + " " + std::string(name) + "=" + std::string(value));
    return {};
  }

  Status parse_field(std::string_view type, std::string_view name, Section& section) const {
    FieldLine field;
    field.name = std::string(name);
    field.line = number_;
    const std::size_t bracket = type.find('[');
    if (bracket != std::string_view::npos) {
      if (type.back() != ']') return wrong("expected `]` at the end of the type");
      const std::string_view length = type.substr(bracket + 1, type.size() - bracket - 2);
      type = type.substr(0, bracket);
      field.array = length.empty() ? ArrayKind::variable : ArrayKind::fixed;
      if (field.array == ArrayKind::fixed && !read_array_length(length, field.length)) {
        return wrong(length.find_first_not_of("0123456789") == std::string_view::npos ? "an array longer than any message"
                                                                                      : "an array's length must be a number");
      }
    }
    if (!is_type_name(type)) return wrong("not a type's name");
    field.type = std::string(type);
    section.fields.push_back(std::move(field));
    return {};
  }

  Error wrong(const std::string& what) const { return Error(ErrorKind::corrupt, what).in(shown_line(number_, line_)); }

  std::size_t number_;
  std::string_view line_;
};

}  // namespace

std::string_view trimmed(std::string_view text) {
  const std::size_t first = text.find_first_not_of(kBlanks);
  if (first == std::string_view::npos) return {};
  return text.substr(first, text.find_last_not_of(kBlanks) - first + 1);
}

bool is_name(std::string_view text, std::string_view also) {
  if (text.empty() || (text.front() >= '0' && text.front() <= '9')) return false;
  return std::all_of(text.begin(), text.end(), [also](char c) {
    return (c >= 'a' && c <= 'z') || (c >= 'A' && c <= 'Z') || (c >= '0' && c <= '9') || c == '_' ||
           also.find(c) != std::string_view::npos;
  });
}

bool is_separator(std::string_view line) { return line.size() >= 2 && line.find_first_not_of('=') == std::string_view::npos; }

bool read_array_length(std::string_view digits, std::uint32_t& length) {
  const auto [end, error] = std::from_chars(digits.data(), digits.data() + digits.size(), length);
  return error == std::errc() && end == digits.data() + digits.size();
}

bool find_primitive(std::string_view type, Primitive& primitive) {
  static constexpr std::array<std::pair<std::string_view, Primitive>, 16> kNames{{
      {"bool", Primitive::boolean},
      {"int8", Primitive::int8},
      {"uint8", Primitive::uint8},
      {"int16", Primitive::int16},
      {"uint16", Primitive::uint16},
      {"int32", Primitive::int32},
      {"uint32", Primitive::uint32},
      {"int64", Primitive::int64},
      {"uint64", Primitive::uint64},
      {"float32", Primitive::float32},
      {"float64", Primitive::float64},
      {"string", Primitive::string},
      {"time", Primitive::time},
      {"duration", Primitive::duration},
      {"char", Primitive::uint8},
      {"byte", Primitive::int8},
  }};
  for (const auto& [name, value] : kNames) {
    if (name != type) continue;
    primitive = value;
    return true;
  }
  return false;
}

bool find_ros2_primitive(std::string_view type, Primitive& primitive) {
  if (type == "wstring") {
    primitive = Primitive::wstring;
    return true;
  }
  if (!find_primitive(type, primitive)) return false;
  if (type == "byte") primitive = Primitive::uint8;
  return true;
}

std::string shown_line(std::size_t number, std::string_view line) {
  std::string text(trimmed(line).substr(0, 80));
  for (char& c : text) {
    if (c < 0x20 || c > 0x7e) c = '?';
  }
  return "definition line " + std::to_string(number) + " `" + text + "`";
}

Result<std::vector<Section>> split_sections(std::string_view type, std::string_view text, const NameOf& name_of,
                                            const ParseLine& parse) {
  if (text.size() > kLongestDefinition) return Error(ErrorKind::corrupt, "a definition of more than 4 MiB");
  auto root = name_of(type);
  if (!root) return Error(ErrorKind::corrupt, "`" + std::string(type.substr(0, 80)) + "` is not a type's name");
  if (text.substr(0, 3) == "\xef\xbb\xbf") text.remove_prefix(3);

  std::vector<Section> sections(1);
  sections[0].type = std::move(*root);
  bool expect_type = false;
  for (std::size_t number = 1; !text.empty(); ++number) {
    const std::size_t end = text.find('\n');
    const std::string_view line = text.substr(0, end);
    text.remove_prefix(end == std::string_view::npos ? text.size() : end + 1);

    const std::string_view content = trimmed(line);
    if (is_separator(content)) {
      expect_type = true;
      continue;
    }
    if (content.substr(0, 4) == "MSG:") {
      auto name = name_of(trimmed(content.substr(4)));
      if (!name) return Error(ErrorKind::corrupt, "expected MSG: pkg/Type").in(shown_line(number, line));
      sections.emplace_back();
      sections.back().type = std::move(*name);
      sections.back().line = number;
      expect_type = false;
      continue;
    }
    if (expect_type && !content.empty() && content.front() != '#') {
      return Error(ErrorKind::corrupt, "expected MSG: pkg/Type after the line of `=`").in(shown_line(number, line));
    }
    RETURN_IF_ERROR(parse(number, line, sections.back()));
  }
  return sections;
}

Result<std::vector<Section>> split_ros1_definition(std::string_view type, std::string_view text) {
  const auto name_of = [](std::string_view name) { return is_type_name(name) ? std::optional<std::string>(name) : std::nullopt; };
  return split_sections(type, text, name_of, [](std::size_t number, std::string_view line, Section& section) {
    return LineParser(number, line).parse_into(section);
  });
}

}  // namespace bagloom::msg
