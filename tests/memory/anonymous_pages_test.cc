// What is touched is counted, what is only allocated is not; stacks stand apart.
#include "memory/anonymous_pages.h"

#include <gtest/gtest.h>
#include <sys/mman.h>

#include <condition_variable>
#include <cstring>
#include <mutex>
#include <thread>
#include <vector>

#include "memory/allocator.h"
#include "sanitized.h"

namespace bagloom::memory {
namespace {

constexpr std::uint64_t kMiB = 1024 * 1024;

TEST(AnonymousPagesTest, CountsWhatWasTouched) {
  const auto before = anonymous_pages();
  if (!before) GTEST_SKIP() << "not to be counted here: a sanitizer's mappings, or no /proc/self/maps";
  void* const block = ::mmap(nullptr, 64 * kMiB, PROT_READ | PROT_WRITE, MAP_PRIVATE | MAP_ANONYMOUS, -1, 0);
  ASSERT_NE(block, MAP_FAILED);
  ::madvise(block, 64 * kMiB, MADV_NOHUGEPAGE);
  const auto mapped = anonymous_pages();
  std::memset(block, 1, 24 * kMiB);
  const auto touched = anonymous_pages();
  ::munmap(block, 64 * kMiB);
  const auto after = anonymous_pages();
  EXPECT_LT(mapped->heaps, before->heaps + kMiB / 2);
  EXPECT_GE(touched->heaps, before->heaps + 24 * kMiB);
  EXPECT_LT(touched->heaps, before->heaps + 24 * kMiB + kMiB / 2);
  EXPECT_LT(after->heaps, before->heaps + kMiB / 2);
}

TEST(AnonymousPagesTest, StacksOfThreadsAreNoHeap) {
  const auto before = anonymous_pages();
  if (!before) GTEST_SKIP() << "not to be counted here: a sanitizer's mappings, or no /proc/self/maps";
  std::mutex mutex;
  std::condition_variable changed;
  std::size_t ready = 0;
  bool done = false;
  std::vector<std::thread> threads;
  for (int i = 0; i < 3; ++i)
    threads.emplace_back([&] {
      volatile char room[kMiB];
      for (std::size_t at = 0; at < kMiB; at += 1024) room[at] = 1;
      EXPECT_EQ(room[0], 1);
      std::unique_lock lock(mutex);
      ++ready;
      changed.notify_all();
      changed.wait(lock, [&] { return done; });
    });
  {
    std::unique_lock lock(mutex);
    changed.wait(lock, [&] { return ready == threads.size(); });
  }
  const auto during = anonymous_pages();
  {
    const std::lock_guard lock(mutex);
    done = true;
  }
  changed.notify_all();
  for (std::thread& thread : threads) thread.join();
  EXPECT_GE(during->stacks, before->stacks + 3 * kMiB);
  EXPECT_LT(during->stacks, before->stacks + 3 * kMiB + kMiB / 2);
  EXPECT_LT(during->heaps, before->heaps + kMiB / 2);
}

TEST(HeapCountsTest, WhatIsAllocatedIsInUseAndWhatIsFreedIsNot) {
  const auto before = heap_counts();
  if (!before) GTEST_SKIP() << "this C library, or a sanitizer's allocator, does not count";
  constexpr std::size_t kSmall = 1000, kCount = 4000;
  std::vector<std::vector<char>> blocks(kCount);
  for (auto& block : blocks) block.resize(kSmall);
  std::vector<char> large(8 * kMiB);
  const auto during = heap_counts();
  EXPECT_GE(during->in_use, before->in_use + kSmall * kCount + 8 * kMiB);
  EXPECT_LT(during->in_use, before->in_use + kSmall * kCount + 9 * kMiB);
  blocks.clear();
  std::vector<char>().swap(large);
  EXPECT_LT(heap_counts()->in_use, before->in_use + kMiB);
}

}  // namespace
}  // namespace bagloom::memory
