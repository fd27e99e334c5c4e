// The median interval between messages, in memory that does not grow with the recording. docs/alignment.md section 1.
#pragma once

#include <cstdint>
#include <map>
#include <optional>

#include "base/time.h"

namespace bagloom::align {

/// Fed with times in ascending order. Intervals are counted by their 11 leading binary digits, so the median is exact below
/// 2,048 ns and else at most 0.1 % low.
class IntervalMedian {
 public:
  void add(TimeNs time);

  std::uint64_t messages() const { return messages_; }
  TimeNs first() const { return first_; }
  TimeNs last() const { return last_; }
  /// Nothing below two messages.
  std::optional<TimeNs> median() const;

 private:
  std::uint64_t messages_ = 0;
  TimeNs first_ = 0, last_ = 0;
  std::map<std::uint64_t, std::uint64_t> counts_;
};

/// `value` with all but its 11 leading binary digits set to zero.
std::uint64_t leading_digits(std::uint64_t value);

}  // namespace bagloom::align
