// "joint_data.joint_q[12:26]": which numbers of a message.
#pragma once

#include <cstdint>
#include <optional>
#include <string>
#include <string_view>
#include <vector>

#include "base/result.h"

namespace bagloom::msg {

/// A step may carry an index or a half-open range; only one step of a path may carry a range or stand for a whole array.
struct PathStep {
  std::string field;
  bool has_range = false;
  std::uint32_t begin = 0;
  std::uint32_t end = 0;  ///< exclusive; [3] is begin 3, end 4

  bool operator==(const PathStep&) const = default;
};

struct FieldPath {
  std::string text;  ///< as written
  std::vector<PathStep> steps;

  bool operator==(const FieldPath&) const = default;
};

/// Grammar: NAME, NAME[3] or NAME[2:5], joined by dots. At most 1024 bytes and 64 steps.
/// Errors (invalid): what was expected, at which column of the text; a second range; an empty or backward range.
Result<FieldPath> parse_field_path(std::string_view text);

}  // namespace bagloom::msg
