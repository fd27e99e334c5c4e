// Names in definitions resolved to types. Used by definition.cc only.
#pragma once

#include <memory>
#include <vector>

#include "base/result.h"
#include "msg/definition.h"
#include "msg/definition_text.h"

namespace bagloom::msg {

/// The definition whose root is the first section; sections that nothing needs are left out. With Wire::cdr the rules of ROS 2
/// for names and primitives hold, else those of ROS 1. `outside`: as in Definition. Errors (corrupt): see parse_ros1_definition.
Result<std::shared_ptr<const Definition>> link_types(std::vector<Section> sections, Wire wire, std::string outside);

}  // namespace bagloom::msg
