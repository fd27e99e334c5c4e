// Cells become episodes: trimming, held cells, long gaps. docs/alignment.md section 3.
#pragma once

#include "align/plan.h"

namespace bagloom::align {

enum class LongGapRule { reject, split, drop };

struct EpisodeRules {
  std::uint32_t held_rows = 2;  ///< absent cells of a run that may be held
  LongGapRule longer = LongGapRule::reject;
  std::uint32_t min_rows = 2;  ///< with split
};

/// Fewer rows than this are never an episode.
inline constexpr std::uint64_t kMinEpisodeRows = 2;

/// Marks held cells in `cells` and cuts episodes.
PlanOutcome cut_episodes(PlanCells& cells, const EpisodeRules& rules);

}  // namespace bagloom::align
