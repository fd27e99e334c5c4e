#include "cli/usage.h"

#include <algorithm>
#include <numeric>

namespace bagloom::cli {
namespace {

/// Insertions, deletions, replacements, and exchanges of neighbours.
std::size_t distance(std::string_view a, std::string_view b) {
  std::vector<std::size_t> before, last(b.size() + 1), row(b.size() + 1);
  std::iota(last.begin(), last.end(), std::size_t{0});
  for (std::size_t i = 1; i <= a.size(); ++i) {
    row[0] = i;
    for (std::size_t j = 1; j <= b.size(); ++j) {
      row[j] = std::min({last[j] + 1, row[j - 1] + 1, last[j - 1] + (a[i - 1] == b[j - 1] ? 0 : 1)});
      if (i > 1 && j > 1 && a[i - 1] == b[j - 2] && a[i - 2] == b[j - 1]) row[j] = std::min(row[j], before[j - 2] + 1);
    }
    before = last;
    last = row;
  }
  return last[b.size()];
}

std::vector<std::string> option_names(const CLI::App& app) {
  std::vector<std::string> names;
  for (const CLI::Option* option : app.get_options())
    for (const std::string& name : option->get_lnames()) names.push_back("--" + name);
  return names;
}

std::vector<std::string> verb_names(const CLI::App& app) {
  std::vector<std::string> names;
  for (const CLI::App* verb : app.get_subcommands({})) names.push_back(verb->get_name());
  return names;
}

const CLI::App* verb_named(const CLI::App& app, const std::string& name) {
  for (const CLI::App* verb : app.get_subcommands({}))
    if (verb->get_name() == name) return verb;
  return nullptr;
}

bool is_number(std::string_view text) { return text.find_first_not_of("-0123456789.") == std::string_view::npos; }

/// The first argument that looks like an option and is none of `app`; empty where there is none.
std::string unknown_option(const CLI::App& app, const std::vector<std::string>& arguments, std::size_t from) {
  for (std::size_t i = from; i < arguments.size(); ++i) {
    const std::string& word = arguments[i];
    if (word == "--") break;
    if (word.size() < 2 || word[0] != '-' || is_number(word)) continue;
    const std::string name = word[1] == '-' ? word.substr(0, word.find('=')) : word.substr(0, 2);
    if (name != "--json" && app.get_option_no_throw(name) == nullptr) return name;  // every verb has --json
  }
  return {};
}

std::string did_you_mean(std::string_view word, const std::vector<std::string>& candidates) {
  const std::string best = nearest(word, candidates);
  return best.empty() ? "" : "; did you mean " + best + "?";
}

}  // namespace

std::string nearest(std::string_view word, const std::vector<std::string>& candidates) {
  std::string best;
  std::size_t best_distance = std::max<std::size_t>(2, word.size() / 3) + 1;
  for (const std::string& candidate : candidates) {
    std::size_t d = distance(word, candidate);
    // "--memory" is meant for "--memory-limit".
    if (word.size() >= 4 && candidate.compare(0, word.size(), word) == 0) d = std::min<std::size_t>(d, 1);
    if (d >= best_distance) continue;
    best = candidate;
    best_distance = d;
  }
  return best;
}

std::optional<Error> value_of_flag(const CLI::App& app, const std::vector<std::string>& arguments) {
  const CLI::App* verb = &app;
  for (const std::string& word : arguments) {
    if (word == "--") break;
    if (verb == &app && (word.empty() || word[0] != '-')) {
      verb = verb_named(app, word);
      if (verb == nullptr) break;
    }
    const std::size_t end = word.find('=');
    if (end == std::string::npos || word.compare(0, 2, "--") != 0) continue;
    const CLI::Option* option = verb->get_option_no_throw(word.substr(0, end));
    if (option == nullptr || option->get_items_expected_max() > 0) continue;
    Error error(ErrorKind::invalid, word.substr(0, end) + " takes no value");
    if (verb == &app) return std::move(error).fix("bagloom --help says more");
    return std::move(error).in(verb->get_name()).fix("bagloom " + verb->get_name() + " --help says more");
  }
  return std::nullopt;
}

Error usage_error(const CLI::App& app, const CLI::ParseError& complaint, const std::vector<std::string>& arguments) {
  const auto first_word =
      std::find_if(arguments.begin(), arguments.end(), [](const std::string& a) { return a.empty() || a[0] != '-'; });
  if (first_word == arguments.end()) {
    const std::string unknown = unknown_option(app, arguments, 0);
    if (!unknown.empty())
      return Error(ErrorKind::invalid, "unknown option " + unknown + did_you_mean(unknown, option_names(app)));
    return Error(ErrorKind::invalid, "a verb is needed").fix("bagloom --help lists them");
  }
  const CLI::App* verb = verb_named(app, *first_word);
  if (verb == nullptr) {
    return Error(ErrorKind::invalid, "unknown verb '" + *first_word + "'" + did_you_mean(*first_word, verb_names(app)))
        .fix("bagloom --help lists them");
  }
  const std::string help = "bagloom " + verb->get_name() + " --help says more";
  const std::string unknown = unknown_option(*verb, arguments, static_cast<std::size_t>(first_word - arguments.begin()) + 1);
  if (!unknown.empty())
    return Error(ErrorKind::invalid, "unknown option " + unknown + did_you_mean(unknown, option_names(*verb)))
        .in(verb->get_name())
        .fix(help);
  return Error(ErrorKind::invalid, complaint.what()).in(verb->get_name()).fix(help);
}

}  // namespace bagloom::cli
