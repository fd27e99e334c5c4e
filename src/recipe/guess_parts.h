// The two ways of guessing, and what they share. Internal to recipe/.
#pragma once

#include <vector>

#include "recipe/guess.h"
#include "recipe/survey.h"

namespace bagloom::recipe {

/// kuavo.md: true where the recording is Kuavo's (/sensors_data_raw of a type sensorsData).
bool is_kuavo(const Survey& survey);
Guess guess_kuavo(const Survey& survey);

Guess guess_generic(const Survey& survey);

/// Topics whose numbers could be a state or an action, into `guess.states` and `guess.actions`, by what their names say; topics
/// whose names say nothing are candidates where there is none that does.
void collect_candidates(const Survey& survey, Guess& guess);

}  // namespace bagloom::recipe
