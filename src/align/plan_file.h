// A plan on disk, so that running tasks hold a block of it and not the whole. Blocks lie on the grid that tasks are cut on.
#pragma once

#include <memory>
#include <string>
#include <vector>

#include "align/plan.h"
#include "base/result.h"
#include "base/source.h"

namespace bagloom::align {

/// Ticks of the largest block. docs/alignment.md section 5. Changing it makes other segments, hence other packets.
inline constexpr std::uint64_t kGridTicks = 64;

/// Ticks of a block in a recording of so many: as few blocks as go, of one size, because a short rest costs an encoder and leaves
/// threads without work at the end.
std::uint64_t grid_step(std::uint64_t ticks);

/// Writes the cells, replacing the file.
Status write_plan_file(const std::string& path, const PlanCells& cells);

/// Thread-safe.
class PlanFile {
 public:
  static Result<std::unique_ptr<PlanFile>> open(const std::string& path);

  std::uint64_t ticks() const { return ticks_; }
  std::uint32_t columns() const { return columns_; }
  /// The cells of one column at the ticks of `range`, which lies within one block of the grid.
  Result<std::vector<Cell>> cells(std::uint32_t column, TickRange range) const;
  /// The ticks' times.
  Result<std::vector<TimeNs>> times(TickRange range) const;

 private:
  PlanFile(std::unique_ptr<Source> source, std::uint64_t ticks, std::uint32_t columns)
      : source_(std::move(source)), ticks_(ticks), columns_(columns) {}
  std::unique_ptr<Source> source_;
  std::uint64_t ticks_;
  std::uint32_t columns_;
};

}  // namespace bagloom::align
