#include "align/episodes.h"

#include <algorithm>
#include <optional>

namespace bagloom::align {
namespace {

bool all_matched(const PlanCells& cells, std::uint64_t tick) {
  for (std::uint32_t column = 0; column < cells.columns().size(); ++column)
    if (cells.state(column, tick) != CellState::matched) return false;
  return true;
}

// The part of `range` from the first to the last tick at which all columns are matched.
std::optional<TickRange> trimmed(const PlanCells& cells, TickRange range) {
  while (range.begin < range.end && !all_matched(cells, range.begin)) ++range.begin;
  while (range.end > range.begin && !all_matched(cells, range.end - 1)) --range.end;
  if (range.size() == 0) return std::nullopt;
  return range;
}

// Fills short runs of absent cells; gives the long ones, by their first tick.
std::vector<LongGap> hold_short_gaps(PlanCells& cells, TickRange range, std::uint32_t held_rows) {
  std::vector<LongGap> gaps;
  for (std::uint32_t column = 0; column < cells.columns().size(); ++column) {
    for (std::uint64_t tick = range.begin; tick < range.end; ++tick) {
      if (cells.state(column, tick) != CellState::absent) continue;
      std::uint64_t end = tick;
      while (end < range.end && cells.state(column, end) == CellState::absent) ++end;
      if (end - tick > held_rows) {
        gaps.push_back({column, {tick, end}});
      } else {
        // range.begin is matched in every column, so there is a tick before.
        const MessageRef last = cells.message(column, tick - 1);
        for (std::uint64_t held = tick; held < end; ++held) cells.set(column, held, last, CellState::held);
      }
      tick = end;
    }
  }
  std::stable_sort(gaps.begin(), gaps.end(), [](const LongGap& a, const LongGap& b) { return a.ticks.begin < b.ticks.begin; });
  return gaps;
}

// What remains of `range` without the gaps (which may overlap).
std::vector<TickRange> without(TickRange range, const std::vector<LongGap>& gaps) {
  std::vector<TickRange> rest;
  std::uint64_t begin = range.begin;
  for (const LongGap& gap : gaps) {
    if (gap.ticks.begin > begin) rest.push_back({begin, gap.ticks.begin});
    begin = std::max(begin, gap.ticks.end);
  }
  if (begin < range.end) rest.push_back({begin, range.end});
  return rest;
}

EpisodeRows episode_of(const PlanCells& cells, std::vector<TickRange> ranges) {
  EpisodeRows episode;
  for (const TickRange& range : ranges) {
    episode.rows += range.size();
    for (std::uint64_t tick = range.begin; tick < range.end; ++tick)
      if (!all_matched(cells, tick)) ++episode.held;
  }
  episode.ranges = std::move(ranges);
  return episode;
}

std::vector<ColumnCounts> count_columns(const PlanCells& cells, std::optional<TickRange> span,
                                        const std::vector<EpisodeRows>& episodes) {
  std::vector<ColumnCounts> counts(cells.columns().size());
  for (std::uint32_t column = 0; column < counts.size(); ++column) {
    ColumnCounts& count = counts[column];
    std::vector<TimeNs> skews;
    std::uint64_t in_episodes = 0;
    for (const EpisodeRows& episode : episodes) {
      for (const TickRange& range : episode.ranges) {
        in_episodes += range.size();
        for (std::uint64_t tick = range.begin; tick < range.end; ++tick) {
          if (cells.state(column, tick) == CellState::held) ++count.held;
          if (cells.state(column, tick) != CellState::matched) continue;
          ++count.matched;
          const TimeNs apart = cells.message(column, tick).time - cells.time(tick);
          skews.push_back(apart < 0 ? -apart : apart);
        }
      }
    }
    if (span && !episodes.empty()) count.absent = span->size() - in_episodes;
    if (episodes.empty())
      // Nothing was kept: what the column had says why.
      for (std::uint64_t tick = 0; tick < cells.ticks(); ++tick)
        ++(cells.state(column, tick) == CellState::absent ? count.absent : count.matched);
    if (skews.empty()) continue;
    std::sort(skews.begin(), skews.end());
    count.skew_p50 = skews[(skews.size() - 1) / 2];
    count.skew_p99 = skews[(skews.size() - 1) * 99 / 100];
    count.skew_max = skews.back();
  }
  return counts;
}

std::string gap_text(const PlanCells& cells, const LongGap& gap, const EpisodeRules& rules) {
  const Column& column = cells.columns()[gap.column];
  const TimeNs start = cells.time(0);
  return column.feature + " (" + column.topic + ") has no message for " + std::to_string(gap.ticks.size()) + " rows at " +
         relative_text(cells.time(gap.ticks.begin) - start) + " to " + relative_text(cells.time(gap.ticks.end - 1) - start) +
         " of the timeline; at most " + std::to_string(rules.held_rows) + " rows are held";
}

std::string no_rows_text(const PlanCells& cells) {
  for (std::uint32_t column = 0; column < cells.columns().size(); ++column) {
    bool any = false;
    for (std::uint64_t tick = 0; tick < cells.ticks() && !any; ++tick) any = cells.state(column, tick) == CellState::matched;
    if (!any)
      return cells.columns()[column].feature + " (" + cells.columns()[column].topic + ") has no message near any of the " +
             std::to_string(cells.ticks()) + " rows";
  }
  return "no row where every feature has a message";
}

}  // namespace

PlanOutcome cut_episodes(PlanCells& cells, const EpisodeRules& rules) {
  PlanOutcome outcome;
  const auto reject = [&](std::string reason) {
    outcome.rejected = true;
    outcome.reason = std::move(reason);
  };
  const std::optional<TickRange> span = trimmed(cells, {0, cells.ticks()});
  if (!span) {
    reject(no_rows_text(cells));
    outcome.columns = count_columns(cells, span, {});
    return outcome;
  }
  outcome.trimmed_start = span->begin;
  outcome.trimmed_end = cells.ticks() - span->end;
  outcome.long_gaps = hold_short_gaps(cells, *span, rules.held_rows);

  if (!outcome.long_gaps.empty() && rules.longer == LongGapRule::reject) {
    reject(gap_text(cells, outcome.long_gaps.front(), rules));
    outcome.remedy = "see gaps.hold, gaps.longer and the topic's tolerance in the recipe";
  } else {
    const std::vector<TickRange> pieces = without(*span, outcome.long_gaps);
    std::uint64_t kept = 0;
    for (const TickRange& piece : pieces) kept += piece.size();
    outcome.gap_rows = span->size() - kept;
    if (rules.longer == LongGapRule::drop) {
      outcome.episodes.push_back(episode_of(cells, pieces));
      if (outcome.episodes.back().rows < kMinEpisodeRows) outcome.episodes.clear();
    } else {
      for (const TickRange& piece : pieces) {
        const std::optional<TickRange> rows = trimmed(cells, piece);
        const std::uint64_t least =
            outcome.long_gaps.empty() ? kMinEpisodeRows : std::max<std::uint64_t>(kMinEpisodeRows, rules.min_rows);
        if (rows && rows->size() >= least) {
          outcome.gap_rows += piece.size() - rows->size();
          outcome.episodes.push_back(episode_of(cells, {*rows}));
        } else {
          ++outcome.short_pieces;
          outcome.short_piece_rows += piece.size();
        }
      }
    }
    if (outcome.episodes.empty())
      reject("only " + std::to_string(kept) + (kept == 1 ? " row" : " rows") + " where every feature has a message, in " +
             std::to_string(pieces.size()) + (pieces.size() == 1 ? " piece" : " pieces") + "; an episode needs at least " +
             std::to_string(std::max<std::uint64_t>(kMinEpisodeRows, rules.longer == LongGapRule::split ? rules.min_rows : 0)));
  }
  outcome.columns = count_columns(cells, span, outcome.episodes);
  return outcome;
}

}  // namespace bagloom::align
