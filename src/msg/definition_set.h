// Definitions of types that a recording does not hold.
#pragma once

#include <functional>
#include <memory>
#include <optional>
#include <string>
#include <string_view>
#include <vector>

#include "base/result.h"
#include "msg/definition.h"

namespace bagloom::msg {

/// The text of one type, without the types that it needs.
struct TypeText {
  std::string text;
  bool idl = false;   ///< else .msg
  std::string where;  ///< for errors: a file's path, "built in"
};

/// What the user gives first, then what is built in (for ROS 2's messages only: ROS 1's differ). Immutable.
class DefinitionSet {
 public:
  /// Gives the text of "pkg/Type", nothing where it has none. May be called from any thread.
  using Find = std::function<Result<std::optional<TypeText>>(const std::string& type)>;

  DefinitionSet() = default;
  explicit DefinitionSet(Find find) : find_(std::move(find)) {}

  Result<std::optional<TypeText>> text_of(const std::string& type, Wire wire) const;

 private:
  Find find_;
};

/// The set with nothing but the built-in types.
const DefinitionSet& builtin_definitions();

/// The fields of a built-in type as a .msg text, null where there is none.
const char* builtin_type(std::string_view type);
/// The names of all, in order.
std::vector<std::string_view> builtin_types();

}  // namespace bagloom::msg
