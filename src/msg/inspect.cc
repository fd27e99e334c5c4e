// Looking into single messages and definitions, for guessing recipes; not for the hot path.
#include "msg/extractor.h"
#include "msg/tagged_inspect.h"
#include "msg/walk.h"

namespace bagloom::msg {
namespace {

struct FoundField {
  Target target;
  Found place;
  WireForm form;
};

Result<FoundField> find_in_message(const Definition& definition, const FieldPath& path, Bytes message) {
  ASSIGN_OR_RETURN(const Walk walk, Walk::compile(definition, {{path, 0}}));
  std::vector<Found> found(walk.slots());
  WireForm form;
  RETURN_IF_ERROR(walk.run(message, found, form));
  const Target& target = walk.targets()[0];
  if (target.slots.size() != 1) return Error(ErrorKind::invalid, "field path `" + path.text + "` leads to several places");
  return FoundField{target, found[target.slots[0]], form};
}

}  // namespace

Result<std::uint32_t> array_length(const Definition& definition, const FieldPath& path, Bytes message) {
  if (is_tagged(definition.wire)) return tagged_array_length(definition, path, message);
  ASSIGN_OR_RETURN(const FoundField found, find_in_message(definition, path, message));
  if (found.target.ranged) return found.target.end - found.target.begin;
  // A single string's place counts its bytes.
  return found.target.field->array == ArrayKind::none ? 1 : found.place.count;
}

Result<std::vector<std::string>> string_array(const Definition& definition, const FieldPath& path, Bytes message) {
  if (is_tagged(definition.wire)) return tagged_string_array(definition, path, message);
  ASSIGN_OR_RETURN(const FoundField found, find_in_message(definition, path, message));
  if (found.target.field->primitive != Primitive::string || found.target.field->array == ArrayKind::none || found.target.ranged) {
    return Error(ErrorKind::invalid, "field path `" + path.text + "` is no whole array of strings");
  }
  Strings strings(message, found.place.at, found.form);
  std::vector<std::string> copies;
  for (std::uint32_t i = 0; i < found.place.count; ++i) copies.emplace_back(strings.next());
  return copies;
}

Result<FieldPath> find_names_beside(const Definition& definition, const FieldPath& path) {
  const MessageType* type = definition.root;
  bool in_array = false;  // then each element may have its name
  const auto beside = [&path](const char* name) {
    const std::size_t dot = path.text.rfind('.');
    return parse_field_path((dot == std::string::npos ? "" : path.text.substr(0, dot + 1)) + name);
  };
  for (std::size_t i = 0; i + 1 < path.steps.size(); ++i) {
    if (type->open) break;
    ASSIGN_OR_RETURN(const Field* field, find_field(*type, path.steps[i].field));
    if (field->message == nullptr) break;
    in_array = in_array || (field->array != ArrayKind::none && is_tagged(definition.wire));
    type = field->message;
  }
  for (const char* candidate : {"name", "names", "joint_names"}) {
    for (const Field& field : type->fields) {
      if (field.name != candidate || field.primitive != Primitive::string || field.message != nullptr) continue;
      if (field.array == ArrayKind::none && !in_array) continue;
      return beside(candidate);
    }
  }
  if (type->open) return beside("name");  // messages show whether it is there
  return Error(ErrorKind::invalid, "there is no array of names beside `" + path.text + "` in " + type->name);
}

}  // namespace bagloom::msg
