// Ticks: the times at which rows may stand. docs/alignment.md section 1.
#pragma once

#include <cstdint>
#include <vector>

#include "base/result.h"
#include "base/time.h"

namespace bagloom::align {

/// More ticks than this are refused: 38 days at 30 Hz; a clock that jumps would otherwise decide how much memory we take.
inline constexpr std::uint64_t kMaxTicks = 100'000'000;

struct TopicTimeline {
  std::uint32_t fps = 10;
  std::uint32_t every = 1;
  TimeNs from = INT64_MIN, to = INT64_MAX;  ///< messages outside are not taken (drop_start, drop_end)
  std::uint32_t fill_at_most = 0;           ///< ticks put into one gap: held rows + 1
};

/// Fed with the times of the timeline's topic in ascending order; gives ticks in strictly ascending order.
class TopicTicks {
 public:
  explicit TopicTicks(const TopicTimeline& rules) : rules_(rules) {}
  Status add(TimeNs time);
  std::vector<TimeNs> finish() && { return std::move(ticks_); }
  /// Ticks without a message of the topic, put into its gaps.
  std::uint64_t filled() const { return filled_; }

 private:
  TopicTimeline rules_;
  std::vector<TimeNs> ticks_;
  std::uint64_t filled_ = 0;
};

/// Ticks at from + k / fps, up to and including `to`.
Result<std::vector<TimeNs>> uniform_ticks(std::uint32_t fps, TimeNs from, TimeNs to);

/// The number of consecutive rows that may be held: hold * fps, rounded down.
std::uint32_t held_rows(TimeNs hold, std::uint32_t fps);

/// Error (invalid) where `every` median intervals are more than 10 % away from 1/fps, or the interval is 0.
Status check_rate(TimeNs median_interval, std::uint32_t every, std::uint32_t fps);

}  // namespace bagloom::align
