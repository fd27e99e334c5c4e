#include "recipe/guess.h"

#include <algorithm>

#include "recipe/guess_parts.h"
#include "recipe/recipe_text.h"
#include "recipe/yaml_text.h"

namespace bagloom::recipe {
namespace {

bool has_feature(const Recipe& recipe, const std::string& name) {
  return std::any_of(recipe.features.begin(), recipe.features.end(),
                     [&](const Feature& feature) { return feature.name == name; });
}

/// What comes from the recording must not end a comment.
std::string one_line(std::string text) {
  for (char& c : text) {
    if (static_cast<unsigned char>(c) < 0x20 || c == 0x7f) c = '?';
  }
  for (std::size_t i = 0; i < text.size();) {
    const std::size_t length = utf8_length(std::string_view(text).substr(i));
    if (length == 0) text[i] = '?';
    i += std::max<std::size_t>(1, length);
  }
  return text;
}

std::string to_complete(const std::string& feature, const std::vector<Candidate>& candidates) {
  if (candidates.empty()) {
    return "  # To complete: no topic was found whose numbers could be `" + feature + "`. Write it as in the examples:\n  # " +
           feature + ":\n  #   vector:\n  #     - topic: /...\n  #       field: position[0:7]\n";
  }
  std::string text = "  # To complete: take away the `# ` before `" + feature + "`, `vector` and the part that is wanted.\n";
  text += "  # " + feature + ":\n  #   vector:\n";
  for (const Candidate& candidate : candidates) {
    text += "  #     - topic: " + yaml_scalar(one_line(candidate.topic)) + "  # " + one_line(candidate.why) + "\n";
    text += "  #       field: " + candidate.field + "\n";
  }
  return text;
}

}  // namespace

Result<Guess> guess_recipe(bag::BagReader& bag, const msg::DefinitionSet& definitions) {
  ASSIGN_OR_RETURN(const Survey survey, Survey::take(bag, definitions));
  return is_kuavo(survey) ? guess_kuavo(survey) : guess_generic(survey);
}

std::string to_yaml(const Guess& guess) {
  std::string head =
      guess.complete
          ? "# A bagloom recipe, guessed from a recording; every default is written out. Times are seconds.\n"
          : "# A recipe to complete: what the recording did not make plain is marked `To complete`. Times are seconds.\n";
  for (const std::string& line : guess.left_out) head += "# Left out: " + one_line(line) + "\n";
  std::string rest;
  if (!guess.complete) {
    if (!has_feature(guess.recipe, "observation.state")) rest += to_complete("observation.state", guess.states);
    if (!has_feature(guess.recipe, "action")) rest += to_complete("action", guess.actions);
  }
  return recipe_yaml(guess.recipe, head, rest);
}

}  // namespace bagloom::recipe
