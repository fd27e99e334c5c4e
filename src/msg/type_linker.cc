#include "msg/type_linker.h"

#include <algorithm>
#include <map>
#include <optional>

namespace bagloom::msg {
namespace {

// Real definitions nest five deep or so; the cap keeps every recursion over types shallow.
constexpr std::size_t kDeepestNesting = 64;
// A message record's length is a uint32 (bag-formats.md 1.2): no message is longer.
constexpr std::uint64_t kLongestMessage = 0xffffffffu;

/// Resolves names to types, from the top-level type down; sections that nothing needs are left alone.
class Linker {
 public:
  Linker(std::vector<Section> sections, Wire wire) : sections_(std::move(sections)), wire_(wire), ros2_(wire == Wire::cdr) {}

  Result<std::shared_ptr<const Definition>> link(std::string outside) {
    RETURN_IF_ERROR(index_sections());
    ASSIGN_OR_RETURN(const std::size_t root, resolve(0, 1));
    auto definition = std::make_shared<Definition>();
    definition->wire = wire_;
    definition->outside = std::move(outside);
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

  /// The section of a type as seen from a text of `package` (bag-formats.md 2.1; ROS 2 has no rule for Header, but converters
  /// that keep ROS 1's).
  std::optional<std::size_t> find(const std::string& type, const std::string& package) const {
    if (type.find('/') != std::string::npos) return find_exactly(type);
    const bool header = type == "Header";
    if (header && !ros2_) {
      if (const auto found = find_exactly("std_msgs/Header")) return found;
    }
    const auto found = find_exactly(package.empty() ? type : package + "/" + type);
    return found || !header ? found : find_exactly("std_msgs/Header");
  }
  std::optional<std::size_t> find_exactly(const std::string& type) const {
    const auto found = by_name_.find(type);
    if (found == by_name_.end()) return std::nullopt;
    return found->second;
  }

  bool find_known(const std::string& type, const std::string& package, Primitive& primitive) const {
    if (!ros2_) return find_primitive(type, primitive);
    return find_ros2_primitive(type, primitive) || find_time(type, package, primitive);
  }

  /// builtin_interfaces/Time and Duration, unless the text says that they are something else.
  bool find_time(const std::string& type, const std::string& package, Primitive& primitive) const {
    const std::string name = type.find('/') == std::string::npos ? package + "/" + type : type;
    if (name != "builtin_interfaces/Time" && name != "builtin_interfaces/Duration") return false;
    primitive = name == "builtin_interfaces/Time" ? Primitive::time : Primitive::duration;
    const auto section = find_exactly(name);
    if (!section) return true;
    const std::vector<FieldLine>& fields = sections_[*section].fields;
    return fields.size() == 2 && fields[0].type == "int32" && fields[1].type == "uint32" && fields[0].array == ArrayKind::none &&
           fields[1].array == ArrayKind::none;
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
      if (find_known(line.type, package, field.primitive)) {
        const bool text = field.primitive == Primitive::string || field.primitive == Primitive::wstring;
        element_bytes = text ? 4 : wire_bytes(field.primitive);
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
      auto error =
          Error(ErrorKind::corrupt, "type " + line.type + " of field " + in_type + "." + line.name + " is not in the definition")
              .in("definition line " + std::to_string(line.line));
      return ros2_ ? std::move(error).fix("give a folder of .msg files with --msg-path DIR") : std::move(error);
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
  Wire wire_;
  bool ros2_;
  std::map<std::string, std::size_t, std::less<>> by_name_;
  std::vector<std::optional<Linked>> linked_;  // as sections_
  std::vector<std::unique_ptr<MessageType>> types_;
};

}  // namespace

Result<std::shared_ptr<const Definition>> link_types(std::vector<Section> sections, Wire wire, std::string outside) {
  return Linker(std::move(sections), wire).link(std::move(outside));
}

}  // namespace bagloom::msg
