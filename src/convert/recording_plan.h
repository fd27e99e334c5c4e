// Scans a recording's index and makes its plan: ticks, cells, episodes. docs/alignment.md.
#pragma once

#include <map>
#include <set>
#include <string>
#include <vector>

#include "align/episodes.h"
#include "align/plan.h"
#include "convert/recording.h"

namespace bagloom::convert {

/// Messages that count as not recorded, by locator.
using Excluded = std::set<std::uint64_t>;

struct RecordingPlan {
  align::PlanCells cells;
  align::PlanOutcome outcome;
  std::vector<std::uint64_t> largest_message;   ///< by column: record bytes of its topic's largest message
  std::vector<std::uint64_t> mean_message;      ///< by column: record bytes, rounded up
  std::uint64_t filled_ticks = 0;               ///< put into gaps of the timeline
};

/// Needs compile_extractors only for what runs after it. Errors: invalid (the recipe does not fit this recording), corrupt, io.
Result<RecordingPlan> plan_recording(Recording& recording, const recipe::Recipe& recipe, const FeatureColumns& columns, const Excluded& excluded);

}  // namespace bagloom::convert
