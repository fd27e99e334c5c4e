// Plans as a resumed job finds them in its staging folder.
#include <cstddef>
#include <cstdint>
#include <cstdlib>

#include "align/plan_file.h"
#include "allocation_cap.h"
#include "memory_file.h"

namespace {

/// One block of times, one of cells; the plan itself stays in its file.
constexpr bagloom::fuzz::Allowance kAllowance{"plan_file", 8 * 1024, 4};

}  // namespace

extern "C" int LLVMFuzzerTestOneInput(const std::uint8_t* data, std::size_t size) {
  const bagloom::fuzz::AllocationCap cap(kAllowance, size);
  using namespace bagloom::align;  // NOLINT: one function
  const bagloom::fuzz::MemoryFile file(data, size);
  const auto plan = PlanFile::open(file.path());
  if (!plan.ok()) return 0;
  // What opens is whole: every block can be read.
  const std::uint64_t ticks = (*plan)->ticks();
  if (ticks > size || (ticks > 0 && (*plan)->columns() > size)) std::abort();
  for (std::uint64_t begin = 0; begin < ticks; begin += kGridTicks) {
    const TickRange block{begin, begin + kGridTicks < ticks ? begin + kGridTicks : ticks};
    const auto times = (*plan)->times(block);
    if (!times.ok() || times->size() != block.size()) std::abort();
    for (std::uint32_t column = 0; column < (*plan)->columns(); ++column) {
      const auto cells = (*plan)->cells(column, block);
      if (cells.ok() && cells->size() != block.size()) std::abort();
    }
  }
  if ((*plan)->cells((*plan)->columns(), {0, 0}).ok() || (*plan)->times({0, ticks + 1}).ok()) std::abort();
  return 0;
}
