#include "recipe/connection_definition.h"

namespace bagloom::recipe {

Result<std::shared_ptr<const msg::Definition>> definition_of(const bag::Connection& connection) {
  if (connection.definition.empty()) {
    return Error(ErrorKind::invalid, "the recording holds no definition of " + connection.type + ", so it cannot be decoded")
        .fix("leave the topic out of the recipe");
  }
  return msg::parse_definition({connection.type, connection.definition, connection.definition_encoding, connection.encoding});
}

}  // namespace bagloom::recipe
