// The definition that reads a connection's messages.
#pragma once

#include <memory>

#include "bag/bag_reader.h"
#include "base/result.h"
#include "msg/definition.h"

namespace bagloom::recipe {

/// The one in the recording. Errors: invalid (there is none), and those of msg::parse_definition.
Result<std::shared_ptr<const msg::Definition>> definition_of(const bag::Connection& connection);

}  // namespace bagloom::recipe
