#include "msg/json_definition.h"

#include <exception>
#include <map>
#include <nlohmann/json.hpp>
#include <string>

namespace bagloom::msg {
namespace {

using Json = nlohmann::json;

constexpr std::size_t kMostBytes = 1u << 20;
constexpr int kDeepest = 64;
constexpr std::size_t kLongestName = 1024;

/// Each schema once, so that references do not multiply.
class Converter {
 public:
  Converter(const Json& schema, std::shared_ptr<Definition> definition) : schema_(schema), definition_(std::move(definition)) {}

  const MessageType* type_of(const Json& object, std::string name, int depth) {
    if (name.size() > kLongestName) name.resize(kLongestName);
    MessageType* type = add(std::move(name));
    known_[&object] = {type, false};
    const auto properties = object.find("properties");
    if (properties == object.end() || !properties->is_object() || properties->empty()) {
      type->open = true;
    } else {
      for (const auto& [key, value] : properties->items()) {
        Field field;
        field.name = key;
        field.absence_is_missing = true;
        if (convert(resolved(value), *type, depth, field))
          type->fields.push_back(std::move(field));
        else
          type->open = true;
      }
    }
    known_[&object].done = true;
    return type;
  }

 private:
  struct Known {
    const MessageType* type = nullptr;
    bool done = false;
  };

  MessageType* add(std::string name) {
    definition_->types.push_back(std::make_unique<MessageType>());
    definition_->types.back()->name = std::move(name);
    return definition_->types.back().get();
  }

  /// What a reference into the same schema leads to; of alternatives the first that is not null.
  const Json& resolved(const Json& schema) const {
    const Json* at = &schema;
    for (int i = 0; i < kDeepest && at->is_object(); ++i) {
      if (const auto ref = at->find("$ref"); ref != at->end() && ref->is_string()) {
        const Json* target = target_of(ref->get_ref<const std::string&>());
        if (target == nullptr) return *at;
        at = target;
        continue;
      }
      const Json* chosen = nullptr;
      for (const char* word : {"anyOf", "oneOf", "allOf"}) {
        const auto list = at->find(word);
        if (list == at->end() || !list->is_array()) continue;
        for (const Json& one : *list) {
          if (chosen == nullptr && one.is_object() && one.value("type", Json()) != "null") chosen = &one;
        }
      }
      if (chosen == nullptr) return *at;
      at = chosen;
    }
    return *at;
  }

  const Json* target_of(const std::string& reference) const {
    if (!reference.starts_with("#/")) return nullptr;
    try {
      return &schema_.at(Json::json_pointer(reference.substr(1)));
    } catch (const Json::exception&) {
      return nullptr;  // no pointer, or one that leads nowhere
    }
  }

  static std::string word_of(const Json& schema) {
    if (!schema.is_object()) return "";
    const auto type = schema.find("type");
    if (type == schema.end()) return schema.contains("properties") ? "object" : "";
    if (type->is_string()) return type->get<std::string>();
    if (!type->is_array()) return "";
    for (const Json& one : *type) {
      if (one.is_string() && one != "null") return one.get<std::string>();
    }
    return "";
  }

  /// `sec` and `nsec`, as Foxglove and ROS name them.
  static bool is_time(const Json& schema) {
    const auto properties = schema.find("properties");
    if (properties == schema.end() || !properties->is_object() || properties->size() != 2) return false;
    return (properties->contains("sec") || properties->contains("secs")) &&
           (properties->contains("nsec") || properties->contains("nsecs") || properties->contains("nanosec"));
  }

  /// False where the schema does not say what the field is.
  bool convert(const Json& schema, const MessageType& parent, int depth, Field& field) {
    const std::string word = word_of(schema);
    if (word == "number" || word == "integer") {
      field.primitive = word == "number" ? Primitive::float64 : Primitive::int64;
    } else if (word == "boolean") {
      field.primitive = Primitive::boolean;
    } else if (word == "string") {
      const auto encoding = schema.find("contentEncoding");
      const bool bytes = encoding != schema.end() && *encoding == "base64";
      if (bytes && field.array != ArrayKind::none) return false;
      field.primitive = bytes ? Primitive::uint8 : Primitive::string;
      if (bytes) field.array = ArrayKind::variable;
    } else if (word == "array") {
      const auto items = schema.find("items");
      if (field.array != ArrayKind::none || items == schema.end()) return false;
      field.array = ArrayKind::variable;
      return convert(resolved(*items), parent, depth, field);
    } else if (word == "object") {
      if (is_time(schema)) {
        field.primitive = Primitive::time;
        return true;
      }
      if (const auto known = known_.find(&schema); known != known_.end()) {
        if (!known->second.done) return false;  // a type that holds itself
        field.message = known->second.type;
        return true;
      }
      if (depth == kDeepest) return false;
      field.message = type_of(schema, parent.name + "." + field.name, depth + 1);
    } else {
      return false;
    }
    return true;
  }

  const Json& schema_;
  std::shared_ptr<Definition> definition_;
  std::map<const Json*, Known> known_;
};

/// Discarded where it is none, or nests deeper than any that is written.
Json parse(std::string_view schema) {
  bool deep = false;
  const auto look = [&](int depth, Json::parse_event_t, Json&) {
    deep = deep || depth > 2 * kDeepest;
    return !deep;
  };
  Json parsed = Json::parse(schema, look, false);
  return deep ? Json(Json::value_t::discarded) : parsed;
}

}  // namespace

Result<std::shared_ptr<const Definition>> parse_json_schema(std::string_view type, std::string_view schema) {
  if (schema.size() > kMostBytes)
    return Error(ErrorKind::corrupt, "its JSON schema has more than " + std::to_string(kMostBytes) + " bytes");
  auto definition = std::make_shared<Definition>();
  definition->wire = Wire::json;
  try {
    const Json parsed = parse(schema);
    static const Json kNothing = Json::object();
    Converter converter(parsed, definition);
    definition->root = converter.type_of(parsed.is_object() ? parsed : kNothing, std::string(type.substr(0, kLongestName)), 1);
  } catch (const std::exception& thrown) {
    return Error(ErrorKind::corrupt, "its JSON schema cannot be used: " + std::string(thrown.what()).substr(0, 200));
  }
  return std::shared_ptr<const Definition>(definition);
}

}  // namespace bagloom::msg
