#include "align/file_order.h"

#include <gtest/gtest.h>

#include <algorithm>
#include <utility>
#include <vector>

namespace bagloom::align {
namespace {

/// The messages with these times, in the order of the file.
FileOrder order_of(const std::vector<TimeNs>& times) {
  std::vector<std::pair<TimeNs, std::uint64_t>> messages;
  for (std::size_t i = 0; i < times.size(); ++i) messages.emplace_back(times[i], 10 * i);
  std::sort(messages.begin(), messages.end());
  FileOrder order;
  for (const auto& [time, place] : messages) order.add(time, place);
  return order;
}

TEST(FileOrder, SaysNothingOfAFileInOrder) {
  EXPECT_EQ(order_of({}).late(), 0u);
  EXPECT_EQ(order_of({0, 50, 50, 100, 100, 250}).late(), 0u);
}

TEST(FileOrder, MeasuresAStepThoughBothMomentsAlternate) {
  std::vector<TimeNs> times;
  for (TimeNs i = 0; i < 40; ++i) times.push_back(i * 50);
  for (TimeNs i = 40; i < 80; ++i) times.push_back(i * 50 - 710);
  const FileOrder order = order_of(times);
  EXPECT_EQ(order.late(), 14u) << "1300 to 1950";
  EXPECT_EQ(order.lag(), 1950u - 1290u);
  EXPECT_EQ(order.from(), 1290);
  EXPECT_EQ(order.to(), 1950);
}

TEST(FileOrder, NamesTheLargerOfTwoSteps) {
  std::vector<TimeNs> times;
  for (TimeNs i = 0; i < 40; ++i) times.push_back(i * 50);
  for (TimeNs i = 40; i < 80; ++i) times.push_back(i * 50 - 210);
  for (TimeNs i = 80; i < 120; ++i) times.push_back(i * 50 - 810);
  const FileOrder order = order_of(times);
  EXPECT_EQ(order.late(), 4u + 11u);
  EXPECT_EQ(order.from(), 80 * 50 - 810);
  EXPECT_EQ(order.to(), 79 * 50 - 210);
}

TEST(FileOrder, ASmallSwapIsASmallLag) {
  const FileOrder order = order_of({0, 50, 101, 100, 150, 200});
  EXPECT_EQ(order.late(), 1u);
  EXPECT_EQ(order.lag(), 1u);
}

TEST(FileOrder, TakesTimesThatNoRobotHas) { EXPECT_EQ(order_of({INT64_MAX, INT64_MIN}).lag(), UINT64_MAX); }

}  // namespace
}  // namespace bagloom::align
