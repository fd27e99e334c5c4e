// Messages in time order become cells. docs/alignment.md section 2.
#pragma once

#include <vector>

#include "align/plan.h"
#include "base/result.h"

namespace bagloom::align {

/// Offered every message of its columns' topics in the order of MessageRef; keeps two messages a column.
class PlanBuilder {
 public:
  PlanBuilder(std::vector<TimeNs> ticks, std::vector<Column> columns);

  /// Error (internal): a message out of order, which the reader promised not to give.
  Status offer(std::uint32_t column, const MessageRef& message);
  PlanCells finish() &&;

 private:
  struct Progress {
    std::uint64_t next_tick = 0;  ///< first tick that is not decided
    MessageRef before;            ///< the candidate at or before it
    MessageRef last;
  };
  void decide(std::uint32_t column, Progress& progress, const MessageRef* after);

  PlanCells cells_;
  std::vector<Progress> progress_;
};

}  // namespace bagloom::align
