#include "msg/protobuf_definition.h"

#include <algorithm>
#include <charconv>
#include <limits>
#include <map>
#include <optional>
#include <string>
#include <vector>

#include "msg/protobuf_fields.h"
#include "msg/protobuf_types.h"

namespace bagloom::msg {
namespace {

using google::protobuf::internal::WireFormatLite;

// Foxglove's schemas together have some 30 KiB.
constexpr std::size_t kMostBytes = 1u << 20;
constexpr std::size_t kDeepest = 64;
constexpr std::uint32_t kLargestNumber = (1u << 29) - 1;

// descriptor.proto's numbers of fields.
namespace message_field {
constexpr std::uint32_t kField = 2, kOptions = 7, kMapEntry = 7;
}
namespace field_field {
constexpr std::uint32_t kName = 1, kNumber = 3, kLabel = 4, kType = 5, kTypeName = 6, kDefault = 7, kOneof = 9;
}
constexpr std::uint64_t kRepeated = 3;

struct FieldEntry {
  std::string_view name, type_name, default_text;
  std::uint64_t number = 0, label = 0, type = 0;
  bool has_default = false, in_oneof = false;
};

bool read_field(Bytes bytes, FieldEntry& entry) {
  return each_field(bytes, [&](const RawField& field) {
    switch (field.number) {
      case field_field::kName: entry.name = as_text(field.bytes); break;
      case field_field::kNumber: entry.number = field.value; break;
      case field_field::kLabel: entry.label = field.value; break;
      case field_field::kType: entry.type = field.value; break;
      case field_field::kTypeName: entry.type_name = as_text(field.bytes); break;
      case field_field::kOneof: entry.in_oneof = true; break;
      case field_field::kDefault:
        entry.default_text = as_text(field.bytes);
        entry.has_default = true;
        break;
      default: break;
    }
    return true;
  });
}

bool is_map_entry(Bytes type) {
  bool map = false;
  (void)each_field(type, [&](const RawField& field) {
    if (field.number != message_field::kOptions || !field.has_length) return true;
    (void)each_field(field.bytes, [&](const RawField& option) {
      if (option.number == message_field::kMapEntry && !option.has_length) map = option.value != 0;
      return true;
    });
    return true;
  });
  return map;
}

/// A default as descriptor.proto writes it. Nothing for strings, and for enums, whose defaults are names.
std::optional<double> read_default(std::string_view text, Primitive primitive) {
  if (primitive == Primitive::boolean) return text == "true" ? 1 : 0;
  if (text == "inf") return std::numeric_limits<double>::infinity();
  if (text == "-inf") return -std::numeric_limits<double>::infinity();
  if (text == "nan") return std::numeric_limits<double>::quiet_NaN();
  double number = 0;
  const auto [end, code] = std::from_chars(text.data(), text.data() + text.size(), number);
  if (code != std::errc() || end != text.data() + text.size()) return std::nullopt;
  return primitive == Primitive::float32 ? static_cast<double>(static_cast<float>(number)) : number;
}

/// Types from where they stand into a Definition, each once.
class Converter {
 public:
  explicit Converter(const ProtobufTypes& index) : index_(index) {}

  Result<std::shared_ptr<const Definition>> convert(const TypePlace& root, std::string_view name) {
    definition_->wire = Wire::protobuf;
    ASSIGN_OR_RETURN(definition_->root, type_at(root, std::string(name), 1));
    return std::shared_ptr<const Definition>(definition_);
  }

 private:
  struct Known {
    const MessageType* type = nullptr;
    bool done = false;
    bool map = false;
  };

  Result<const MessageType*> type_at(const TypePlace& place, std::string name, std::size_t depth) {
    if (name.size() > kLongestProtobufName)
      return wrong_schema("has a name of more than " + std::to_string(kLongestProtobufName) + " bytes");
    definition_->types.push_back(std::make_unique<MessageType>());
    MessageType* type = definition_->types.back().get();
    type->name = std::move(name);
    known_[place.body.data()].type = type;
    Status failed;
    const bool good = each_field(place.body, [&](const RawField& field) {
      if (field.number != message_field::kField || !field.has_length) return true;
      failed = add_field(field.bytes, place, depth, *type);
      return failed.ok();
    });
    if (!failed.ok()) return std::move(failed).error();
    if (!good) return wrong_schema("holds a type that cannot be read: " + shown_name(type->name));
    known_[place.body.data()].done = true;
    return type;
  }

  Status add_field(Bytes bytes, const TypePlace& place, std::size_t depth, MessageType& type) {
    FieldEntry entry;
    if (!read_field(bytes, entry) || entry.name.empty() || entry.name.size() > kLongestProtobufName || entry.number == 0 ||
        entry.number > kLargestNumber)
      return wrong_schema("holds a field that cannot be read, in " + shown_name(type.name));
    Field field;
    field.name = entry.name;
    field.number = static_cast<std::uint32_t>(entry.number);
    field.protobuf_type = static_cast<std::uint8_t>(std::min<std::uint64_t>(entry.type, 255));
    const bool repeated = entry.label == kRepeated;
    field.array = repeated ? ArrayKind::variable : ArrayKind::none;
    std::string why;
    if (entry.type == WireFormatLite::TYPE_MESSAGE) {
      ASSIGN_OR_RETURN(why, find_message(entry, depth, type, field));
    } else {
      why = find_primitive_of(entry, field);
    }
    if (!why.empty()) {
      type.not_read.emplace_back(field.name, why);
      return {};
    }
    // What protobuf calls presence.
    const bool tracked = !repeated && (!place.proto3 || entry.in_oneof || entry.type == WireFormatLite::TYPE_MESSAGE);
    const auto given = entry.has_default ? read_default(entry.default_text, field.primitive) : std::nullopt;
    field.absence_is_missing = tracked && !given;
    field.absent = given.value_or(0);
    type.fields.push_back(std::move(field));
    return {};
  }

