#include "align/interval_median.h"

#include <gtest/gtest.h>

#include <algorithm>
#include <random>
#include <vector>

namespace bagloom::align {
namespace {

TEST(IntervalMedian, NeedsTwoMessages) {
  IntervalMedian median;
  EXPECT_FALSE(median.median());
  median.add(5);
  EXPECT_FALSE(median.median());
  median.add(12);
  EXPECT_EQ(median.median(), 7);
  EXPECT_EQ(median.messages(), 2u);
  EXPECT_EQ(median.first(), 5);
  EXPECT_EQ(median.last(), 12);
}

TEST(IntervalMedian, LeadingDigits) {
  EXPECT_EQ(leading_digits(0), 0u);
  EXPECT_EQ(leading_digits(2047), 2047u);
  EXPECT_EQ(leading_digits(2048), 2048u);
  EXPECT_EQ(leading_digits(2049), 2048u);
  EXPECT_EQ(leading_digits(33'333'333), 33'333'333u / 16384 * 16384);
  EXPECT_EQ(leading_digits(~0ull), 0xffe0000000000000u);
}

// The documented definition: the one at (n - 1) / 2 of the sorted intervals, cut to 11 digits.
TEST(IntervalMedian, IsTheDocumentedElementOfRandomIntervals) {
  std::mt19937_64 random(1);
  for (int round = 0; round < 200; ++round) {
    IntervalMedian median;
    std::vector<std::uint64_t> intervals;
    TimeNs time = static_cast<TimeNs>(random() % 1'000'000);
    median.add(time);
    const int messages = 1 + static_cast<int>(random() % 40);
    for (int i = 0; i < messages; ++i) {
      intervals.push_back(random() % (1ull << (random() % 40)));
      time += static_cast<TimeNs>(intervals.back());
      median.add(time);
    }
    std::sort(intervals.begin(), intervals.end());
    EXPECT_EQ(static_cast<std::uint64_t>(*median.median()), leading_digits(intervals[(intervals.size() - 1) / 2]));
  }
}

TEST(IntervalMedian, ExtremeTimesDoNotOverflow) {
  IntervalMedian median;
  median.add(INT64_MIN);
  median.add(INT64_MAX);
  EXPECT_TRUE(median.median());
}

}  // namespace
}  // namespace bagloom::align
