#include "allocation_cap.h"

#include <gtest/gtest.h>

#include <cstdlib>
#include <cstring>
#include <memory>
#include <thread>
#include <vector>

namespace bagloom::fuzz {
namespace {

constexpr std::size_t kKiB = 1024;
constexpr Allowance kAllowance{"try", 64 * kKiB, 4};

/// Through a pointer that the compiler does not see through: an allocation that nobody reads may be left out.
void* allocate(std::size_t bytes) {
  void* (*volatile take)(std::size_t) = std::malloc;
  void* block = take(bytes);
  if (block != nullptr) std::memset(block, 1, bytes);
  return block;
}

class AllocationCapTest : public testing::Test {
 protected:
  void SetUp() override {
    if (!kAllocationsCounted) GTEST_SKIP() << "allocations are counted under the address sanitizer only";
    testing::FLAGS_gtest_death_test_style = "threadsafe";
  }
};

TEST_F(AllocationCapTest, WhatIsAllowedPasses) {
  const AllocationCap cap(kAllowance, 1000);
  void* block = allocate(60 * kKiB);
  EXPECT_GE(cap.most(), 60 * kKiB);
  EXPECT_LT(cap.most(), 61 * kKiB);
  std::free(block);
  // Live bytes, not their sum.
  for (int i = 0; i < 100; ++i) std::free(allocate(60 * kKiB));
  EXPECT_LT(cap.most(), 61 * kKiB);
}

TEST_F(AllocationCapTest, OneBlockTooLargeEndsTheProcess) {
  EXPECT_DEATH(
      {
        const AllocationCap cap(kAllowance, 40);
        std::free(allocate(65 * kKiB));
      },
      "allocation cap: try holds 66560 bytes for an input of 40, 65696 are allowed; the last block has 66560");
}

TEST_F(AllocationCapTest, ManySmallBlocksEndTheProcess) {
  EXPECT_DEATH(
      {
        const AllocationCap cap(kAllowance, 0);
        std::vector<void*> blocks;
        blocks.reserve(100);
        for (int i = 0; i < 100; ++i) blocks.push_back(allocate(kKiB));
        for (void* block : blocks) std::free(block);
      },
      "allocation cap: try holds");
}

TEST_F(AllocationCapTest, TheCapGrowsWithTheInput) {
  const AllocationCap cap(kAllowance, 100 * kKiB);
  void* block = allocate(400 * kKiB);
  EXPECT_GE(cap.most(), 400 * kKiB);
  std::free(block);
}

TEST_F(AllocationCapTest, OtherThreadsCount) {
  EXPECT_DEATH(
      {
        const AllocationCap cap(kAllowance, 0);
        std::thread([] { std::free(allocate(100 * kKiB)); }).join();
      },
      "allocation cap: try holds");
}

TEST_F(AllocationCapTest, WhatIsFreedOfBeforeMakesRoom) {
  void* before = allocate(100 * kKiB);
  const AllocationCap cap(kAllowance, 0);
  std::free(before);
  void* block = allocate(150 * kKiB);
  std::free(block);
  EXPECT_LT(cap.most(), 60 * kKiB);
}

TEST_F(AllocationCapTest, NothingIsCheckedOutsideOfTheScope) {
  { const AllocationCap cap(kAllowance, 0); }
  std::free(allocate(1000 * kKiB));
}

}  // namespace
}  // namespace bagloom::fuzz
