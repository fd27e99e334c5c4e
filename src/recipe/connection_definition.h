// The definition that reads a connection's messages.
#pragma once

#include <memory>

#include "bag/bag_reader.h"
#include "base/result.h"
#include "msg/definition.h"
#include "msg/definition_set.h"

namespace bagloom::recipe {

/// The one in the recording; what it lacks comes from the set. Errors: those of msg::parse_definition.
Result<std::shared_ptr<const msg::Definition>> definition_of(const bag::Connection& connection, const msg::DefinitionSet& set);

}  // namespace bagloom::recipe
