// What a profile sees: jobs while they run, the stage of each thread, what others count.
#include "convert/running_work.h"

#include <gtest/gtest.h>

#include <algorithm>
#include <future>

#include "convert/pool.h"

namespace bagloom::convert {
namespace {

TEST(RunningWorkTest, JobsAreThereWhileTheyRunWithWhatIsReserved) {
  memory::Budget budget(100);
  RunningWork running;
  StageSeconds stages(&running);
  std::promise<void> both_started, go_on;
  const std::shared_future<void> gate = go_on.get_future().share();
  std::atomic<int> started{0};
  Pool pool(2, budget, &running);
  const auto add = [&](const std::string& name, std::uint64_t bytes, Stage stage) {
    Job job;
    job.name = name;
    job.bytes = bytes;
    job.order = bytes;
    job.work = [&, stage] {
      const StageTimer timer(&stages, stage);
      if (++started == 2) both_started.set_value();
      gate.wait();
    };
    pool.add(std::move(job));
  };
  add("first", 40, Stage::encode);
  add("second", 50, Stage::decode);
  add("third", 60, Stage::write);  // waits for bytes
  both_started.get_future().wait();
  WorkNow now = running.now();
  std::sort(now.tasks.begin(), now.tasks.end(), [](const auto& a, const auto& b) { return a.name < b.name; });
  ASSERT_EQ(now.tasks.size(), 2u);
  EXPECT_EQ(now.tasks[0].name, "first");
  EXPECT_EQ(now.tasks[0].reserved, 40u);
  EXPECT_EQ(now.tasks[0].stage, Stage::encode);
  EXPECT_TRUE(now.tasks[0].at_work);
  EXPECT_EQ(now.tasks[1].name, "second");
  EXPECT_EQ(now.tasks[1].stage, Stage::decode);
  EXPECT_EQ(now.tasks[0].reserved + now.tasks[1].reserved, budget.used());
  EXPECT_TRUE(now.other_stages.empty());
  go_on.set_value();
  while (!pool.idle()) ASSERT_TRUE(pool.run_completions(std::chrono::milliseconds(50)).ok());
  EXPECT_TRUE(running.now().tasks.empty());
}

TEST(RunningWorkTest, AStageWithinAnotherGivesTheOuterOneBack) {
  RunningWork running;
  StageSeconds stages(&running);
  {
    const StageTimer outer(&stages, Stage::write);
    {
      const StageTimer inner(&stages, Stage::read);
      EXPECT_EQ(running.now().other_stages, std::vector<Stage>{Stage::read});
    }
    EXPECT_EQ(running.now().other_stages, std::vector<Stage>{Stage::write});
  }
  EXPECT_TRUE(running.now().other_stages.empty());
}

TEST(RunningWorkTest, ATaskMayWaitWithoutAThread) {
  RunningWork running;
  const RunningTask task(&running, "segment", 7);
  EXPECT_FALSE(running.now().tasks.at(0).at_work);
  {
    const AtWork here(&running, task);
    EXPECT_TRUE(running.now().tasks.at(0).at_work);
    EXPECT_EQ(running.now().tasks.at(0).stage, std::nullopt);
  }
  EXPECT_FALSE(running.now().tasks.at(0).at_work);
  const RunningTask unnamed(&running, "", 7), nowhere(nullptr, "task", 7);
  const AtWork here(&running, unnamed), there(nullptr, nowhere);
  EXPECT_EQ(running.now().tasks.size(), 1u);
}

TEST(RunningWorkTest, WhatOthersCountIsAskedForAsLongAsTheyLive) {
  RunningWork running;
  std::uint64_t held = 5;
  {
    const HeldAccount account(&running, [&] { return WorkNow::Held{"cache", std::nullopt, held}; });
    EXPECT_EQ(running.now().held.at(0).counted, 5u);
    held = 6;
    EXPECT_EQ(running.now().held.at(0).counted, 6u);
  }
  EXPECT_TRUE(running.now().held.empty());
}

TEST(RunningWorkTest, TheLayoutReplacesTheStart) {
  RunningWork running;
  EXPECT_FALSE(running.now().layout);
  EXPECT_GT(running.now().base.anonymous, 0u);
  EXPECT_EQ(running.largest_task(), 0u);
  MemoryLayout layout;
  layout.largest_task = 9;
  running.lay_out(layout, 1, 2);
  EXPECT_EQ(running.largest_task(), 9u);
  EXPECT_EQ(running.now().base.anonymous, 1u);
  EXPECT_EQ(running.now().base.file, 2u);
}

}  // namespace
}  // namespace bagloom::convert
