#include "convert/task_order.h"

#include <gtest/gtest.h>

#include <algorithm>

#include "align/plan_file.h"

namespace bagloom::convert {
namespace {

using align::kGridTicks;
using align::TickRange;

struct Named {
  std::uint64_t key;
  std::string name;
};

TickRange block(std::uint64_t number) { return {number * kGridTicks, (number + 1) * kGridTicks}; }

/// Of whole blocks and a last one of `rest` rows: "2b" is the third block's second camera, "2#" its numbers.
std::vector<std::string> order(const TaskOrder& order, std::uint64_t blocks, std::uint64_t rest, std::uint32_t cameras) {
  std::vector<Named> all;
  for (std::uint64_t b = 0; b < blocks + (rest > 0 ? 1 : 0); ++b) {
    const TickRange ticks = b < blocks ? block(b) : TickRange{b * kGridTicks, b * kGridTicks + rest};
    for (std::uint32_t camera = 0; camera < cameras; ++camera)
      all.push_back({order.task(ticks, camera), std::to_string(b) + static_cast<char>('a' + camera)});
    all.push_back({order.task(ticks, std::nullopt), std::to_string(b) + "#"});
  }
  std::stable_sort(all.begin(), all.end(), [](const Named& a, const Named& b) { return a.key < b.key; });
  std::vector<std::string> names;
  for (const Named& one : all) names.push_back(one.name);
  return names;
}

// 2 threads and 3 cameras: the last three blocks go by cost, and an episode's short rest after them.
TEST(TaskOrder, BlockByBlockThenTheDearestFirst) {
  const TaskOrder keys(0, {100, 130, 200}, 6 * kGridTicks, 2);
  EXPECT_EQ(order(keys, 5, 32, 3),
            (std::vector<std::string>{"0a", "0b", "0c", "0#", "1a", "1b", "1c", "1#", "2a", "2b", "2c", "2#",
                                      "3c", "4c", "3b", "4b", "3a", "4a", "5c", "5b", "5a", "3#", "4#", "5#"}));
}

TEST(TaskOrder, MoreThreadsTakeMoreBlocksByCost) {
  const TaskOrder keys(0, {1, 2}, 8 * kGridTicks, 4);
  const std::vector<std::string> names = order(keys, 8, 0, 2);
  EXPECT_EQ(names[0], "0a");
  EXPECT_EQ(names[3], "1b");  // 12 tasks: the blocks from 1 on
  EXPECT_EQ(names[4], "2b");
}

TEST(TaskOrder, AShortPieceInTheMiddleComesLate) {
  const TaskOrder keys(0, {100}, 101 * kGridTicks, 1);
  EXPECT_GT(keys.task({10, 20}, 0u), keys.task(block(90), 0u));
  EXPECT_GT(keys.task({10, 20}, 0u), keys.task(block(100), 0u));
}

TEST(TaskOrder, AStretchComesBeforeItsTasksAndAfterEarlierOnes) {
  const TaskOrder keys(3, {100, 50}, 20 * kGridTicks, 2);
  for (std::uint64_t b = 0; b < 20; ++b) {
    for (std::uint32_t camera = 0; camera < 2; ++camera) EXPECT_LT(keys.stretch(block(b)), keys.task(block(b), camera));
    EXPECT_LT(keys.stretch(block(b)), keys.task(block(b), std::nullopt));
    if (b > 0 && b < 15) {
      EXPECT_GT(keys.stretch(block(b)), keys.task(block(b - 1), std::nullopt));
    }
  }
}

TEST(TaskOrder, RecordingsFollowEachOther) {
  const TaskOrder first(0, {1, 4'000'000'000}, 3 * kGridTicks, 64), second(1, {0, 0}, 3 * kGridTicks, 64);
  EXPECT_LT(first.task({0, 1}, std::nullopt), second.stretch(block(0)));
  EXPECT_LT(first.task({0, 1}, 0u), second.task(block(0), 1u));
  EXPECT_GT(first.stretch(block(0)), 2u);  // what is smaller is assembly and statistics
}

TEST(TaskOrder, NoCameras) {
  const TaskOrder keys(0, {}, 10 * kGridTicks, 8);
  EXPECT_LT(keys.stretch(block(0)), keys.task(block(0), std::nullopt));
}

// 300 cameras share the last places, and stay inside their recording.
TEST(TaskOrder, MoreCamerasThanPlaces) {
  const TaskOrder keys(0, std::vector<std::uint64_t>(300, 7), 10'000 * kGridTicks, 2), next(1, {7}, 1, 2);
  EXPECT_LT(keys.task(block(0), 299u), keys.task(block(0), std::nullopt));
  EXPECT_LT(keys.task(block(0), 299u), keys.stretch(block(1)));
  EXPECT_LT(keys.task(block(9'999), 299u), next.stretch(block(0)));
}

}  // namespace
}  // namespace bagloom::convert
