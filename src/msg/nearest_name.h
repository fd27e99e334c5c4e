// "did you mean ...?": for messages about names that do not exist.
#pragma once

#include <string>
#include <string_view>
#include <vector>

namespace bagloom::msg {

/// Changes of one letter (insert, delete, replace, swap neighbours) that make one text of the other. Texts are cut at 128 bytes.
std::size_t edit_distance(std::string_view a, std::string_view b);

/// The names nearest to `wanted`, best first, at most `count`; names that have little in common with it are left out.
std::vector<std::string> nearest_names(std::string_view wanted, const std::vector<std::string>& known, std::size_t count = 1);

/// "; did you mean `hold`?" or, where nothing is near, "; known: a, b, c" (cut after a dozen), or "" where nothing is known.
std::string suggestion(std::string_view wanted, const std::vector<std::string>& known);

}  // namespace bagloom::msg
