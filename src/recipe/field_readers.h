// Reads single values of a recipe, with errors that say where and what was expected. Internal to recipe/.
#pragma once

#include <cstdint>
#include <string>
#include <string_view>
#include <utility>
#include <vector>

#include "base/result.h"
#include "base/time.h"
#include "recipe/recipe.h"
#include "recipe/yaml_tree.h"

namespace bagloom::recipe {

/// The value is a map and has no key but these.
Status check_keys(const YamlValue& map, const std::string& what, const std::vector<std::string>& known);

/// All read functions name the key in their errors. Text: one line, not empty.
Result<std::string> read_text(const YamlValue& value, const std::string& key);
Result<std::vector<std::string>> read_texts(const YamlValue& value, const std::string& key);
Result<std::int64_t> read_integer(const YamlValue& value, const std::string& key, std::int64_t least, std::int64_t most);
Result<double> read_number(const YamlValue& value, const std::string& key);
Result<bool> read_boolean(const YamlValue& value, const std::string& key);
Result<TimeNs> read_seconds(const YamlValue& value, const std::string& key);
Result<std::size_t> read_choice(const YamlValue& value, const std::string& key, const std::vector<std::string>& names);
Result<Tolerance> read_tolerance(const YamlValue& value, const std::string& key);

// The words of a recipe, in the order of the enumerations.
const std::vector<std::string>& match_names();
const std::vector<std::string>& filter_names();
const std::vector<std::string>& storage_names();
const std::vector<std::string>& fit_names();
const std::vector<std::string>& long_gap_names();
const std::vector<std::string>& non_finite_names();
const std::vector<std::string>& codec_names();

/// Quality that is written where none is given (issue's defaults: h264 24, av1 30).
std::int32_t default_crf(const std::string& codec);
std::int32_t largest_crf(const std::string& codec);

}  // namespace bagloom::recipe
