#include "bench/memory_watch.h"

#include <gtest/gtest.h>

#include <cstring>
#include <memory>

namespace bagloom::bench {
namespace {

constexpr std::size_t kBlock = 64u << 20;

std::unique_ptr<char[]> touched_block() {
  std::unique_ptr<char[]> block(new char[kBlock]);
  std::memset(block.get(), 1, kBlock);
  return block;
}

// What the process held before may be more than all that is measured: the highest sample is still said.
TEST(MemoryWatch, TheHighestSampleMayBeBelowTheStart) {
  auto block = touched_block();
  std::vector<MemoryPoint> highest;
  MemoryWatch watch(PeakFrom::samples, [&](const MemoryPoint& sample) { highest.push_back(sample); });
  block.reset();
  const MemoryUse use = watch.stop();
  ASSERT_FALSE(highest.empty());
  EXPECT_GE(use.peak, use.initial);
  for (const MemoryPoint& point : use.timeline) EXPECT_LE(point.resident, highest.back().resident);
}

TEST(MemoryWatch, EachSampleAboveAllBeforeIsSaid) {
  std::vector<MemoryPoint> highest;
  MemoryWatch watch(PeakFrom::samples, [&](const MemoryPoint& sample) { highest.push_back(sample); });
  const auto block = touched_block();
  const MemoryUse use = watch.stop();
  ASSERT_FALSE(highest.empty());
  EXPECT_EQ(highest.back().resident, use.peak);
  EXPECT_GE(use.increase(), kBlock - (4u << 20));
  for (std::size_t i = 1; i < highest.size(); ++i) EXPECT_GT(highest[i].resident, highest[i - 1].resident);
}

}  // namespace
}  // namespace bagloom::bench
