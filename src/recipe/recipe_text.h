// A recipe's parts as YAML. Internal to recipe/.
#pragma once

#include <string>

#include "recipe/recipe.h"

namespace bagloom::recipe {

/// One entry of `features`, indented by two.
std::string feature_yaml(const Feature& feature);
/// As to_yaml, with these lines (each begins with "#" or is YAML) at the end of `features`.
std::string recipe_yaml(const Recipe& recipe, const std::string& head, const std::string& after_features);

}  // namespace bagloom::recipe
