// The text of a ROS 1 definition cut into sections and lines; names are not resolved yet. Used by definition.cc only.
#pragma once

#include <cstdint>
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

/// Whether a type's name is a primitive (char and byte included), and which.
bool find_primitive(std::string_view type, Primitive& primitive);

/// "line 7 `float64 x y`": a line of a definition as errors show it (cut, unprintable bytes replaced).
std::string shown_line(std::size_t number, std::string_view line);

}  // namespace bagloom::msg