  /// Says why a field is not read.
  static std::string find_primitive_of(const FieldEntry& entry, Field& field) {
    switch (entry.type) {
      case WireFormatLite::TYPE_DOUBLE: field.primitive = Primitive::float64; return "";
      case WireFormatLite::TYPE_FLOAT: field.primitive = Primitive::float32; return "";
      case WireFormatLite::TYPE_INT64:
      case WireFormatLite::TYPE_SINT64:
      case WireFormatLite::TYPE_SFIXED64: field.primitive = Primitive::int64; return "";
      case WireFormatLite::TYPE_UINT64:
      case WireFormatLite::TYPE_FIXED64: field.primitive = Primitive::uint64; return "";
      case WireFormatLite::TYPE_INT32:
      case WireFormatLite::TYPE_SINT32:
      case WireFormatLite::TYPE_SFIXED32:
      case WireFormatLite::TYPE_ENUM: field.primitive = Primitive::int32; return "";
      case WireFormatLite::TYPE_UINT32:
      case WireFormatLite::TYPE_FIXED32: field.primitive = Primitive::uint32; return "";
      case WireFormatLite::TYPE_BOOL: field.primitive = Primitive::boolean; return "";
      case WireFormatLite::TYPE_STRING: field.primitive = Primitive::string; return "";
      case WireFormatLite::TYPE_BYTES:
        if (field.array != ArrayKind::none) return "is an array of bytes";
        field.primitive = Primitive::uint8;
        field.array = ArrayKind::variable;
        return "";
      case WireFormatLite::TYPE_GROUP: return "is a group";
      default: return "is of a type that this version does not know";
    }
  }

  /// The same of a field of messages. Errors: its type is not there.
  Result<std::string> find_message(const FieldEntry& entry, std::size_t depth, const MessageType& parent, Field& field) {
    if (entry.type_name.size() > kLongestProtobufName)
      return wrong_schema("has a name of more than " + std::to_string(kLongestProtobufName) + " bytes");
    std::string name(entry.type_name);
    if (name == ".google.protobuf.Timestamp" || name == ".google.protobuf.Duration") {
      field.primitive = name == ".google.protobuf.Timestamp" ? Primitive::time : Primitive::duration;
      return std::string();
    }
    std::optional<TypePlace> found;
    if (name.starts_with('.')) {
      name.erase(0, 1);
      found = index_.find(name);
    } else {
      found = find_in_scopes(parent.name, name);
    }
    if (index_.exhausted()) return wrong_schema("has too many types");
    if (!found) {
      return lacking_schema("lacks the type " + shown_name(name) + ", which `" + shown_name(entry.name) + "` of " +
                            shown_name(parent.name) + " has");
    }
    constexpr const char* kMap = "is a map, whose entries have no order";
    if (const auto known = known_.find(found->body.data()); known != known_.end()) {
      if (known->second.map) return std::string(kMap);
      if (!known->second.done) return std::string("is of a type that holds itself");
      field.message = known->second.type;
      return std::string();
    }
    if (is_map_entry(found->body)) {
      known_[found->body.data()].map = true;
      return std::string(kMap);
    }
    if (depth == kDeepest) return "nests deeper than " + std::to_string(kDeepest) + " types";
    ASSIGN_OR_RETURN(field.message, type_at(*found, std::move(name), depth + 1));
    return std::string();
  }

  /// A name without a dot in front counts from the innermost scope that has it. Compilers write none.
  std::optional<TypePlace> find_in_scopes(std::string scope, std::string& name) const {
    while (true) {
      const std::string whole = scope.empty() ? name : scope + "." + name;
      if (auto found = index_.find(whole)) {
        name = whole;
        return found;
      }
      if (scope.empty()) return std::nullopt;
      const std::size_t dot = scope.rfind('.');
      scope.resize(dot == std::string::npos ? 0 : dot);
    }
  }

  const ProtobufTypes& index_;
  std::shared_ptr<Definition> definition_ = std::make_shared<Definition>();
  std::map<const std::byte*, Known> known_;
};

}  // namespace

Result<std::shared_ptr<const Definition>> parse_protobuf_schema(std::string_view type, std::string_view set) {
  if (set.empty()) return lacking_schema("is missing");
  if (set.size() > kMostBytes) return wrong_schema("has more than " + std::to_string(kMostBytes) + " bytes");
  if (type.starts_with('.')) type.remove_prefix(1);
  if (type.size() > kLongestProtobufName) return wrong_schema("is of a type with too long a name");
  ProtobufTypes index;
  RETURN_IF_ERROR(index.add(as_bytes(set)));
  const auto root = index.find(type);
  if (!root) return lacking_schema("does not define " + shown_name(type));
  return Converter(index).convert(*root, type);
}

}  // namespace bagloom::msg
