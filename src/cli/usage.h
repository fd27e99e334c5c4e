// What is wrong with a command line, said so that it can be put right.
#pragma once

#include <CLI/App.hpp>
#include <optional>
#include <string>
#include <string_view>
#include <vector>

#include "base/error.h"

namespace bagloom::cli {

/// The candidate with the fewest changes to `word`; empty where none is near.
std::string nearest(std::string_view word, const std::vector<std::string>& candidates);

/// CLI11 would read `--json=5` as "five times". An Error (invalid) that names the first flag with a value; nothing where none
/// has.
std::optional<Error> value_of_flag(const CLI::App& app, const std::vector<std::string>& arguments);

/// CLI11's complaint as an Error (invalid) that names the verb, the unknown word and the nearest known one.
Error usage_error(const CLI::App& app, const CLI::ParseError& complaint, const std::vector<std::string>& arguments);

}  // namespace bagloom::cli
