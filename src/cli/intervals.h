// What the times of a topic's messages say: the median interval, the worst, the gaps. Memory does not grow with messages.
#pragma once

#include <array>
#include <cstdint>
#include <memory>

#include "base/time.h"

namespace bagloom::cli {

/// Counts of intervals by their eleven leading bits: 1024 buckets an octave, exact below 2048 ns. Octaves are made when needed
/// (8 KiB each).
class IntervalHistogram {
 public:
  /// Negative intervals count as 0.
  void add(TimeNs interval);
  std::uint64_t count() const { return count_; }
  /// The lower median, truncated to its eleven leading bits: at most 0.1 % below it. 0 where there is none.
  TimeNs median() const;

 private:
  static constexpr unsigned kLeadingBits = 11;
  static constexpr std::size_t kBuckets = 1u << (kLeadingBits - 1);
  using Octave = std::array<std::uint64_t, kBuckets>;
  std::array<std::unique_ptr<Octave>, 64> octaves_;  // the two lowest hold 0..1023 and 1024..2047
  std::uint64_t count_ = 0;
};

/// The second look: everything that needs the median.
struct IntervalFacts {
  std::uint64_t gaps = 0;  ///< intervals over 1.5 times the median
  TimeNs gap_total = 0;    ///< their sum
  TimeNs worst = 0;        ///< the longest interval
  TimeNs worst_at = 0;     ///< the message before it
  void add(TimeNs before, TimeNs after, TimeNs median);
};

}  // namespace bagloom::cli
