// --set key=value. Internal to recipe/.
#pragma once

#include <string>
#include <vector>

#include "base/result.h"
#include "recipe/yaml_tree.h"

namespace bagloom::recipe {

/// Applies "key.path=value" texts in order. At each map the longest key that the rest of the path begins with is taken (feature
/// names have dots), at a list an index from 0. Keys that are not there are added (the check that follows refuses unknown ones),
/// but not features. A codec that changes takes its own default quality, unless `video.crf` is set too.
Status apply_overrides(YamlValue& root, const std::vector<std::string>& overrides);

}  // namespace bagloom::recipe
