#include "msg/missing_types.h"

#include <set>

namespace bagloom::msg {
namespace {

// Far above what a message needs; a text made to cost time ends here.
constexpr std::size_t kMostLookups = 1024;
constexpr std::size_t kMostSections = 1024;

/// The names that a field's type may mean, the likeliest first (see Linker::find).
std::vector<std::string> meanings(const std::string& type, const std::string& in_type, bool ros2) {
  if (type.find('/') != std::string::npos) return {type};
  const std::size_t slash = in_type.find('/');
  const std::string here = slash == std::string::npos ? type : in_type.substr(0, slash + 1) + type;
  if (type != "Header") return {here};
  return ros2 ? std::vector<std::string>{here, "std_msgs/Header"} : std::vector<std::string>{"std_msgs/Header", here};
}

}  // namespace

void hash_section(const Section& section, Hasher& hasher) {
  hasher.add_text(section.type).add(section.fields.size());
  for (const FieldLine& field : section.fields) {
    hasher.add_text(field.type).add_text(field.name);
    hasher.add(static_cast<std::uint64_t>(field.array)).add(field.length);
  }
}

Result<std::vector<Section>> sections_from(const std::string& type, Wire wire, const DefinitionSet& set) {
  ASSIGN_OR_RETURN(const std::optional<TypeText> text, set.text_of(type, wire));
  if (!text) return std::vector<Section>();
  const bool ros2 = wire == Wire::cdr;
  if (text->idl && !ros2) return Error(ErrorKind::invalid, "an .idl file defines no ROS 1 message").in(text->where);
  auto sections = text->idl ? split_ros2_idl(type, text->text)
                  : ros2    ? split_ros2_definition(type, text->text)
                            : split_ros1_definition(type, text->text);
  if (!sections.ok()) return std::move(sections).error().in(text->where);
  return sections;
}

Result<bool> add_missing_types(std::vector<Section>& sections, Wire wire, const DefinitionSet& set, Hasher& hasher) {
  const bool ros2 = wire == Wire::cdr;
  std::set<std::string> known;
  for (const Section& section : sections) known.insert(section.type);
  std::set<std::string> looked_up;
  bool added = false;
  for (std::size_t i = 0; i < sections.size(); ++i) {
    for (std::size_t f = 0; f < sections[i].fields.size(); ++f) {
      Primitive primitive;
      const std::string type = sections[i].fields[f].type;
      if (ros2 ? find_ros2_primitive(type, primitive) : find_primitive(type, primitive)) continue;
      const std::vector<std::string> names = meanings(type, sections[i].type, ros2);
      bool found = false;
      for (const std::string& name : names) found = found || known.count(name) != 0;
      for (std::size_t n = 0; n < names.size() && !found; ++n) {
        if (names[n] == "builtin_interfaces/Time" || names[n] == "builtin_interfaces/Duration") break;  // primitives to us
        if (!looked_up.insert(names[n]).second) continue;
        if (looked_up.size() > kMostLookups) return added;
        ASSIGN_OR_RETURN(std::vector<Section> more, sections_from(names[n], wire, set));
        found = !more.empty();
        for (Section& section : more) {
          if (!known.insert(section.type).second) continue;
          if (sections.size() >= kMostSections) return Error(ErrorKind::corrupt, "needs more types than any message has");
          hash_section(section, hasher);
          sections.push_back(std::move(section));
          added = true;
        }
      }
    }
  }
  return added;
}

}  // namespace bagloom::msg
