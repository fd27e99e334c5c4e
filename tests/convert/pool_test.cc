#include "convert/pool.h"

#include <gtest/gtest.h>

#include <atomic>
#include <functional>
#include <set>

namespace bagloom::convert {
namespace {

using std::chrono::milliseconds;

Status drain(Pool& pool) {
  while (!pool.idle()) RETURN_IF_ERROR(pool.run_completions(milliseconds(50)));
  return {};
}

TEST(Pool, RunsEverythingAndCallsDoneOnTheOwnersThread) {
  memory::Budget budget(10);
  Pool pool(3, budget);
  const auto owner = std::this_thread::get_id();
  std::atomic<int> worked{0};
  int done = 0;
  for (int i = 0; i < 200; ++i) {
    Job job;
    job.bytes = static_cast<std::uint64_t>(i % 5);
    job.work = [&] {
      EXPECT_NE(std::this_thread::get_id(), owner);
      ++worked;
    };
    job.done = [&]() -> Status {
      EXPECT_EQ(std::this_thread::get_id(), owner);
      ++done;
      return {};
    };
    pool.add(std::move(job));
  }
  ASSERT_TRUE(drain(pool).ok());
  EXPECT_EQ(worked, 200);
  EXPECT_EQ(done, 200);
  EXPECT_EQ(budget.used(), 0u);
  EXPECT_LE(budget.peak(), 10u);
}

TEST(Pool, MemoryAndNotThreadsDecidesWhatRunsAtOnce) {
  memory::Budget budget(10);
  Pool pool(4, budget);
  std::atomic<int> running{0}, most{0};
  for (int i = 0; i < 50; ++i) {
    Job job;
    job.bytes = 5;
    job.work = [&] {
      const int now = ++running;
      int seen = most;
      while (now > seen && !most.compare_exchange_weak(seen, now)) {
      }
      std::this_thread::sleep_for(milliseconds(1));
      --running;
    };
    pool.add(std::move(job));
  }
  ASSERT_TRUE(drain(pool).ok());
  EXPECT_LE(most, 2);
  EXPECT_LE(pool.most_at_once(), 2u);
}

TEST(Pool, ALargeJobGetsItsTurn) {
  memory::Budget budget(10);
  Pool pool(2, budget);
  bool large = false;
  for (int i = 0; i < 100; ++i) {
    Job job;
    job.bytes = 3;
    job.order = 1;
    job.work = [] { std::this_thread::sleep_for(std::chrono::microseconds(200)); };
    pool.add(std::move(job));
  }
  Job job;
  job.bytes = 10;
  job.order = 0;
  job.work = [] {};
  job.done = [&]() -> Status {
    large = true;
    return {};
  };
  pool.add(std::move(job));
  ASSERT_TRUE(drain(pool).ok());
  EXPECT_TRUE(large);
}

TEST(Pool, NothingPassesAJobOfOrder0) {
  memory::Budget budget(10);
  Pool pool(2, budget);
  std::atomic<int> worked{0};
  std::atomic<int> before_large{-1};
  std::function<void()> add_small = [&] {
    Job job;
    job.bytes = 3;
    job.order = 1;
    job.work = [&] {
      ++worked;
      std::this_thread::sleep_for(milliseconds(1));
    };
    job.done = [&]() -> Status {
      if (worked < 300 && before_large < 0) add_small();  // work that never ends while the large one waits
      return {};
    };
    pool.add(std::move(job));
  };
  for (int i = 0; i < 6; ++i) add_small();
  Job job;
  job.bytes = 8;
  job.work = [&] { before_large = worked.load(); };
  pool.add(std::move(job));
  ASSERT_TRUE(drain(pool).ok());
  EXPECT_GE(before_large, 0);
  EXPECT_LE(before_large, 8) << "those that ran, and no more";
}

TEST(Pool, OneThreadKeepsTheOrder) {
  memory::Budget budget(10);
  std::vector<int> order;
  {
    Pool pool(1, budget);
    std::atomic<bool> go{false};
    Job gate;
    gate.work = [&] {
      while (!go) std::this_thread::yield();
    };
    pool.add(std::move(gate));
    for (const int i : {5, 3, 9, 1}) {
      Job job;
      job.order = static_cast<std::uint64_t>(i);
      job.work = [&order, i] { order.push_back(i); };
      pool.add(std::move(job));
    }
    go = true;
    ASSERT_TRUE(drain(pool).ok());
  }
  EXPECT_EQ(order, (std::vector<int>{1, 3, 5, 9}));
}

TEST(Pool, TheFirstErrorIsReturnedAndDroppingLeavesNothingBehind) {
  memory::Budget budget(10);
  std::atomic<int> worked{0};
  {
    Pool pool(1, budget);
    for (int i = 0; i < 100; ++i) {
      Job job;
      job.bytes = 10;
      job.work = [&] {
        ++worked;
        std::this_thread::sleep_for(milliseconds(1));
      };
      job.done = [i]() -> Status { return i == 2 ? Status(Error(ErrorKind::io, "third")) : Status(); };
      job.order = static_cast<std::uint64_t>(i);
      pool.add(std::move(job));
    }
    const auto status = drain(pool);
    ASSERT_FALSE(status.ok());
    EXPECT_EQ(status.error().text(), "third");
    pool.drop_queued();
  }
  EXPECT_LT(worked, 100);
  EXPECT_EQ(budget.used(), 0u);
}

}  // namespace
}  // namespace bagloom::convert
