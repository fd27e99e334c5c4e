// Message definitions: the text in the recording, parsed. bag-formats.md sections 2 and 6.
#pragma once

#include <memory>
#include <string>
#include <string_view>
#include <utility>
#include <vector>

#include "base/result.h"

namespace bagloom::msg {

enum class Primitive {
  boolean,
  int8,
  uint8,
  int16,
  uint16,
  int32,
  uint32,
  int64,
  uint64,
  float32,
  float64,
  string,
  wstring,  ///< ROS 2 only
  time,
  duration,
};

/// Bytes of one element (a string: 0, it varies).
std::uint32_t wire_bytes(Primitive primitive);

/// As definitions write it: "float64".
std::string_view name_of(Primitive primitive);

struct MessageType;

enum class ArrayKind { none, fixed, variable };

struct Field {
  std::string name;
  ArrayKind array = ArrayKind::none;
  std::uint32_t length = 0;                ///< of a fixed array
  Primitive primitive = Primitive::uint8;  ///< where `message` is null
  const MessageType* message = nullptr;    ///< owned by the Definition

  // Of tagged messages (protobuf, JSON) only.
  std::uint32_t number = 0;         ///< protobuf's
  std::uint8_t protobuf_type = 0;   ///< how protobuf writes the value: FieldDescriptorProto.Type of descriptor.proto
  bool absence_is_missing = false;  ///< a message without the field has no such value, else the value `absent`
  double absent = 0;
};

struct MessageType {
  std::string name;  ///< "pkg/Type", also where the definition says "pkg/msg/Type"
  std::vector<Field> fields;
  std::vector<std::string> constants;  ///< "int8 kError=-1", as md5sum wants them

  bool open = false;                                          ///< JSON: nothing says which fields there are; messages do
  std::vector<std::pair<std::string, std::string>> not_read;  ///< fields of kinds that this version does not read: "is a map"
};

/// How the values of a message lie in its bytes.
enum class Wire {
  ros1,         ///< packed (bag-formats.md 2.3)
  cdr,          ///< ROS 2's; the four bytes before each message say which kind (5.1)
  ros1_or_cdr,  ///< the recording contradicts itself (3.6): ROS 1 where that reading ends with the message, else CDR
  protobuf,
  json,
};
/// Whether messages say field by field what follows.
inline constexpr bool is_tagged(Wire wire) { return wire == Wire::protobuf || wire == Wire::json; }

/// A top-level type and all types it needs. Immutable; shared by extractors.
struct Definition {
  Wire wire = Wire::ros1;
  const MessageType* root = nullptr;
  std::vector<std::unique_ptr<MessageType>> types;
  /// Tells definitions apart by what did not come from the recording but from a DefinitionSet; empty: all came from it.
  std::string outside;
};

/// What holds for every Definition that parse gives: types nest at most 64 deep, none contains itself, and the least bytes that a
/// message needs fit a uint32 (so no fixed array is longer than a message can be). Types that the root does not need are left
/// out.
///
/// Parses the text that stands in a recording's connection (top-level text, then "MSG:" sections).
/// Errors (corrupt): the line's number and text; a type that is missing, named twice with other fields, or recursive; nesting
/// beyond a limit; an empty text for a type whose md5sum is not that of an empty definition is the caller's to refuse.
Result<std::shared_ptr<const Definition>> parse_ros1_definition(std::string_view type, std::string_view text);

/// The same for ROS 2's texts, `.msg` (with "MSG:" sections) and `.idl` (with "IDL:" sections). builtin_interfaces/Time and
/// Duration are the primitives `time` and `duration`, whether or not the text defines them.
Result<std::shared_ptr<const Definition>> parse_ros2_definition(std::string_view type, std::string_view text);
Result<std::shared_ptr<const Definition>> parse_ros2_idl(std::string_view type, std::string_view text);

/// A definition as a recording holds it.
struct DefinitionText {
  std::string_view type;              ///< "sensor_msgs/JointState", "sensor_msgs/msg/JointState", ...
  std::string_view text;              ///< empty where the recording has none
  std::string_view encoding;          ///< of the text: "ros1msg", "ros2msg", "ros2idl", "protobuf", "jsonschema"
  std::string_view message_encoding;  ///< of the messages that it describes: "ros1", "cdr", "protobuf", "json"
};

class DefinitionSet;

/// Parses whatever this version reads. What the text lacks, all of it or types that it needs, comes from the set: a type that the
/// recording defines is never taken from there (bag-formats.md 6.2). Errors: unsupported (an encoding, named), invalid (no
/// definition anywhere), and those of the encoding's own parser.
Result<std::shared_ptr<const Definition>> parse_definition(const DefinitionText& definition, const DefinitionSet& set);

}  // namespace bagloom::msg
