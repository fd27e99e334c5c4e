#include "align/plan_builder.h"

namespace bagloom::align {
namespace {

/// |a - b| without overflow.
std::uint64_t distance(TimeNs a, TimeNs b) {
  return a > b ? static_cast<std::uint64_t>(a) - static_cast<std::uint64_t>(b)
               : static_cast<std::uint64_t>(b) - static_cast<std::uint64_t>(a);
}

bool within(std::uint64_t apart, TimeNs tolerance) { return tolerance < 0 || apart <= static_cast<std::uint64_t>(tolerance); }

}  // namespace

PlanBuilder::PlanBuilder(std::vector<TimeNs> ticks, std::vector<Column> columns)
    : cells_(std::move(ticks), std::move(columns)), progress_(cells_.columns().size()) {}

// Decides every tick before `after` (all remaining ones where there is no later message).
void PlanBuilder::decide(std::uint32_t column, Progress& progress, const MessageRef* after) {
  const Column& rules = cells_.columns()[column];
  while (progress.next_tick < cells_.ticks()) {
    const TimeNs tick = cells_.time(progress.next_tick);
    if (after != nullptr && after->time <= tick) break;
    MessageRef chosen = progress.before;
    if (rules.match == Match::nearest && after != nullptr &&
        (!chosen.valid() || distance(after->time, tick) < distance(chosen.time, tick)))
      chosen = *after;
    if (chosen.valid() && within(distance(chosen.time, tick), rules.tolerance))
      cells_.set(column, progress.next_tick, chosen, CellState::matched);
    ++progress.next_tick;
  }
}

Status PlanBuilder::offer(std::uint32_t column, const MessageRef& message) {
  Progress& progress = progress_[column];
  if (progress.last.valid() && message < progress.last)
    return Error(ErrorKind::internal, "messages of " + cells_.columns()[column].topic + " were planned out of order");
  decide(column, progress, &message);
  // Of several messages at one time `nearest` takes the first in the file, `hold` the last.
  const bool same_time = progress.before.valid() && progress.before.time == message.time;
  if (!same_time || cells_.columns()[column].match == Match::hold) progress.before = message;
  progress.last = message;
  return {};
}

PlanCells PlanBuilder::finish() && {
  for (std::uint32_t column = 0; column < progress_.size(); ++column) decide(column, progress_[column], nullptr);
  return std::move(cells_);
}

}  // namespace bagloom::align
