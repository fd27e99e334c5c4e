#include "align/interval_median.h"

#include <bit>

namespace bagloom::align {

std::uint64_t leading_digits(std::uint64_t value) {
  constexpr int kDigits = 11;
  const int width = std::bit_width(value);
  if (width <= kDigits) return value;
  const int cut = width - kDigits;
  return value >> cut << cut;
}

void IntervalMedian::add(TimeNs time) {
  if (messages_ == 0) {
    first_ = time;
  } else {
    // Unsigned: the difference of two times of a hostile file may not fit into the signed type.
    ++counts_[leading_digits(static_cast<std::uint64_t>(time) - static_cast<std::uint64_t>(last_))];
  }
  last_ = time;
  ++messages_;
}

std::optional<TimeNs> IntervalMedian::median() const {
  if (messages_ < 2) return std::nullopt;
  std::uint64_t rank = (messages_ - 2) / 2;  // (n - 1) / 2 of n = messages - 1 intervals
  for (const auto& [interval, count] : counts_) {
    if (rank < count) return static_cast<TimeNs>(interval);
    rank -= count;
  }
  return std::nullopt;
}

}  // namespace bagloom::align
