#include "align/plan.h"

namespace bagloom::align {

PlanCells::PlanCells(std::vector<TimeNs> ticks, std::vector<Column> columns)
    : ticks_(std::move(ticks)),
      columns_(std::move(columns)),
      messages_(columns_.size(), std::vector<MessageRef>(ticks_.size())),
      states_(columns_.size(), std::vector<CellState>(ticks_.size(), CellState::absent)) {}

void PlanCells::set(std::uint32_t column, std::uint64_t tick, const MessageRef& message, CellState state) {
  messages_[column][tick] = message;
  states_[column][tick] = state;
}

}  // namespace bagloom::align
