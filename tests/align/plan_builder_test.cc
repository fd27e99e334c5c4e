#include "align/plan_builder.h"

#include <gtest/gtest.h>

#include <algorithm>
#include <optional>
#include <random>

namespace bagloom::align {
namespace {

MessageRef message(TimeNs time, std::uint64_t locator) { return {time, locator, 0, 0}; }

PlanCells plan(std::vector<TimeNs> ticks, Match match, TimeNs tolerance, const std::vector<MessageRef>& messages) {
  PlanBuilder builder(std::move(ticks), {{"f", "/t", match, tolerance}});
  for (const MessageRef& m : messages) EXPECT_TRUE(builder.offer(0, m).ok());
  return std::move(builder).finish();
}

std::optional<std::uint64_t> at(const PlanCells& cells, std::uint64_t tick) {
  if (cells.state(0, tick) == CellState::absent) return std::nullopt;
  return cells.message(0, tick).locator;
}

TEST(PlanBuilder, NearestTakesTheNearerAndTheEarlierOfTwo) {
  const auto cells = plan({10, 15, 16, 20}, Match::nearest, -1, {message(10, 1), message(20, 2)});
  EXPECT_EQ(at(cells, 0), 1u);
  EXPECT_EQ(at(cells, 1), 1u) << "a tie goes to the earlier";
  EXPECT_EQ(at(cells, 2), 2u);
  EXPECT_EQ(at(cells, 3), 2u);
}

TEST(PlanBuilder, OfMessagesAtOneTimeNearestTakesTheFirstAndHoldTheLast) {
  const std::vector<MessageRef> same = {message(10, 1), message(10, 2), message(10, 3)};
  EXPECT_EQ(at(plan({10}, Match::nearest, -1, same), 0), 1u);
  EXPECT_EQ(at(plan({9}, Match::nearest, -1, same), 0), 1u);
  EXPECT_EQ(at(plan({12}, Match::nearest, -1, same), 0), 1u);
  EXPECT_EQ(at(plan({10}, Match::hold, -1, same), 0), 3u);
}

TEST(PlanBuilder, ToleranceIncludesItsEnd) {
  const auto cells = plan({5, 6, 14, 15}, Match::nearest, 4, {message(10, 1)});
  EXPECT_FALSE(at(cells, 0));
  EXPECT_EQ(at(cells, 1), 1u);
  EXPECT_EQ(at(cells, 2), 1u);
  EXPECT_FALSE(at(cells, 3));
}

TEST(PlanBuilder, HoldLooksBackOnly) {
  const auto cells = plan({9, 10, 11, 100}, Match::hold, 50, {message(10, 1)});
  EXPECT_FALSE(at(cells, 0));
  EXPECT_EQ(at(cells, 1), 1u);
  EXPECT_EQ(at(cells, 2), 1u);
  EXPECT_FALSE(at(cells, 3)) << "older than its tolerance";
  EXPECT_EQ(at(plan({100}, Match::hold, -1, {message(10, 1)}), 0), 1u);
}

TEST(PlanBuilder, RefusesMessagesOutOfOrder) {
  PlanBuilder builder({1}, {{"f", "/t", Match::nearest, -1}});
  ASSERT_TRUE(builder.offer(0, message(10, 5)).ok());
  EXPECT_EQ(builder.offer(0, message(10, 4)).error().kind(), ErrorKind::internal);
}

TEST(PlanBuilder, ExtremeTimesDoNotOverflow) {
  const auto cells = plan({INT64_MIN, 0, INT64_MAX}, Match::nearest, 5, {message(INT64_MIN, 1), message(INT64_MAX, 2)});
  EXPECT_EQ(at(cells, 0), 1u);
  EXPECT_FALSE(at(cells, 1));
  EXPECT_EQ(at(cells, 2), 2u);
}

// The rules written down once more, the slow way.
std::optional<std::uint64_t> slow(TimeNs tick, Match match, TimeNs tolerance, const std::vector<MessageRef>& messages) {
  std::optional<MessageRef> best;
  for (const MessageRef& m : messages) {
    if (match == Match::hold) {
      if (m.time <= tick) best = m;
    } else if (!best || std::abs(m.time - tick) < std::abs(best->time - tick)) {
      best = m;
    }
  }
  if (!best || (tolerance >= 0 && std::abs(best->time - tick) > tolerance)) return std::nullopt;
  return best->locator;
}

TEST(PlanBuilder, AgreesWithTheSlowWayOnRandomTimes) {
  std::mt19937_64 random(7);
  for (int round = 0; round < 500; ++round) {
    std::vector<TimeNs> ticks;
    std::vector<MessageRef> messages;
    for (TimeNs t = 0; t < 60; ++t)
      if (random() % 3 == 0) ticks.push_back(t);
    for (std::uint64_t i = 0; i < random() % 40; ++i) messages.push_back(message(static_cast<TimeNs>(random() % 60), i));
    std::sort(messages.begin(), messages.end());
    const Match match = random() % 2 == 0 ? Match::nearest : Match::hold;
    const TimeNs tolerance = static_cast<TimeNs>(random() % 8) - 1;
    const auto cells = plan(ticks, match, tolerance, messages);
    for (std::uint64_t i = 0; i < ticks.size(); ++i)
      EXPECT_EQ(at(cells, i), slow(ticks[i], match, tolerance, messages)) << "round " << round << " tick " << i;
  }
}

}  // namespace
}  // namespace bagloom::align
