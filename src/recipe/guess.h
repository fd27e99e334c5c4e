// A recipe from what stands in a recording: Kuavo's topics, or one state and one action that are plain to see.
#pragma once

#include <string>
#include <vector>

#include "bag/bag_reader.h"
#include "msg/definition_set.h"
#include "recipe/recipe.h"

namespace bagloom::recipe {

struct Candidate {
  std::string topic, type, why;  ///< why: "JointState, 7 numbers, its name says state"; of a camera its size
  std::string field;             ///< "position[0:7]"; empty for a camera
};

struct Guess {
  Recipe recipe;  ///< complete where `complete`, else what could be filled in (for `init`)
  bool complete = false;
  std::vector<Candidate> states, actions, cameras;
  std::vector<std::string> left_out;  ///< lines for the user: topics whose encoding this version does not take (depth, ...)
  std::string preset;                 ///< "kuavo" or empty
  /// Candidate topics of which no message could be read (damage): file, offset, topic and reason each.
  std::vector<std::string> unreadable;
};

/// `definitions`: of what the recording does not define. Looks at topics, types and the first messages of each candidate topic;
/// where they cannot be read, at a few later ones.
Result<Guess> guess_recipe(bag::BagReader& bag, const msg::DefinitionSet& definitions = msg::builtin_definitions());

/// What `init` writes for a guess: to_yaml where complete, else a recipe to complete, candidates as comments.
std::string to_yaml(const Guess& guess);

}  // namespace bagloom::recipe
