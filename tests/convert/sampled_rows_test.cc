#include <gtest/gtest.h>

#include "convert/unit_tasks.h"

namespace bagloom::convert {
namespace {

// The counts of lerobot-format.md 5.3.
TEST(SampledRows, AreAsManyAsLeRobotTakes) {
  EXPECT_EQ(sampled_rows(1), (std::vector<std::uint64_t>{0}));
  EXPECT_EQ(sampled_rows(37).size(), 37u);
  EXPECT_EQ(sampled_rows(100).size(), 100u);
  EXPECT_EQ(sampled_rows(464).size(), 100u);
  EXPECT_EQ(sampled_rows(500).size(), 105u);
  EXPECT_EQ(sampled_rows(1000).size(), 177u);
  EXPECT_EQ(sampled_rows(2000).size(), 299u);
  EXPECT_EQ(sampled_rows(10'000).size(), 1000u);
  EXPECT_EQ(sampled_rows(300'000).size(), 10'000u);
}

TEST(SampledRows, RunFromTheFirstToTheLast) {
  for (const std::uint64_t rows : {2, 99, 101, 777, 5000}) {
    const auto sample = sampled_rows(rows);
    EXPECT_EQ(sample.front(), 0u);
    EXPECT_EQ(sample.back(), rows - 1);
    for (std::size_t i = 1; i < sample.size(); ++i) EXPECT_LT(sample[i - 1], sample[i]);
  }
}

}  // namespace
}  // namespace bagloom::convert
