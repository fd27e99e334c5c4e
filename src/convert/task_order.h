// When a recording's tasks start. It never shows in the result, only in the time that threads stand idle.
#pragma once

#include <cstdint>
#include <optional>
#include <vector>

#include "align/plan.h"

namespace bagloom::convert {

/// Keys for Job::order, of one recording's tasks. Recordings go in their order. Within one, the cameras and numbers of a block go
/// together, because their messages stand together; the last blocks and what is shorter than a block go by cost, dearest first,
/// so that the threads end together.
class TaskOrder {
 public:
  /// `picture_bytes`: a camera's mean message, which a picture's cost follows. `ticks`: the recording's.
  TaskOrder(std::uint32_t recording, std::vector<std::uint64_t> picture_bytes, std::uint64_t ticks, std::uint32_t threads);

  /// Taking the rows' messages out of compressed chunks, before any of their tasks.
  std::uint64_t stretch(const align::TickRange& ticks) const;
  /// Nothing for a camera: the numbers.
  std::uint64_t task(const align::TickRange& ticks, std::optional<std::uint32_t> camera) const;

 private:
  bool by_cost(const align::TickRange& ticks) const;

  std::uint64_t first_;
  std::uint64_t step_;  ///< ticks of a block
  std::vector<std::uint64_t> picture_bytes_;
  std::uint64_t largest_ = 1;
  std::uint64_t first_late_block_ = 0;
};

}  // namespace bagloom::convert
