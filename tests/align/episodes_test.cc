#include "align/episodes.h"

#include <gtest/gtest.h>

#include <string>

namespace bagloom::align {
namespace {

/// Columns drawn as text: '#' a matched cell, '.' an absent one. Tick i stands at i * 100 ms.
PlanCells draw(const std::vector<std::string>& columns) {
  std::vector<TimeNs> ticks;
  for (std::size_t i = 0; i < columns.front().size(); ++i) ticks.push_back(static_cast<TimeNs>(i) * 100'000'000);
  std::vector<Column> names;
  for (std::size_t c = 0; c < columns.size(); ++c)
    names.push_back({"feature" + std::to_string(c), "/topic" + std::to_string(c), Match::nearest, 1});
  PlanCells cells(ticks, names);
  for (std::uint32_t c = 0; c < columns.size(); ++c)
    for (std::uint64_t i = 0; i < ticks.size(); ++i)
      if (columns[c][i] == '#') cells.set(c, i, {ticks[i] + static_cast<TimeNs>(i % 3), i, 0, 0}, CellState::matched);
  return cells;
}

EpisodeRules rules(LongGapRule longer, std::uint32_t held = 2, std::uint32_t min_rows = 2) { return {held, longer, min_rows}; }

TEST(CutEpisodes, TrimsToRowsWhereAllColumnsAreMatched) {
  auto cells = draw({"..######.", "#######.."});
  const auto outcome = cut_episodes(cells, rules(LongGapRule::reject));
  ASSERT_EQ(outcome.episodes.size(), 1u);
  EXPECT_EQ(outcome.episodes[0].ranges, (std::vector<TickRange>{{2, 7}}));
  EXPECT_EQ(outcome.trimmed_start, 2u);
  EXPECT_EQ(outcome.trimmed_end, 2u);
  EXPECT_EQ(outcome.episodes[0].held, 0u);
}

TEST(CutEpisodes, HoldsShortGapsAndCountsRowsOnce) {
  auto cells = draw({"##..###", "#.#.###"});
  const auto outcome = cut_episodes(cells, rules(LongGapRule::reject));
  ASSERT_EQ(outcome.episodes.size(), 1u);
  EXPECT_EQ(outcome.episodes[0].rows, 7u);
  EXPECT_EQ(outcome.episodes[0].held, 3u) << "ticks 1, 2, 3";
  EXPECT_EQ(cells.state(0, 3), CellState::held);
  EXPECT_EQ(cells.message(0, 3).locator, 1u);
  EXPECT_EQ(cells.message(1, 3).locator, 2u);
  EXPECT_EQ(outcome.columns[0].held, 2u);
  EXPECT_EQ(outcome.columns[1].held, 2u);
  EXPECT_EQ(outcome.columns[0].matched, 5u);
}

TEST(CutEpisodes, RejectNamesTheFirstLongGap) {
  auto cells = draw({"######...##", "##...######"});
  const auto outcome = cut_episodes(cells, rules(LongGapRule::reject));
  EXPECT_TRUE(outcome.rejected);
  EXPECT_TRUE(outcome.episodes.empty());
  EXPECT_NE(outcome.reason.find("feature1 (/topic1) has no message for 3 rows at +0.200 s to +0.400 s"), std::string::npos)
      << outcome.reason;
}

TEST(CutEpisodes, SplitTakesTheGapOutAndTrimsThePieces) {
  // The second column is held at tick 3, right before the first one's long gap: a piece ends at a row that is all matched.
  auto cells = draw({"####...#####", "###.########"});
  const auto outcome = cut_episodes(cells, rules(LongGapRule::split));
  ASSERT_EQ(outcome.episodes.size(), 2u);
  EXPECT_EQ(outcome.episodes[0].ranges, (std::vector<TickRange>{{0, 3}}));
  EXPECT_EQ(outcome.episodes[1].ranges, (std::vector<TickRange>{{7, 12}}));
  EXPECT_EQ(outcome.gap_rows, 4u);
  EXPECT_EQ(outcome.episodes[0].held, 0u);
}

TEST(CutEpisodes, SplitLeavesShortPiecesOut) {
  auto cells = draw({"##...######...###"});
  const auto outcome = cut_episodes(cells, rules(LongGapRule::split, 2, 4));
  ASSERT_EQ(outcome.episodes.size(), 1u);
  EXPECT_EQ(outcome.episodes[0].ranges, (std::vector<TickRange>{{5, 11}}));
  EXPECT_EQ(outcome.short_pieces, 2u);
  EXPECT_EQ(outcome.short_piece_rows, 5u);
  EXPECT_EQ(outcome.gap_rows, 6u);
}

TEST(CutEpisodes, SplitWithoutGapsDoesNotAskForMinRows) {
  auto cells = draw({"###"});
  EXPECT_EQ(cut_episodes(cells, rules(LongGapRule::split, 2, 10)).episodes.size(), 1u);
}

TEST(CutEpisodes, DropClosesUp) {
  auto cells = draw({"####...#####", "#######...##"});
  const auto outcome = cut_episodes(cells, rules(LongGapRule::drop));
  ASSERT_EQ(outcome.episodes.size(), 1u);
  EXPECT_EQ(outcome.episodes[0].ranges, (std::vector<TickRange>{{0, 4}, {10, 12}}));
  EXPECT_EQ(outcome.episodes[0].rows, 6u);
  EXPECT_EQ(outcome.gap_rows, 6u);
}

TEST(CutEpisodes, ARowIsNoEpisode) {
  auto cells = draw({"..#.."});
  const auto outcome = cut_episodes(cells, rules(LongGapRule::reject));
  EXPECT_TRUE(outcome.rejected);
  EXPECT_EQ(outcome.reason, "only 1 row where every feature has a message, in 1 piece; an episode needs at least 2");
}

TEST(CutEpisodes, NothingMatchedNamesTheColumn) {
  auto cells = draw({"####", "...."});
  const auto outcome = cut_episodes(cells, rules(LongGapRule::reject));
  EXPECT_TRUE(outcome.rejected);
  EXPECT_EQ(outcome.reason, "feature1 (/topic1) has no message near any of the 4 rows");
  auto never = draw({"#.#.", ".#.#"});
  EXPECT_EQ(cut_episodes(never, rules(LongGapRule::reject)).reason, "no row where every feature has a message");
  auto empty = draw({""});
  EXPECT_TRUE(cut_episodes(empty, rules(LongGapRule::reject)).rejected);
}

TEST(CutEpisodes, SkewIsOfMatchedCellsInEpisodes) {
  auto cells = draw({"######"});  // messages 0, 1, 2, 0, 1, 2 ns after their rows
  const auto outcome = cut_episodes(cells, rules(LongGapRule::reject));
  EXPECT_EQ(outcome.columns[0].skew_p50, 1);
  EXPECT_EQ(outcome.columns[0].skew_p99, 2);
  EXPECT_EQ(outcome.columns[0].skew_max, 2);
}

TEST(CutEpisodes, NoHoldAtAll) {
  auto cells = draw({"##.##"});
  EXPECT_TRUE(cut_episodes(cells, rules(LongGapRule::reject, 0)).rejected);
}

}  // namespace
}  // namespace bagloom::align
