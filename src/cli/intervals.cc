#include "cli/intervals.h"

#include <algorithm>
#include <bit>
#include <cstdint>

namespace bagloom::cli {

void IntervalHistogram::add(TimeNs interval) {
  const auto value = static_cast<std::uint64_t>(std::max<TimeNs>(interval, 0));
  const auto bits = static_cast<unsigned>(std::bit_width(value));
  // Octave 0: below 1024, one bucket a value. Octave n: values of n + 10 bits.
  const unsigned octave = bits < kLeadingBits ? 0 : bits - kLeadingBits + 1;
  const std::size_t bucket = octave == 0 ? value : (value >> (octave - 1)) - kBuckets;
  auto& counts = octaves_[octave];
  if (!counts) counts = std::make_unique<Octave>();
  ++(*counts)[bucket];
  ++count_;
}

TimeNs IntervalHistogram::median() const {
  if (count_ == 0) return 0;
  std::uint64_t left = (count_ - 1) / 2;  // how many stand before it
  for (unsigned octave = 0; octave < octaves_.size(); ++octave) {
    if (!octaves_[octave]) continue;
    for (std::size_t bucket = 0; bucket < kBuckets; ++bucket) {
      const std::uint64_t here = (*octaves_[octave])[bucket];
      if (left >= here) {
        left -= here;
        continue;
      }
      return static_cast<TimeNs>(octave == 0 ? bucket : (bucket + kBuckets) << (octave - 1));
    }
  }
  return 0;
}

void IntervalFacts::add(TimeNs before, TimeNs after, TimeNs median) {
  const TimeNs interval = after - before;
  if (interval > worst) {
    worst = interval;
    worst_at = before;
  }
  // interval > 1.5 * median, in integers and without overflow
  if (interval - median > median / 2) {
    ++gaps;
    // Times of a damaged recording may span more than the type holds: the sum stays at its end.
    gap_total = interval > INT64_MAX - gap_total ? INT64_MAX : gap_total + interval;
  }
}

}  // namespace bagloom::cli
