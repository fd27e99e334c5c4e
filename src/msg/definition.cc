#include "msg/definition.h"

#include <algorithm>
#include <map>
#include <optional>

#include "msg/definition_text.h"

namespace bagloom::msg {
namespace {

// Real definitions nest five deep or so; the cap keeps every recursion over types shallow.
constexpr std::size_t kDeepestNesting = 64;
// A message record's length is a uint32 (bag-formats.md 1.2): no message is longer.
constexpr std::uint64_t kLongestMessage = 0xffffffffu;

/// Resolves names to types, from the top-level type down; sections that nothing needs are left alone.
class Linker {
 public:
  explicit Linker(std::vector<Section> sections) : sections_(std::move(sections)) {}

  Result<std::shared_ptr<const Definition>> link() {
    RETURN_IF_ERROR(index_sections());
    ASSIGN_OR_RETURN(const std::size_t root, resolve(0, 1));
    auto definition = std::make_shared<Definition>();
    definition->root = linked_[root]->type;
    definition->types = std::move(types_);
    return std::shared_ptr<const Definition>(std::move(definition));
  }

 private:
  struct Linked {
    const MessageType* type = nullptr;  ///< null while its own fields are being resolved
    std::size_t height = 0;             ///< types on the longest way down, itself included
    std::uint64_t least_bytes = 0;
  };

  Status index_sections() {
    linked_.resize(sections_.size());
    for (std::size_t i = 0; i < sections_.size(); ++i) {
      const auto [place, is_new] = by_name_.try_emplace(sections_[i].type, i);
      if (is_new) continue;
      const Section& first = sections_[place->second];
      const bool same =
          std::equal(first.fields.begin(), first.fields.end(), sections_[i].fields.begin(), sections_[i].fields.end(),
                     [](const FieldLine& a, const FieldLine& b) { return a.same_as(b); });
      if (!same) {
        return Error(ErrorKind::corrupt, "type " + sections_[i].type +
                                             " stands twice with other fields (second at definition line " +
                                             std::to_string(sections_[i].line) + ")");
      }
    }
    return {};
  }

  /// The section of a type as seen from a text of `package` (bag-formats.md 2.1).
  std::optional<std::size_t> find(const std::string& type, const std::string& package) const {
    if (type.find('/') != std::string::npos) return find_exactly(type);
    if (type == "Header") {
      if (const auto header = find_exactly("std_msgs/Header")) return header;
    }
    return find_exactly(package.empty() ? type : package + "/" + type);
  }
  std::optional<std::size_t> find_exactly(const std::string& type) const {
    const auto found = by_name_.find(type);
    if (found == by_name_.end()) return std::nullopt;
    return found->second;
  }

  Result<std::size_t> resolve(std::size_t index, std::size_t depth) {
    const Section& section = sections_[index];
    if (depth > kDeepestNesting) return too_deep();
    linked_[index].emplace();
    auto type = std::make_unique<MessageType>();
    type->name = section.type;
    type->constants = section.constants;
    type->fields.reserve(section.fields.size());
    Linked result;
    result.height = 1;
    const std::size_t slash = section.type.find('/');
    const std::string package = slash == std::string::npos ? "" : section.type.substr(0, slash);
    for (const FieldLine& line : section.fields) {
      Field field;
      field.name = line.name;
      field.array = line.array;
      field.length = line.length;
      std::uint64_t element_bytes = 0;
      if (find_primitive(line.type, field.primitive)) {
        element_bytes = field.primitive == Primitive::string ? 4 : wire_bytes(field.primitive);
      } else {
        ASSIGN_OR_RETURN(const std::size_t child, resolve_field(line, section.type, package, depth));
        field.message = linked_[child]->type;
        result.height = std::max(result.height, linked_[child]->height + 1);
        element_bytes = linked_[child]->least_bytes;
      }
      // Both factors are below 2^32, so the product fits; the sum is checked at each field.
      if (line.array == ArrayKind::fixed) element_bytes *= line.length;
      if (line.array == ArrayKind::variable) element_bytes = 4;
      result.least_bytes += element_bytes;
      if (element_bytes > kLongestMessage || result.least_bytes > kLongestMessage) {
        return Error(ErrorKind::corrupt, "type " + section.type + " would need more bytes than any message has")
            .in("definition line " + std::to_string(line.line));
      }
      type->fields.push_back(std::move(field));
    }
    result.type = type.get();
    types_.push_back(std::move(type));
    linked_[index] = result;
    return index;
  }

  Result<std::size_t> resolve_field(const FieldLine& line, const std::string& in_type, const std::string& package,
                                    std::size_t depth) {
    const auto child = find(line.type, package);
    if (!child) {
      return Error(ErrorKind::corrupt,
                   "type " + line.type + " of field " + in_type + "." + line.name + " is not in the definition")
          .in("definition line " + std::to_string(line.line));
    }
    if (!linked_[*child]) return resolve(*child, depth + 1);
    if (linked_[*child]->type == nullptr) {
      return Error(ErrorKind::corrupt, "type " + sections_[*child].type + " contains itself")
          .in("definition line " + std::to_string(line.line));
    }
    if (depth + linked_[*child]->height > kDeepestNesting) return too_deep();
    return *child;
  }

  static Error too_deep() { return Error(ErrorKind::corrupt, "types nest deeper than " + std::to_string(kDeepestNesting)); }

  std::vector<Section> sections_;
  std::map<std::string, std::size_t, std::less<>> by_name_;
  std::vector<std::optional<Linked>> linked_;  // as sections_
  std::vector<std::unique_ptr<MessageType>> types_;
};

}  // namespace

std::uint32_t wire_bytes(Primitive primitive) {
  switch (primitive) {
    case Primitive::boolean:
    case Primitive::int8:
    case Primitive::uint8: return 1;
    case Primitive::int16:
    case Primitive::uint16: return 2;
    case Primitive::int32:
    case Primitive::uint32:
    case Primitive::float32: return 4;
    case Primitive::int64:
    case Primitive::uint64:
    case Primitive::float64:
    case Primitive::time:
    case Primitive::duration: return 8;
    case Primitive::string: return 0;
  }
  return 0;
}

std::string_view name_of(Primitive primitive) {
  switch (primitive) {
    case Primitive::boolean: return "bool";
    case Primitive::int8: return "int8";
    case Primitive::uint8: return "uint8";
    case Primitive::int16: return "int16";
    case Primitive::uint16: return "uint16";
    case Primitive::int32: return "int32";
    case Primitive::uint32: return "uint32";
    case Primitive::int64: return "int64";
    case Primitive::uint64: return "uint64";
    case Primitive::float32: return "float32";
    case Primitive::float64: return "float64";
    case Primitive::string: return "string";
    case Primitive::time: return "time";
    case Primitive::duration: return "duration";
  }
  return "";
}

Result<std::shared_ptr<const Definition>> parse_ros1_definition(std::string_view type, std::string_view text) {
  auto sections = split_ros1_definition(type, text);
  if (!sections.ok()) return std::move(sections).error().in("type " + std::string(type.substr(0, 80)));
  auto definition = Linker(std::move(sections).value()).link();
  if (!definition.ok()) return std::move(definition).error().in("type " + std::string(type.substr(0, 80)));
  return definition;
}

}  // namespace bagloom::msg
