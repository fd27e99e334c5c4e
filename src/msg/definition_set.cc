#include "msg/definition_set.h"

namespace bagloom::msg {

Result<std::optional<TypeText>> DefinitionSet::text_of(const std::string& type, Wire wire) const {
  if (find_) {
    ASSIGN_OR_RETURN(std::optional<TypeText> given, find_(type));
    if (given) return given;
  }
  if (wire != Wire::cdr) return std::optional<TypeText>();
  const char* fields = builtin_type(type);
  return fields == nullptr ? std::optional<TypeText>() : TypeText{fields, false, "built in"};
}

const DefinitionSet& builtin_definitions() {
  static const DefinitionSet set;
  return set;
}

}  // namespace bagloom::msg
