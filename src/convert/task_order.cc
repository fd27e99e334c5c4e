#include "convert/task_order.h"

#include <algorithm>

#include "align/plan_file.h"

namespace bagloom::convert {
namespace {

// A key: recording from bit 40 on, bit 39 set for tasks that go by their cost, then block or cost, and from bit 0 on the camera.
constexpr std::uint64_t kByCost = 1ull << 39;
constexpr std::uint64_t kNumbers = 255;
constexpr std::uint64_t kCostSteps = 1ull << 20;

// Tasks for each thread that are left when the order by cost begins.
constexpr std::uint64_t kLateTasks = 3;

}  // namespace

TaskOrder::TaskOrder(std::uint32_t recording, std::vector<std::uint64_t> picture_bytes, std::uint64_t ticks,
                     std::uint32_t threads)
    : first_((std::uint64_t{recording} + 1) << 40), step_(align::grid_step(ticks)), picture_bytes_(std::move(picture_bytes)) {
  for (const std::uint64_t bytes : picture_bytes_) largest_ = std::max(largest_, bytes);
  const std::uint64_t late = kLateTasks * threads / std::max<std::uint64_t>(picture_bytes_.size(), 1) + 1;
  const std::uint64_t blocks = (ticks + step_ - 1) / step_;
  first_late_block_ = blocks - std::min(blocks, late);
}

bool TaskOrder::by_cost(const align::TickRange& ticks) const {
  return ticks.size() < step_ || ticks.begin / step_ >= first_late_block_;
}

std::uint64_t TaskOrder::stretch(const align::TickRange& ticks) const {
  return first_ | (by_cost(ticks) ? kByCost : (ticks.begin / step_) << 8);
}

std::uint64_t TaskOrder::task(const align::TickRange& ticks, std::optional<std::uint32_t> camera) const {
  const std::uint64_t within = camera ? std::min<std::uint64_t>(*camera, kNumbers - 2) + 1 : kNumbers;
  if (!by_cost(ticks)) return first_ | (ticks.begin / step_) << 8 | within;
  // Numbers cost next to nothing beside pictures.
  const double share = camera ? static_cast<double>(picture_bytes_[*camera]) / static_cast<double>(largest_) : 0.0;
  const double rows = static_cast<double>(ticks.size()) / static_cast<double>(step_);
  const auto cost = static_cast<std::uint64_t>(share * rows * static_cast<double>(kCostSteps));
  return first_ | kByCost | (kCostSteps - cost) << 8 | within;
}

}  // namespace bagloom::convert
