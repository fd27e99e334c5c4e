// A plan: for each tick and column one cell; for each episode its ticks; and what was lost. Pure data.
#pragma once

#include <cstdint>
#include <string>
#include <vector>

#include "base/message_ref.h"
#include "base/time.h"

namespace bagloom::align {

enum class Match { nearest, hold };
enum class CellState : std::uint8_t { absent, matched, held };

/// What stands at one tick in one column. Today's rules set `first` only; `second` and `weight` are for interpolation
/// (value = first * (1 - weight) + second * weight).
struct Cell {
  MessageRef first;
  MessageRef second;
  float weight = 0;
  CellState state = CellState::absent;
};

/// One topic of one feature.
struct Column {
  std::string feature;
  std::string topic;
  Match match = Match::nearest;
  TimeNs tolerance = -1;  ///< ns; negative: any distance
};

/// A half-open range of ticks.
struct TickRange {
  std::uint64_t begin = 0, end = 0;
  std::uint64_t size() const { return end - begin; }
  friend bool operator==(const TickRange&, const TickRange&) = default;
};

/// The rows of one episode: one range, or several where `drop` took rows out.
struct EpisodeRows {
  std::vector<TickRange> ranges;
  std::uint64_t rows = 0;
  std::uint64_t held = 0;  ///< rows with at least one held cell
};

/// A run of absent cells that is longer than what may be held.
struct LongGap {
  std::uint32_t column = 0;
  TickRange ticks;
};

struct ColumnCounts {
  std::uint64_t matched = 0, held = 0, absent = 0;  ///< absent: ticks between first and last matched row, in no episode
  TimeNs skew_p50 = 0, skew_p99 = 0, skew_max = 0;  ///< |message - row| over matched cells of episodes
};

/// Cells of a whole recording in memory while it is planned: 25 bytes a column and tick.
class PlanCells {
 public:
  PlanCells(std::vector<TimeNs> ticks, std::vector<Column> columns);

  std::uint64_t ticks() const { return ticks_.size(); }
  TimeNs time(std::uint64_t tick) const { return ticks_[tick]; }
  const std::vector<Column>& columns() const { return columns_; }

  CellState state(std::uint32_t column, std::uint64_t tick) const { return states_[column][tick]; }
  const MessageRef& message(std::uint32_t column, std::uint64_t tick) const { return messages_[column][tick]; }
  void set(std::uint32_t column, std::uint64_t tick, const MessageRef& message, CellState state);

 private:
  std::vector<TimeNs> ticks_;
  std::vector<Column> columns_;
  std::vector<std::vector<MessageRef>> messages_;
  std::vector<std::vector<CellState>> states_;
};

/// What episodes.h makes of the cells.
struct PlanOutcome {
  std::vector<EpisodeRows> episodes;
  std::uint64_t trimmed_start = 0, trimmed_end = 0;  ///< ticks
  std::vector<LongGap> long_gaps;
  std::uint64_t gap_rows = 0;      ///< rows taken out by split or drop
  std::uint64_t short_pieces = 0;  ///< by split, below min_rows
  std::uint64_t short_piece_rows = 0;
  bool rejected = false;  ///< a long gap, or too few rows; `reason` says which
  std::string reason;
  std::string remedy;  ///< what the user may do about it
  std::vector<ColumnCounts> columns;
};

}  // namespace bagloom::align
