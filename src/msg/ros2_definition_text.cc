// ROS 2's .msg texts. bag-formats.md 6.1.
#include <algorithm>
#include <utility>

#include "msg/definition_text.h"
#include "msg/ros2_names.h"

namespace bagloom::msg {
namespace {

class LineParser {
 public:
  LineParser(std::size_t number, std::string_view line) : number_(number), line_(line) {}

  /// `TYPE NAME`, `TYPE NAME DEFAULT`, `TYPE NAME=VALUE`. What stands behind the name matters to nobody who reads messages.
  Status parse_into(Section& section) const {
    const std::string_view code = trimmed(line_);
    if (code.empty() || code.front() == '#') return {};
    const std::size_t blank = code.find_first_of(kBlanks);
    if (blank == std::string_view::npos) return wrong("expected TYPE NAME");
    const std::string_view type = code.substr(0, blank);
    const std::string_view rest = trimmed(code.substr(blank));
    const std::size_t name_end = rest.find_first_of(" \t\r\f\v=#");
    const std::string_view name = rest.substr(0, name_end);
    if (!is_name(name)) return wrong("expected TYPE NAME");
    const std::string_view behind = name_end == std::string_view::npos ? "" : trimmed(rest.substr(name_end));
    if (behind.substr(0, 1) == "=") return parse_constant(type, name, trimmed(behind.substr(1)), section);
    return parse_field(type, name, section);
  }

 private:
  Status parse_constant(std::string_view type, std::string_view name, std::string_view value, Section& section) const {
    Primitive primitive;
    ASSIGN_OR_RETURN(const std::string_view unbounded, without_bound(type));
    if (!find_ros2_primitive(unbounded, primitive)) return wrong("a constant's type must be a primitive");
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
      std::string_view length = type.substr(bracket + 1, type.size() - bracket - 2);
      type = type.substr(0, bracket);
      const bool bounded = length.substr(0, 2) == "<=";
      field.array = length.empty() || bounded ? ArrayKind::variable : ArrayKind::fixed;
      std::uint32_t number = 0;
      if (bounded) length.remove_prefix(2);
      if ((bounded || !length.empty()) && !read_array_length(length, number)) {
        return wrong(length.empty() || length.find_first_not_of("0123456789") != std::string_view::npos
                         ? "an array's length must be a number"
                         : "an array longer than any message");
      }
      if (!bounded) field.length = number;
    }
    ASSIGN_OR_RETURN(type, without_bound(type));
    auto plain = plain_type_name(type);
    if (!plain) return wrong("not a type's name");
    field.type = std::move(*plain);
    section.fields.push_back(std::move(field));
    return {};
  }

  /// `string<=10` is a string.
  Result<std::string_view> without_bound(std::string_view type) const {
    const std::size_t bound = type.find("<=");
    if (bound == std::string_view::npos) return type;
    const std::string_view base = type.substr(0, bound);
    std::uint32_t length = 0;
    if ((base != "string" && base != "wstring") || !read_array_length(type.substr(bound + 2), length))
      return wrong("only strings have a bound, and it is a number");
    return base;
  }

  Error wrong(const std::string& what) const { return Error(ErrorKind::corrupt, what).in(shown_line(number_, line_)); }

  std::size_t number_;
  std::string_view line_;
};

}  // namespace

std::optional<std::string> plain_type_name(std::string_view type) {
  if (type.size() > kLongestTypeName) return std::nullopt;
  const std::size_t first = type.find('/');
  if (first == std::string_view::npos) return is_name(type) ? std::optional(std::string(type)) : std::nullopt;
  const std::size_t last = type.rfind('/');
  const std::string_view package = type.substr(0, first), name = type.substr(last + 1);
  if (!is_name(package, "-") || !is_name(name)) return std::nullopt;
  if (last != first) {
    const std::string_view kind = type.substr(first + 1, last - first - 1);
    if (kind != "msg" && kind != "srv" && kind != "action") return std::nullopt;
  }
  return std::string(package) + "/" + std::string(name);
}

Result<std::vector<Section>> split_ros2_definition(std::string_view type, std::string_view text) {
  const auto parse = [](std::size_t number, std::string_view line, Section& section) {
    return LineParser(number, line).parse_into(section);
  };
  ASSIGN_OR_RETURN(std::vector<Section> sections, split_sections(type, text, plain_type_name, parse));
  // Some writers name the top-level type's section too.
  const auto named = std::find_if(sections.begin() + 1, sections.end(),
                                  [&](const Section& section) { return section.type == sections[0].type; });
  if (named != sections.end() && sections[0].fields.empty()) {
    sections[0].fields = std::move(named->fields);
    sections.erase(named);
  }
  return sections;
}

}  // namespace bagloom::msg
