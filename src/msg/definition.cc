#include "msg/definition.h"

#include "base/hash.h"
#include "msg/definition_set.h"
#include "msg/definition_text.h"
#include "msg/json_definition.h"
#include "msg/missing_types.h"
#include "msg/protobuf_definition.h"
#include "msg/ros2_names.h"
#include "msg/type_linker.h"

namespace bagloom::msg {
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
    case Primitive::string:
    case Primitive::wstring: return 0;
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
    case Primitive::wstring: return "wstring";
    case Primitive::time: return "time";
    case Primitive::duration: return "duration";
  }
  return "";
}

namespace {

using Split = Result<std::vector<Section>> (*)(std::string_view type, std::string_view text);

Error about(Error error, std::string_view type) { return std::move(error).in("type " + std::string(type.substr(0, 80))); }

Result<std::shared_ptr<const Definition>> parse(std::string_view type, std::string_view text, Split split, Wire wire) {
  auto sections = split(type, text);
  if (!sections.ok()) return about(std::move(sections).error(), type);
  auto definition = link_types(std::move(sections).value(), wire, "");
  if (!definition.ok()) return about(std::move(definition).error(), type);
  return definition;
}

/// Which of ours reads it; nothing where none does.
Split splitter_of(std::string_view encoding) {
  if (encoding == "ros1msg") return split_ros1_definition;
  if (encoding == "ros2msg") return split_ros2_definition;
  if (encoding == "ros2idl") return split_ros2_idl;
  return nullptr;
}

Result<std::vector<Section>> stored_or_given(const DefinitionText& definition, Wire wire, const DefinitionSet& set) {
  if (!definition.text.empty()) return splitter_of(definition.encoding)(definition.type, definition.text);
  const auto type = plain_type_name(definition.type);
  if (!type) return Error(ErrorKind::corrupt, "not a type's name");
  ASSIGN_OR_RETURN(std::vector<Section> sections, sections_from(*type, wire, set));
  if (sections.empty()) {
    return Error(ErrorKind::invalid, "the recording holds no definition of it, and none is built in")
        .fix("give a folder of .msg files with --msg-path DIR, or leave the topic out of the recipe");
  }
  return sections;
}

}  // namespace

Result<std::shared_ptr<const Definition>> parse_ros1_definition(std::string_view type, std::string_view text) {
  return parse(type, text, split_ros1_definition, Wire::ros1);
}

Result<std::shared_ptr<const Definition>> parse_ros2_definition(std::string_view type, std::string_view text) {
  return parse(type, text, split_ros2_definition, Wire::cdr);
}

Result<std::shared_ptr<const Definition>> parse_ros2_idl(std::string_view type, std::string_view text) {
  return parse(type, text, split_ros2_idl, Wire::cdr);
}

Result<std::shared_ptr<const Definition>> parse_definition(const DefinitionText& definition, const DefinitionSet& set) {
  const std::string_view of_text = definition.encoding, of_messages = definition.message_encoding;
  const bool stored = !definition.text.empty();
  if (of_messages == "protobuf" && (of_text == "protobuf" || of_text.empty())) {
    auto parsed = parse_protobuf_schema(definition.type, definition.text);
    if (!parsed.ok()) return about(std::move(parsed).error(), definition.type);
    return parsed;
  }
  if (of_messages == "json" && (of_text == "jsonschema" || !stored)) {
    auto parsed = parse_json_schema(definition.type, definition.text);
    if (!parsed.ok()) return about(std::move(parsed).error(), definition.type);
    return parsed;
  }
  Wire wire = Wire::cdr;
  if (of_messages == "ros1" && (!stored || of_text == "ros1msg")) {
    wire = Wire::ros1;
  } else if (of_messages == "cdr" && stored && of_text == "ros1msg") {
    wire = Wire::ros1_or_cdr;
  } else if (of_messages != "cdr" || (stored && splitter_of(of_text) == nullptr)) {
    return Error(ErrorKind::unsupported,
                 "messages of encoding " + std::string(of_messages) + ", defined as " + std::string(of_text));
  }
  auto sections = stored_or_given(definition, wire, set);
  if (!sections.ok()) return about(std::move(sections).error(), definition.type);
  Hasher hasher;
  if (!stored) {
    for (const Section& section : *sections) hash_section(section, hasher);
  }
  auto added = add_missing_types(*sections, wire, set, hasher);
  if (!added.ok()) return about(std::move(added).error(), definition.type);
  auto linked = link_types(std::move(sections).value(), wire, *added || !stored ? hasher.hex_digest() : "");
  if (!linked.ok()) return about(std::move(linked).error(), definition.type);
  return linked;
}

}  // namespace bagloom::msg
