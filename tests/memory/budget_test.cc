#include "memory/budget.h"

#include <gtest/gtest.h>

#include <atomic>
#include <thread>
#include <vector>

namespace bagloom::memory {
namespace {

TEST(Budget, GivesWhatFitsAndTakesItBack) {
  Budget budget(100);
  auto first = budget.try_reserve(60);
  ASSERT_TRUE(first);
  EXPECT_FALSE(budget.try_reserve(41));
  auto second = budget.try_reserve(40);
  ASSERT_TRUE(second);
  EXPECT_EQ(budget.used(), 100u);
  first->release();
  EXPECT_EQ(budget.used(), 40u);
  EXPECT_EQ(first->bytes(), 0u);
  EXPECT_EQ(budget.peak(), 100u);
}

TEST(Budget, HugeRequestsDoNotWrap) {
  Budget budget(100);
  const auto lease = budget.try_reserve(50);
  EXPECT_FALSE(budget.try_reserve(~0ull));
  EXPECT_FALSE(budget.try_reserve(~0ull - 40));
}

TEST(Budget, LeasesGiveBackOnceWhenMoved) {
  Budget budget(10);
  {
    auto lease = budget.try_reserve(4);
    Lease other = std::move(*lease);
    Lease third;
    third = std::move(other);
    EXPECT_EQ(third.bytes(), 4u);
    auto more = budget.try_reserve(6);
    third = std::move(*more);  // gives the 4 back
    EXPECT_EQ(budget.used(), 6u);
  }
  EXPECT_EQ(budget.used(), 0u);
}

TEST(Budget, IsNeverExceededByThreads) {
  Budget budget(7);
  std::atomic<std::uint64_t> held{0}, most{0};
  std::vector<std::thread> threads;
  for (int t = 0; t < 4; ++t) {
    threads.emplace_back([&] {
      for (std::uint64_t i = 0; i < 2000; ++i) {
        const auto lease = budget.try_reserve(i % 5);
        if (!lease) continue;
        const std::uint64_t now = held += lease->bytes();
        std::uint64_t seen = most;
        while (now > seen && !most.compare_exchange_weak(seen, now)) {
        }
        held -= lease->bytes();
      }
    });
  }
  for (std::thread& thread : threads) thread.join();
  EXPECT_LE(most, 7u);
  EXPECT_EQ(budget.used(), 0u);
}

}  // namespace
}  // namespace bagloom::memory
