// The text of a definition cut into sections and lines; names are not resolved yet. Internal to msg/.
#pragma once

#include <cstdint>
#include <functional>
#include <optional>
#include <string>
#include <string_view>
#include <vector>

#include "base/result.h"
#include "msg/definition.h"

namespace bagloom::msg {

struct FieldLine {
  std::string type;  ///< as written, without brackets
  std::string name;
  ArrayKind array = ArrayKind::none;
  std::uint32_t length = 0;
  std::size_t line = 0;  ///< from 1

  bool same_as(const FieldLine& other) const {
    return type == other.type && name == other.name && array == other.array && length == other.length;
  }
};

struct Section {
  std::string type;  ///< "pkg/Type"
  std::size_t line = 0;
  std::vector<FieldLine> fields;
  std::vector<std::string> constants;
};

/// The first section is the top-level type. Errors (corrupt): the line's number and text.
Result<std::vector<Section>> split_ros1_definition(std::string_view type, std::string_view text);
/// The same for `.msg` texts of ROS 2 (bag-formats.md 6.1). Types come out as "pkg/Type" or "Type".
Result<std::vector<Section>> split_ros2_definition(std::string_view type, std::string_view text);
/// The same for `.idl` texts (6.3). All types come out as "pkg/Type"; enums as uint32.
Result<std::vector<Section>> split_ros2_idl(std::string_view type, std::string_view text);

/// Whether a type's name is a primitive (char and byte included), and which.
bool find_primitive(std::string_view type, Primitive& primitive);
/// ROS 2: byte is unsigned, and there is wstring.
bool find_ros2_primitive(std::string_view type, Primitive& primitive);

/// Far above the largest definition seen (100 KiB), far below what would hurt.
inline constexpr std::size_t kLongestDefinition = 4u << 20;

// Pieces that the splitters share.
using NameOf = std::function<std::optional<std::string>(std::string_view written)>;
using ParseLine = std::function<Status(std::size_t number, std::string_view line, Section& into)>;
/// Cuts a `.msg` text at its lines of `=` and `MSG:`. `name_of` gives a type's name as sections have it, nothing for what is
/// none; `parse` takes every other line.
Result<std::vector<Section>> split_sections(std::string_view type, std::string_view text, const NameOf& name_of,
                                            const ParseLine& parse);
inline constexpr std::string_view kBlanks = " \t\r\f\v";
std::string_view trimmed(std::string_view text);
/// A name of letters, digits, `_` and what stands in `also`; no digit first.
bool is_name(std::string_view text, std::string_view also = "");
/// The line between sections.
bool is_separator(std::string_view line);
/// A fixed array's length: digits that fit a uint32.
bool read_array_length(std::string_view digits, std::uint32_t& length);

/// "line 7 `float64 x y`": a line of a definition as errors show it (cut, unprintable bytes replaced).
std::string shown_line(std::size_t number, std::string_view line);

}  // namespace bagloom::msg
