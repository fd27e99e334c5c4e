#include "msg/definition.h"

namespace bagloom::msg {

Result<std::shared_ptr<const Definition>> parse_definition(const DefinitionText& definition) {
  if (definition.message_encoding == "ros1" && definition.encoding == "ros1msg")
    return parse_ros1_definition(definition.type, definition.text);
  return Error(ErrorKind::unsupported, "messages of encoding " + std::string(definition.message_encoding) + ", defined as " +
                                           std::string(definition.encoding));
}

}  // namespace bagloom::msg
