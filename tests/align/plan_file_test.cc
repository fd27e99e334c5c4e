#include "align/plan_file.h"

#include <gtest/gtest.h>
#include <unistd.h>

#include <filesystem>
#include <fstream>
#include <random>

namespace bagloom::align {
namespace {

class PlanFileTest : public testing::Test {
 protected:
  void TearDown() override { std::filesystem::remove(path_); }
  const std::string path_ = testing::TempDir() + "plan_file_test_" + std::to_string(::getpid());
};

TEST(PlanGrid, BlocksOfOneSizeAndAsFewAsGo) {
  EXPECT_EQ(grid_step(0), 1u);
  EXPECT_EQ(grid_step(1), 1u);
  EXPECT_EQ(grid_step(64), 64u);
  EXPECT_EQ(grid_step(65), 33u);
  EXPECT_EQ(grid_step(199), 50u);
  EXPECT_EQ(grid_step(1'199), 64u);
  for (std::uint64_t ticks = 1; ticks < 2'000; ++ticks) {
    const std::uint64_t step = grid_step(ticks);
    ASSERT_LE(step, kGridTicks);
    ASSERT_EQ((ticks + step - 1) / step, (ticks + kGridTicks - 1) / kGridTicks) << ticks;
  }
}

TEST_F(PlanFileTest, GivesBackWhatWasWritten) {
  std::mt19937_64 random(3);
  std::vector<TimeNs> ticks(200);
  for (TimeNs& tick : ticks) tick = static_cast<TimeNs>(random());
  PlanCells cells(ticks, {{"a", "/a", Match::nearest, 1}, {"b", "/b", Match::hold, -1}});
  for (std::uint32_t column = 0; column < 2; ++column)
    for (std::uint64_t tick = 0; tick < ticks.size(); ++tick)
      cells.set(
          column, tick,
          {static_cast<TimeNs>(random()), random(), static_cast<std::uint32_t>(random()), static_cast<std::uint32_t>(random())},
          static_cast<CellState>(random() % 3));
  ASSERT_TRUE(write_plan_file(path_, cells).ok());
  const auto file = PlanFile::open(path_);
  ASSERT_TRUE(file.ok()) << file.error().text();
  EXPECT_EQ((*file)->ticks(), 200u);
  EXPECT_EQ(*(*file)->times({0, 200}), ticks);
  for (std::uint32_t column = 0; column < 2; ++column) {
    for (std::uint64_t begin = 0; begin < 200; begin += kGridTicks) {
      const TickRange range{begin, std::min<std::uint64_t>(begin + kGridTicks, 200)};
      const auto block = (*file)->cells(column, range);
      ASSERT_TRUE(block.ok());
      ASSERT_EQ(block->size(), range.size());
      for (std::uint64_t i = 0; i < range.size(); ++i) {
        EXPECT_EQ((*block)[i].first, cells.message(column, begin + i));
        EXPECT_EQ((*block)[i].state, cells.state(column, begin + i));
        EXPECT_FALSE((*block)[i].second.valid());
      }
    }
  }
}

TEST_F(PlanFileTest, RefusesBlocksThatAreNotThere) {
  PlanCells cells({1, 2, 3}, {{"a", "/a", Match::nearest, 1}});
  ASSERT_TRUE(write_plan_file(path_, cells).ok());
  const auto file = PlanFile::open(path_);
  ASSERT_TRUE(file.ok());
  EXPECT_FALSE((*file)->cells(1, {0, 1}).ok());
  EXPECT_FALSE((*file)->cells(0, {0, 4}).ok());
  EXPECT_FALSE((*file)->times({2, 9}).ok());
}

TEST_F(PlanFileTest, ACutOrForeignFileIsNoPlan) {
  PlanCells cells({1, 2, 3}, {{"a", "/a", Match::nearest, 1}});
  ASSERT_TRUE(write_plan_file(path_, cells).ok());
  std::filesystem::resize_file(path_, std::filesystem::file_size(path_) - 1);
  EXPECT_EQ(PlanFile::open(path_).error().kind(), ErrorKind::corrupt);
  std::ofstream(path_) << "something else that is long enough to have a header";
  EXPECT_EQ(PlanFile::open(path_).error().kind(), ErrorKind::corrupt);
}

TEST_F(PlanFileTest, AFullDiskIsAnError) {
  PlanCells cells({1, 2, 3}, {{"a", "/a", Match::nearest, 1}});
  if (!std::filesystem::exists("/dev/full")) GTEST_SKIP();
  const auto status = write_plan_file("/dev/full", cells);
  ASSERT_FALSE(status.ok());
  EXPECT_EQ(status.error().kind(), ErrorKind::temporary);
}

}  // namespace
}  // namespace bagloom::align
