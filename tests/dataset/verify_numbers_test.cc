#include "dataset/verify_numbers.h"

#include <gtest/gtest.h>

#include <cmath>
#include <limits>

namespace bagloom::dataset::verify {
namespace {

struct Both {
  Moments moments;
  Spread spread;
};

template <class Values>
Both of(const Values& values) {
  Both both;
  for (double value : values) both.moments.add(value);
  both.spread.begin(both.moments);
  for (double value : values) both.spread.add(value);
  return both;
}

TEST(VerifyNumbers, MeanAndPopulationDeviation) {
  auto both = of(std::vector<double>{2, 4, 4, 4, 5, 5, 7, 9});
  EXPECT_EQ(both.moments.min, 2);
  EXPECT_EQ(both.moments.max, 9);
  EXPECT_DOUBLE_EQ(both.moments.mean(), 5);
  EXPECT_DOUBLE_EQ(both.spread.std(), 2);
}

TEST(VerifyNumbers, SumKeepsSmallNumbersBesideLargeOnes) {
  Moments moments;
  moments.add(1e16);
  for (int i = 0; i < 10; ++i) moments.add(1);  // each alone is rounded away
  moments.add(-1e16);
  EXPECT_DOUBLE_EQ(moments.mean(), 10.0 / 12);
}

TEST(VerifyNumbers, NonFiniteNumbersAreLeftOut) {
  auto both = of(std::vector<double>{1, std::numeric_limits<double>::quiet_NaN(), 3, std::numeric_limits<double>::infinity()});
  EXPECT_EQ(both.moments.count, 2u);
  EXPECT_DOUBLE_EQ(both.moments.mean(), 2);
  EXPECT_DOUBLE_EQ(both.spread.std(), 1);
}

TEST(VerifyNumbers, BracketHoldsTheOrderStatisticAndIsNarrow) {
  std::vector<double> values;
  for (int i = 0; i < 1000; ++i) values.push_back(std::sqrt(i));
  auto both = of(values);
  const double step = (both.moments.max - both.moments.min) / 5000;
  for (double p : {0.01, 0.1, 0.5, 0.9, 0.99}) {
    auto [low, high] = both.spread.bracket(p);
    double sample = values[static_cast<std::size_t>(std::ceil(p * 1000)) - 1],
           next = values[static_cast<std::size_t>(std::ceil(p * 999))];
    EXPECT_LE(low, sample);
    EXPECT_GE(high, next);
    EXPECT_LE(high - low, next - sample + 6 * step + std::abs(next - sample));
  }
}

TEST(VerifyNumbers, ConstantAndEmptyColumns) {
  auto both = of(std::vector<double>(7, 3.5));
  EXPECT_EQ(both.spread.std(), 0);
  EXPECT_EQ(both.spread.bracket(0.5), (std::pair<double, double>(3.5, 3.5)));
  auto none = of(std::vector<double>{});
  EXPECT_EQ(none.spread.bracket(0.5), (std::pair<double, double>(0, 0)));
  EXPECT_EQ(none.moments.mean(), 0);
}

}  // namespace
}  // namespace bagloom::dataset::verify
