// Message definitions: the text in the recording, parsed. bag-formats.md section 2.
#pragma once

#include <memory>
#include <string>
#include <string_view>
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
  time,
  duration,
};

/// Bytes of one element in the ROS 1 serialisation (a string: 0, it varies).
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
};

struct MessageType {
  std::string name;  ///< "pkg/Type"
  std::vector<Field> fields;
  std::vector<std::string> constants;  ///< "int8 kError=-1", as md5sum wants them
};

/// How the values of a message lie in its bytes.
enum class Wire {
  ros1,  ///< packed (bag-formats.md 2.3)
};

/// A top-level type and all types it needs. Immutable; shared by extractors.
struct Definition {
  Wire wire = Wire::ros1;
  const MessageType* root = nullptr;
  std::vector<std::unique_ptr<MessageType>> types;
};

/// What holds for every Definition that parse gives: types nest at most 64 deep, none contains itself, and the least bytes that a
/// message needs fit a uint32 (so no fixed array is longer than a message can be). Types that the root does not need are left
/// out.
///
/// Parses the text that stands in a recording's connection (top-level text, then "MSG:" sections).
/// Errors (corrupt): the line's number and text; a type that is missing, named twice with other fields, or recursive; nesting
/// beyond a limit; an empty text for a type whose md5sum is not that of an empty definition is the caller's to refuse.
Result<std::shared_ptr<const Definition>> parse_ros1_definition(std::string_view type, std::string_view text);

/// A definition as a recording holds it.
struct DefinitionText {
  std::string_view type;              ///< "sensor_msgs/JointState", "sensor_msgs/msg/JointState", ...
  std::string_view text;              ///< not empty
  std::string_view encoding;          ///< of the text: "ros1msg", ...
  std::string_view message_encoding;  ///< of the messages that it describes: "ros1", ...
};

/// Parses whatever this version reads. Errors: unsupported (an encoding, named), and those of the encoding's own parser.
Result<std::shared_ptr<const Definition>> parse_definition(const DefinitionText& definition);

}  // namespace bagloom::msg
