#include "synth/random.h"

#include <gtest/gtest.h>

#include <cmath>

namespace bagloom::synth {
namespace {

TEST(Random, IsTheSameEverywhere) {
  // SplitMix64's published first outputs for state 0 are mix(0), mix(golden), ...
  EXPECT_EQ(mix(0), 0xE220A8397B1DCDAFu);
  EXPECT_EQ(mix(0x9E3779B97F4A7C15u), 0x6E789E6AA1B965F4u);
}

TEST(Random, StreamsAndIndicesDiffer) {
  EXPECT_NE(draw(1, 2, 3), draw(1, 3, 2));
  EXPECT_NE(draw(1, 2, 3), draw(2, 1, 3));
  EXPECT_EQ(draw(1, 2, 3), draw(1, 2, 3));
}

TEST(Random, BellHasMeanZeroAndDeviationOne) {
  double sum = 0, squares = 0, most = 0;
  constexpr int kCount = 200000;
  for (int i = 0; i < kCount; ++i) {
    const double value = static_cast<double>(bell(draw(7, 1, static_cast<std::uint64_t>(i)))) / 65536;
    sum += value;
    squares += value * value;
    most = std::max(most, std::abs(value));
  }
  EXPECT_NEAR(sum / kCount, 0, 0.01);
  EXPECT_NEAR(std::sqrt(squares / kCount), 1, 0.01);
  EXPECT_GT(most, 3.5);
  EXPECT_LE(most, 6);
}

}  // namespace
}  // namespace bagloom::synth
