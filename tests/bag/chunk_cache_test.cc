#include "bag/chunk_cache.h"

#include <gtest/gtest.h>

#include <atomic>
#include <thread>

namespace bagloom::bag {
namespace {

ChunkCache::Inflate make(std::size_t bytes, int value = 1) {
  return
      [bytes, value]() -> Result<std::vector<std::byte>> { return std::vector<std::byte>(bytes, static_cast<std::byte>(value)); };
}
ChunkCache::Inflate must_not_run() {
  return []() -> Result<std::vector<std::byte>> {
    ADD_FAILURE() << "inflated again";
    return Error(ErrorKind::internal, "inflated again");
  };
}

TEST(ChunkCache, KeepsWhatWasUsedLast) {
  ChunkCache cache(250);
  EXPECT_EQ(cache.capacity_bytes(), 250u);
  ASSERT_TRUE(cache.get(0, 1, make(100, 1)).ok());
  ASSERT_TRUE(cache.get(0, 2, make(100, 2)).ok());
  auto one = cache.get(0, 1, must_not_run());  // now 2 is the older
  ASSERT_TRUE(one.ok());
  EXPECT_EQ((**one)[0], std::byte{1});
  ASSERT_TRUE(cache.get(0, 3, make(100, 3)).ok());
  ASSERT_TRUE(cache.get(0, 1, must_not_run()).ok());
  ASSERT_TRUE(cache.get(0, 3, must_not_run()).ok());
  EXPECT_EQ(cache.inflations(), 3u);
  EXPECT_EQ(cache.held_bytes(), 200u);
  ASSERT_TRUE(cache.get(0, 2, make(100, 2)).ok());
  EXPECT_EQ(cache.inflations(), 4u);
}

TEST(ChunkCache, RecordingsAreApart) {
  ChunkCache cache(1000);
  ASSERT_TRUE(cache.get(0, 1, make(10, 1)).ok());
  auto other = cache.get(1, 1, make(10, 2));
  ASSERT_TRUE(other.ok());
  EXPECT_EQ((**other)[0], std::byte{2});
}

TEST(ChunkCache, AHeldChunkOutlivesItsPlace) {
  ChunkCache cache(100);
  auto held = cache.get(0, 1, make(100, 7));
  ASSERT_TRUE(held.ok());
  ASSERT_TRUE(cache.get(0, 2, make(100, 8)).ok());
  EXPECT_EQ((**held)[99], std::byte{7});
}

TEST(ChunkCache, AChunkLargerThanTheCacheIsGivenButNotKept) {
  ChunkCache cache(100);
  ASSERT_TRUE(cache.get(0, 1, make(50)).ok());
  auto large = cache.get(0, 2, make(101));
  ASSERT_TRUE(large.ok());
  EXPECT_EQ((*large)->size(), 101u);
  ASSERT_TRUE(cache.get(0, 1, must_not_run()).ok());
  ASSERT_TRUE(cache.get(0, 2, make(101)).ok());
  EXPECT_EQ(cache.inflations(), 3u);
}

TEST(ChunkCache, FailuresThatMayHealAreNotKept) {
  ChunkCache cache(100);
  auto failed = cache.get(0, 1, []() -> Result<std::vector<std::byte>> { return Error(ErrorKind::io, "bad"); });
  ASSERT_FALSE(failed.ok());
  EXPECT_EQ(failed.error().message(), "bad");
  EXPECT_TRUE(cache.get(0, 1, make(10)).ok());
}

// A task asks for each message of a chunk: with thousands of messages, a damaged chunk would be inflated thousands of times.
TEST(ChunkCache, ADamagedChunkIsInflatedOnce) {
  ChunkCache cache(100);
  for (int i = 0; i < 5; ++i) {
    auto failed = cache.get(0, 1, []() -> Result<std::vector<std::byte>> { return Error(ErrorKind::corrupt, "bad"); });
    ASSERT_FALSE(failed.ok());
    EXPECT_EQ(failed.error().message(), "bad");
  }
  EXPECT_EQ(cache.inflations(), 1u);
  EXPECT_TRUE(cache.get(0, 2, make(10)).ok());
  EXPECT_TRUE(cache.get(1, 1, make(10)).ok()) << "of another recording";
}

TEST(ChunkCache, ManyThreadsInflateOnce) {
  ChunkCache cache(1 << 20);
  std::atomic<int> calls = 0;
  std::atomic<int> good = 0;
  std::vector<std::thread> threads;
  for (int t = 0; t < 8; ++t) {
    threads.emplace_back([&] {
      for (std::uint64_t chunk = 0; chunk < 50; ++chunk) {
        auto got = cache.get(0, chunk, [&]() -> Result<std::vector<std::byte>> {
          ++calls;
          std::this_thread::yield();
          return std::vector<std::byte>(100, static_cast<std::byte>(chunk));
        });
        good += got.ok() && (**got)[99] == static_cast<std::byte>(chunk);
      }
    });
  }
  for (auto& thread : threads) thread.join();
  EXPECT_EQ(calls, 50);
  EXPECT_EQ(good, 400);
  EXPECT_EQ(cache.inflations(), 50u);
}

TEST(ChunkCache, ThreadsUnderPressureGetTheRightBytes) {
  ChunkCache cache(350);
  std::atomic<int> wrong = 0;
  std::vector<std::thread> threads;
  for (unsigned t = 0; t < 4; ++t) {
    threads.emplace_back([&, t] {
      for (unsigned i = 0; i < 500; ++i) {
        const unsigned chunk = (i * (t + 3)) % 11;
        auto got = cache.get(chunk % 2, chunk, [&]() -> Result<std::vector<std::byte>> {
          if (chunk == 5) return Error(ErrorKind::corrupt, "bad");
          return std::vector<std::byte>(100, static_cast<std::byte>(chunk));
        });
        wrong += chunk == 5 ? got.ok() : !got.ok() || (**got)[0] != static_cast<std::byte>(chunk);
      }
    });
  }
  for (auto& thread : threads) thread.join();
  EXPECT_EQ(wrong, 0);
}

}  // namespace
}  // namespace bagloom::bag
