#include "recipe/connection_definition.h"

namespace bagloom::recipe {

Result<std::shared_ptr<const msg::Definition>> definition_of(const bag::Connection& connection, const msg::DefinitionSet& set) {
  return msg::parse_definition({connection.type, connection.definition, connection.definition_encoding, connection.encoding},
                               set);
}

}  // namespace bagloom::recipe
