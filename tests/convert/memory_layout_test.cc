#include "convert/memory_layout.h"

#include <gtest/gtest.h>

#include "convert/expected_time.h"

namespace bagloom::convert {
namespace {

constexpr std::uint64_t kMiB = 1024 * 1024;

MemoryNeeds needs(std::uint64_t limit, std::uint32_t threads = 4, std::uint64_t available = 16 * 1024 * kMiB) {
  MemoryNeeds needs;
  needs.held = {{"base", 50 * kMiB}, {"plan", 10 * kMiB}};
  needs.largest_task = 20 * kMiB;
  needs.largest_task_name = "h264 segment";
  needs.kinds = {{20 * kMiB, 100}};
  needs.assembly = 12 * kMiB;
  needs.start_peak = 41 * kMiB;
  needs.threads = threads;
  needs.limit = limit;
  needs.available = available;
  return needs;
}

TEST(MemoryLayout, TheLimitDecidesTasksAtOnce) {
  EXPECT_EQ(lay_out_memory(needs(80 * kMiB))->tasks_at_once, 1u);
  EXPECT_EQ(lay_out_memory(needs(99 * kMiB))->tasks_at_once, 1u);
  EXPECT_EQ(lay_out_memory(needs(100 * kMiB))->tasks_at_once, 2u);
  EXPECT_EQ(lay_out_memory(needs(1024 * kMiB))->tasks_at_once, 4u);
  EXPECT_EQ(task_bytes(*lay_out_memory(needs(100 * kMiB))), 40 * kMiB);
}

TEST(MemoryLayout, TooSmallALimitNamesTheSmallestThatDoes) {
  const auto layout = lay_out_memory(needs(79 * kMiB));
  ASSERT_FALSE(layout.ok());
  EXPECT_EQ(layout.error().kind(), ErrorKind::over_limit);
  EXPECT_EQ(layout.error().smallest_limit_bytes(), 82 * kMiB) << "with room for a base that differs from start to start";
  EXPECT_EQ(
      layout.error().text(),
      "the memory limit of 79 MiB is too small: base 50 MiB, plan 10 MiB, one task (h264 segment) 20 MiB or assembly 12 MiB; "
      "use --memory-limit 82MiB or more");
  EXPECT_TRUE(lay_out_memory(needs(layout.error().smallest_limit_bytes())).ok());
}

TEST(MemoryLayout, WhatTheStartTookIsNotTakenBack) {
  MemoryNeeds high = needs(99 * kMiB);
  high.start_peak = 120 * kMiB;
  const auto layout = lay_out_memory(high);
  ASSERT_FALSE(layout.ok());
  EXPECT_EQ(layout.error().smallest_limit_bytes(), 122 * kMiB);
  EXPECT_NE(layout.error().text().find("; the start took 120 MiB"), std::string::npos) << layout.error().text();
  high.limit = 122 * kMiB;
  high.threads = 2;
  EXPECT_EQ(lay_out_memory(high)->expected_peak, 120 * kMiB + kMiB / 2);
}

// In a control group of little memory the kernel would end what the start alone had survived.
TEST(MemoryLayout, WithoutALimitTheJobFitsIntoWhatIsAvailable) {
  MemoryNeeds small = needs(0, 4, 0);
  small.resident = 10 * kMiB;
  small.start_peak = 60 * kMiB;
  for (const std::uint64_t available : {30, 50, 71}) {
    small.available = available * kMiB;
    const auto layout = lay_out_memory(small);
    ASSERT_FALSE(layout.ok()) << available;
    EXPECT_EQ(layout.error().kind(), ErrorKind::over_limit);
    EXPECT_EQ(layout.error().smallest_limit_bytes(), 82 * kMiB);
    EXPECT_NE(
        layout.error().text().find("the job needs 82 MiB of memory, " + std::to_string(available + 10) + " MiB are available"),
        std::string::npos)
        << layout.error().text();
  }
  small.available = 72 * kMiB;
  EXPECT_TRUE(lay_out_memory(small).ok());
  small.available = 30 * kMiB;
  small.limit = 82 * kMiB;
  EXPECT_TRUE(lay_out_memory(small).ok()) << "one that is given is tried";
}

TEST(MemoryLayout, AssemblyTakesATasksPlace) {
  MemoryNeeds large = needs(100 * kMiB);
  large.assembly = 45 * kMiB;
  ASSERT_FALSE(lay_out_memory(large).ok());
  large.limit = 0;
  large.threads = 2;
  EXPECT_EQ(lay_out_memory(large)->limit, 127 * kMiB) << "one task beside it, and room for a base that differs";
  EXPECT_EQ(lay_out_memory(large)->expected_peak, 105 * kMiB) << "but this job's files are written after its tasks";
  large.files_close_early = true;
  EXPECT_EQ(lay_out_memory(large)->expected_peak, 125 * kMiB);
}

TEST(MemoryLayout, NoMoreIsExpectedThanThereIsWorkFor) {
  MemoryNeeds few = needs(0, 64);
  few.kinds = {{20 * kMiB, 3}};
  EXPECT_EQ(lay_out_memory(few)->expected_peak, 120 * kMiB);
  few.kinds.push_back({kMiB, 61});
  EXPECT_EQ(lay_out_memory(few)->expected_peak, (120 + 61) * kMiB) << "beside them, tasks of other kinds";
  EXPECT_EQ(lay_out_memory(few)->limit, (60 + 64 * 20 + 2) * kMiB);
}

TEST(MemoryLayout, OneLargeCameraAmongSmallOnes) {
  MemoryNeeds mixed = needs(0, 2);
  mixed.kinds = {{5 * kMiB, 10}, {20 * kMiB, 1}, {5 * kMiB, 10}, {kMiB, 10}};
  EXPECT_EQ(lay_out_memory(mixed)->expected_peak, (60 + 20 + 5) * kMiB);
  EXPECT_EQ(lay_out_memory(mixed)->limit, (60 + 2 * 20 + 2) * kMiB) << "what any two tasks need";
}

TEST(MemoryLayout, WhatALimitLeavesIsFilledByWhatFits) {
  MemoryNeeds tight = needs(98 * kMiB);  // 38 for tasks: one of 20, on the other threads small ones
  tight.kinds.push_back({2 * kMiB, 100});
  EXPECT_EQ(lay_out_memory(tight)->tasks_at_once, 1u);
  EXPECT_EQ(lay_out_memory(tight)->expected_peak, (60 + 20 + 3 * 2) * kMiB);
  tight.kinds.push_back({15 * kMiB, 100});  // two of these are more than one of 20 and a rest
  EXPECT_EQ(lay_out_memory(tight)->expected_peak, 98 * kMiB);
}

TEST(MemoryLayout, WithoutALimitEveryThreadWorksWithinAQuarterOfTheMachine) {
  EXPECT_EQ(lay_out_memory(needs(0))->limit, 142 * kMiB);
  EXPECT_FALSE(lay_out_memory(needs(0))->limit_given);
  const auto small = lay_out_memory(needs(0, 4, 400 * kMiB));
  EXPECT_EQ(small->limit, 100 * kMiB);
  EXPECT_EQ(small->tasks_at_once, 2u);
  EXPECT_EQ(lay_out_memory(needs(0, 4, 100 * kMiB))->limit, 82 * kMiB) << "one task always fits";
}

TEST(MemoryLayout, EachLimitLetsTwiceAsManyTasksRun) {
  const std::vector<LimitChoice> choices = limits_by_tasks(needs(0, 6));
  ASSERT_EQ(choices.size(), 4u);
  const std::vector<std::uint32_t> tasks{1, 2, 4, 6};
  for (std::size_t i = 0; i < choices.size(); ++i) {
    EXPECT_EQ(choices[i].tasks_at_once, tasks[i]);
    EXPECT_EQ(choices[i].limit, (60 + 20 * tasks[i] + 2) * kMiB);
    EXPECT_EQ(choices[i].expected_peak, (60 + 20 * tasks[i]) * kMiB);
    // Also where the base is a little larger at the next start.
    MemoryNeeds later = needs(choices[i].limit, 6);
    later.held[0].bytes += kMiB;
    ASSERT_TRUE(lay_out_memory(later).ok());
    EXPECT_EQ(lay_out_memory(later)->tasks_at_once, tasks[i]);
  }
  EXPECT_EQ(choices.front().limit, lay_out_memory(needs(0))->smallest_limit);
  EXPECT_EQ(choices.back().limit, lay_out_memory(needs(0, 6))->all_threads_limit);
  EXPECT_EQ(limits_by_tasks(needs(81 * kMiB, 6)).size(), 4u) << "whatever limit was given";
}

TEST(MemoryLayout, ALimitThatDoesForSeveralStandsThereOnce) {
  MemoryNeeds small = needs(0, 8);
  small.largest_task = kMiB;
  small.start_peak = 80 * kMiB;  // the least, and room for many tasks
  const std::vector<LimitChoice> choices = limits_by_tasks(small);
  ASSERT_EQ(choices.size(), 1u);
  EXPECT_EQ(choices[0].limit, 82 * kMiB);
  EXPECT_EQ(choices[0].tasks_at_once, 8u);
  small.threads = 1;
  ASSERT_EQ(limits_by_tasks(small).size(), 1u);
}

// Where writing a file takes more than a task, and where rounding lets one task more run.
TEST(MemoryLayout, TheLimitForAllThreadsIsTheTablesLast) {
  for (std::uint32_t threads = 1; threads <= 9; ++threads) {
    for (const std::uint64_t task : {kMiB / 4, kMiB, 3 * kMiB / 2, 2 * kMiB, 11 * kMiB, 20 * kMiB}) {
      for (const std::uint64_t start : {10 * kMiB, 75 * kMiB}) {
        MemoryNeeds some = needs(0, threads);
        some.largest_task = task;
        some.start_peak = start;
        const auto layout = lay_out_memory(some);
        const std::vector<LimitChoice> choices = limits_by_tasks(some);
        ASSERT_TRUE(layout.ok() && !choices.empty());
        EXPECT_EQ(choices.back().limit, layout->all_threads_limit) << threads << " of " << task;
        EXPECT_EQ(choices.back().tasks_at_once, threads) << task;
        EXPECT_EQ(layout->tasks_at_once, threads) << "where no limit is given";
        if (choices.size() > 1) {
          EXPECT_LT(choices[choices.size() - 2].tasks_at_once, threads);
        }
      }
    }
  }
}

TEST(ExpectedTime, TasksShareWhatIsParallelAsFarAsThereAreCores) {
  ExpectedTime time;
  time.serial = 2;
  time.parallel = 40;
  time.longest_task = 1;
  time.tasks = 100;
  EXPECT_DOUBLE_EQ(time.seconds(1, 4), 42);
  EXPECT_DOUBLE_EQ(time.seconds(4, 4), 12);
  EXPECT_DOUBLE_EQ(time.seconds(8, 4), 12) << "more tasks than cores do not help";
  EXPECT_DOUBLE_EQ(time.seconds(64, 64), 3) << "a task is not shared";
  time.tasks = 2;
  EXPECT_DOUBLE_EQ(time.seconds(8, 8), 22) << "no more at once than there are";
  EXPECT_DOUBLE_EQ(ExpectedTime{}.seconds(1, 0), 0);
}

TEST(MemoryLayout, SizesAreWrittenForPeople) {
  EXPECT_EQ(size_text(1), "1 byte");
  EXPECT_EQ(size_text(256), "256 bytes");
  EXPECT_EQ(size_text(512 * 1024), "512 KiB");
  EXPECT_EQ(size_text(256 * kMiB), "256 MiB");
  EXPECT_EQ(size_text(1229 * kMiB), "1.2 GiB");
}

}  // namespace
}  // namespace bagloom::convert
