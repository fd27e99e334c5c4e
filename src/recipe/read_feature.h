// One entry of `features`. Internal to recipe/.
#pragma once

#include <string>

#include "base/result.h"
#include "recipe/recipe.h"
#include "recipe/yaml_tree.h"

namespace bagloom::recipe {

/// Errors (invalid) with their place; see recipe.h.
Result<Feature> read_feature(const std::string& name, const Place& name_place, const YamlValue& value);

}  // namespace bagloom::recipe
