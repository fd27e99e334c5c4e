#include "align/timeline.h"

#include <gtest/gtest.h>

namespace bagloom::align {
namespace {

constexpr TimeNs kMs = 1'000'000;

std::vector<TimeNs> ticks_of(const TopicTimeline& rules, const std::vector<TimeNs>& times, std::uint64_t* filled = nullptr) {
  TopicTicks ticks(rules);
  for (const TimeNs time : times) EXPECT_TRUE(ticks.add(time).ok());
  if (filled != nullptr) *filled = ticks.filled();
  return std::move(ticks).finish();
}

TopicTimeline at(std::uint32_t fps, std::uint32_t every, std::uint32_t fill = 7) {
  TopicTimeline rules;
  rules.fps = fps;
  rules.every = every;
  rules.fill_at_most = fill;
  return rules;
}

std::vector<TimeNs> camera(int messages, TimeNs start = 1000 * kMs) {
  std::vector<TimeNs> times;
  for (int i = 0; i < messages; ++i) times.push_back(start + i * kNsPerSecond / 30);
  return times;
}

TEST(TopicTicks, EveryThirdOfASteadyCamera) {
  const auto times = camera(100);
  const auto ticks = ticks_of(at(10, 3), times);
  ASSERT_EQ(ticks.size(), 34u);
  for (std::size_t i = 0; i < ticks.size(); ++i) EXPECT_EQ(ticks[i], times[3 * i]);
}

TEST(TopicTicks, AMessageThatNoRowUsesMayBeMissing) {
  auto times = camera(100);
  const auto all = ticks_of(at(10, 3), times);
  times.erase(times.begin() + 50);
  times.erase(times.begin() + 4);
  EXPECT_EQ(ticks_of(at(10, 3), times), all);
}

TEST(TopicTicks, JitterDoesNotSkipMessages) {
  std::vector<TimeNs> times = camera(300);
  for (std::size_t i = 0; i < times.size(); ++i) times[i] += (i * 7919 % 5 - 2) * kMs;  // up to 2 ms either way
  EXPECT_EQ(ticks_of(at(30, 1), times), times);
}

TEST(TopicTicks, GapsAreFilledEvenly) {
  auto times = camera(20);
  const TimeNs before = times[9], after = times[13];
  times.erase(times.begin() + 10, times.begin() + 13);
  std::uint64_t filled = 0;
  const auto ticks = ticks_of(at(30, 1), times, &filled);
  EXPECT_EQ(filled, 3u);
  ASSERT_EQ(ticks.size(), 20u);
  for (int j = 1; j <= 3; ++j) EXPECT_EQ(ticks[9 + j], before + (after - before) * j / 4);
}

TEST(TopicTicks, LongGapsGetOnlyWhatMakesThemLong) {
  std::uint64_t filled = 0;
  const auto ticks = ticks_of(at(30, 1, 7), {0, 3600 * kNsPerSecond}, &filled);
  EXPECT_EQ(filled, 7u);
  EXPECT_EQ(ticks.size(), 9u);
}

TEST(TopicTicks, TicksAscendEvenWhereTimesRepeat) {
  const auto ticks = ticks_of(at(1000, 1), {5, 5, 5, 6, 1'000'005, 1'000'005});
  EXPECT_EQ(ticks, (std::vector<TimeNs>{5, 1'000'005}));
}

TEST(TopicTicks, OnlyMessagesBetweenFromAndTo) {
  TopicTimeline rules = at(30, 1);
  const auto times = camera(30);
  rules.from = times[3];
  rules.to = times[20];
  const auto ticks = ticks_of(rules, times);
  EXPECT_EQ(ticks.front(), times[3]);
  EXPECT_EQ(ticks.back(), times[20]);
}

TEST(TopicTicks, ExtremeTimesDoNotOverflow) {
  std::uint64_t filled = 0;
  const auto ticks = ticks_of(at(1000, 1, 3), {INT64_MIN, INT64_MAX}, &filled);
  EXPECT_EQ(filled, 3u);
  EXPECT_EQ(ticks.size(), 5u);
}

TEST(UniformTicks, StandAtFractionsRoundedDown) {
  const auto ticks = uniform_ticks(30, 100, 100 + kNsPerSecond);
  ASSERT_TRUE(ticks.ok());
  ASSERT_EQ(ticks->size(), 31u);
  for (std::int64_t k = 0; k <= 30; ++k) EXPECT_EQ((*ticks)[static_cast<std::size_t>(k)], 100 + k * kNsPerSecond / 30);
  EXPECT_EQ(uniform_ticks(30, 5, 5)->size(), 1u);
  EXPECT_TRUE(uniform_ticks(30, 5, 4)->empty());
}

TEST(UniformTicks, AClockThatJumpsIsAnErrorNotAnAllocation) {
  const auto ticks = uniform_ticks(30, 0, INT64_MAX);
  ASSERT_FALSE(ticks.ok());
  EXPECT_EQ(ticks.error().kind(), ErrorKind::corrupt);
}

TEST(HeldRows, RoundsDown) {
  EXPECT_EQ(held_rows(200 * kMs, 10), 2u);
  EXPECT_EQ(held_rows(200 * kMs, 30), 6u);
  EXPECT_EQ(held_rows(200 * kMs, 4), 0u);
  EXPECT_EQ(held_rows(0, 30), 0u);
}

TEST(CheckRate, WantsEveryAndFpsToAgree) {
  EXPECT_TRUE(check_rate(33'333'333, 3, 10).ok());
  EXPECT_TRUE(check_rate(33'333'333, 1, 30).ok());
  EXPECT_TRUE(check_rate(35'000'000, 1, 30).ok());
  const auto wrong = check_rate(33'333'333, 1, 10);
  ASSERT_FALSE(wrong.ok());
  EXPECT_EQ(wrong.error().kind(), ErrorKind::invalid);
  EXPECT_NE(wrong.error().text().find("set timeline.every to 3"), std::string::npos) << wrong.error().text();
  EXPECT_NE(check_rate(100'000'000, 1, 30).error().text().find("set fps to 10"), std::string::npos);
  EXPECT_FALSE(check_rate(0, 1, 30).ok());
}

}  // namespace
}  // namespace bagloom::align
