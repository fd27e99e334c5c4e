#include "memory/timeline.h"

#include <gtest/gtest.h>

#include <algorithm>

namespace bagloom::memory {
namespace {

std::uint64_t largest(const std::vector<TreeSample>& samples) {
  std::uint64_t most = 0;
  for (const TreeSample& sample : samples) most = std::max(most, sample.resident.total());
  return most;
}

TEST(Timeline, KeepsAllWhileThereIsRoom) {
  Timeline timeline(8);
  for (int i = 0; i < 8; ++i) timeline.add(i, {std::uint64_t(i), 1, 2});
  const std::vector<TreeSample> samples = timeline.take();
  ASSERT_EQ(samples.size(), 8u);
  EXPECT_EQ(samples[5].seconds, 5);
  EXPECT_EQ(samples[5].resident.total(), 8u);
}

TEST(Timeline, IsThinnedAndKeepsEveryPeak) {
  for (int peak = 0; peak < 1000; ++peak) {
    Timeline timeline(8);
    for (int i = 0; i < 1000; ++i) timeline.add(i, {i == peak ? 1000u : 1u, 0, 0});
    const std::vector<TreeSample> samples = timeline.take();
    ASSERT_LE(samples.size(), 8u);
    ASSERT_GE(samples.size(), 4u);
    ASSERT_EQ(largest(samples), 1000u) << peak;
    ASSERT_TRUE(
        std::is_sorted(samples.begin(), samples.end(), [](const auto& a, const auto& b) { return a.seconds < b.seconds; }));
  }
}

}  // namespace
}  // namespace bagloom::memory
