#include "cli/intervals.h"

#include <gtest/gtest.h>

#include <algorithm>
#include <bit>
#include <random>
#include <vector>

namespace bagloom::cli {
namespace {

TimeNs median_of(const std::vector<TimeNs>& values) {
  IntervalHistogram histogram;
  for (const TimeNs value : values) histogram.add(value);
  return histogram.median();
}

TimeNs truncated(TimeNs value) {
  const int extra = std::bit_width(static_cast<std::uint64_t>(value)) - 11;
  return extra <= 0 ? value : value >> extra << extra;
}

TEST(IntervalHistogram, EmptyAndFew) {
  EXPECT_EQ(median_of({}), 0);
  EXPECT_EQ(median_of({0}), 0);
  EXPECT_EQ(median_of({-5}), 0);
  EXPECT_EQ(median_of({7, 9}), 7);
  EXPECT_EQ(median_of({7, 8, 9}), 8);
}

TEST(IntervalHistogram, KeepsElevenLeadingBits) {
  for (const TimeNs value :
       std::initializer_list<TimeNs>{1, 1023, 1024, 2047, 2048, 2049, 4095, 4096, 33'333'333, 2'000'000'000, INT64_MAX})
    EXPECT_EQ(median_of({value}), truncated(value)) << value;
}

TEST(IntervalHistogram, IsTheLowerMedianOfRandomNumbers) {
  std::mt19937_64 random(3);
  for (int round = 0; round < 50; ++round) {
    std::vector<TimeNs> values(1 + random() % 200);
    for (TimeNs& value : values) value = static_cast<TimeNs>(random() >> (1 + random() % 50));
    std::vector<TimeNs> sorted = values;
    std::sort(sorted.begin(), sorted.end());
    EXPECT_EQ(median_of(values), truncated(sorted[(sorted.size() - 1) / 2]));
  }
}

TEST(IntervalFacts, GapsAreOverOneAndAHalfMedians) {
  IntervalFacts facts;
  TimeNs at = 1000;
  for (const TimeNs interval : {100, 150, 151, 100, 400, 100}) {
    facts.add(at, at + interval, 100);
    at += interval;
  }
  EXPECT_EQ(facts.gaps, 2u);
  EXPECT_EQ(facts.gap_total, 551);
  EXPECT_EQ(facts.worst, 400);
  EXPECT_EQ(facts.worst_at, 1501);
}

TEST(IntervalFacts, OddMediansAndLongIntervals) {
  IntervalFacts facts;
  facts.add(0, 151, 101);  // 151.5 is the bound
  EXPECT_EQ(facts.gaps, 0u);
  facts.add(0, 152, 101);
  EXPECT_EQ(facts.gaps, 1u);
  facts.add(0, INT64_MAX, 4'000'000'000'000'000'000);
  EXPECT_EQ(facts.gaps, 2u);
  EXPECT_EQ(facts.gap_total, INT64_MAX) << "152 more would not fit";
}

}  // namespace
}  // namespace bagloom::cli
