// Values as YAML writes them, so that reading gives the same value back. Internal to recipe/.
#pragma once

#include <string>
#include <string_view>
#include <vector>

#include "base/result.h"
#include "base/time.h"

namespace bagloom::recipe {

/// Bytes of the first character, 0 where the text does not begin with valid UTF-8 (or is empty).
std::size_t utf8_length(std::string_view text);
/// Valid UTF-8 without control characters (line ends included).
bool is_one_line(std::string_view text);

/// Plain where that is safe in flow and block context, else double-quoted.
std::string yaml_scalar(std::string_view text);
/// "[a, b]", broken after `width` columns with `indent` blanks before each next line.
std::string yaml_list(const std::vector<std::string>& items, std::size_t indent, std::size_t width = 120);

/// The shortest text that reads back as the same double.
std::string number_text(double number);
/// Seconds as a decimal, exact: 200000000 -> "0.2".
std::string seconds_text(TimeNs ns);

/// "0.2" (seconds), "33ms", "50us", "7ns", "0.05s": exact, 0 to a million seconds.
Result<TimeNs> parse_seconds(std::string_view text);

}  // namespace bagloom::recipe
