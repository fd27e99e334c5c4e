#include "convert/memory_layout.h"

#include <gtest/gtest.h>

namespace bagloom::convert {
namespace {

constexpr std::uint64_t kMiB = 1024 * 1024;

MemoryNeeds needs(std::uint64_t limit, std::uint32_t threads = 4, std::uint64_t available = 16 * 1024 * kMiB) {
  MemoryNeeds needs;
  needs.held = {{"base", 50 * kMiB}, {"plan", 10 * kMiB}};
  needs.largest_task = 20 * kMiB;
  needs.largest_task_name = "h264 segment";
  needs.tasks = 100;
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

TEST(MemoryLayout, AssemblyTakesATasksPlace) {
  MemoryNeeds large = needs(100 * kMiB);
  large.assembly = 45 * kMiB;
  ASSERT_FALSE(lay_out_memory(large).ok());
  large.limit = 0;
  large.threads = 2;
  EXPECT_EQ(lay_out_memory(large)->limit, 125 * kMiB) << "one task beside it";
  EXPECT_EQ(lay_out_memory(large)->expected_peak, 105 * kMiB) << "but this job's files are written after its tasks";
  large.files_close_early = true;
  EXPECT_EQ(lay_out_memory(large)->expected_peak, 125 * kMiB);
}

TEST(MemoryLayout, NoMoreIsExpectedThanThereIsWorkFor) {
  MemoryNeeds few = needs(0, 64);
  few.tasks = 3;
  EXPECT_EQ(lay_out_memory(few)->expected_peak, 120 * kMiB);
  EXPECT_EQ(lay_out_memory(few)->limit, (60 + 64 * 20) * kMiB);
}

TEST(MemoryLayout, WithoutALimitEveryThreadWorksWithinAQuarterOfTheMachine) {
  EXPECT_EQ(lay_out_memory(needs(0))->limit, 140 * kMiB);
  EXPECT_FALSE(lay_out_memory(needs(0))->limit_given);
  const auto small = lay_out_memory(needs(0, 4, 400 * kMiB));
  EXPECT_EQ(small->limit, 100 * kMiB);
  EXPECT_EQ(small->tasks_at_once, 2u);
  EXPECT_EQ(lay_out_memory(needs(0, 4, 100 * kMiB))->limit, 82 * kMiB) << "one task always fits";
}

TEST(MemoryLayout, SizesAreWrittenForPeople) {
  EXPECT_EQ(size_text(512 * 1024), "512 KiB");
  EXPECT_EQ(size_text(256 * kMiB), "256 MiB");
  EXPECT_EQ(size_text(1229 * kMiB), "1.2 GiB");
}

}  // namespace
}  // namespace bagloom::convert
