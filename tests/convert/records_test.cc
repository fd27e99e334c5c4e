#include "convert/records.h"

#include <gtest/gtest.h>

namespace bagloom::convert {
namespace {

RecordingRecord sample() {
  RecordingRecord record;
  EpisodeRecord episode;
  episode.units.rows = 3;
  episode.units.task = "höher";
  episode.units.row_blocks = {"a.rows", "b.rows"};
  episode.units.segments = {{"c.segment"}, {}};
  episode.units.video_bytes = {12, ~0ull};
  media::RgbHistogram histogram;
  histogram.counts[2][255] = 1ull << 60;
  histogram.pictures = 3;
  episode.units.histograms = {histogram};
  dataset::FeatureStatistics statistics;
  statistics.min = {0.1, -1e300};
  statistics.max = {1.0 / 3};
  statistics.count = 3;
  episode.units.vectors = {statistics};
  episode.held = 1;
  episode.start_ns = -5;
  episode.end_ns = INT64_MAX;
  record.episodes = {episode};
  Loss loss;
  loss.recording = "a.bag";
  loss.kind = LossKind::damage;
  loss.text = "cut";
  loss.offset = ~0ull;
  record.losses = {loss, Loss{}};
  record.mismatches = {{"/camera", INT64_MAX, "says png, is jpeg"}};
  record.names = {{"/joints", 300, 50, {{"state", 150}, {"gripper", 100}}}};
  return record;
}

TEST(Records, RoundTripExactly) {
  const auto back = record_from_json(to_json(sample()));
  ASSERT_TRUE(back);
  const EpisodeRecord& episode = back->episodes.at(0);
  EXPECT_EQ(episode.units.task, "höher");
  EXPECT_EQ(episode.units.row_blocks, sample().episodes[0].units.row_blocks);
  EXPECT_EQ(episode.units.segments, sample().episodes[0].units.segments);
  EXPECT_EQ(episode.units.video_bytes, sample().episodes[0].units.video_bytes);
  EXPECT_EQ(episode.units.histograms[0].counts[2][255], 1ull << 60);
  EXPECT_EQ(episode.units.vectors[0].min, sample().episodes[0].units.vectors[0].min);
  EXPECT_EQ(episode.units.vectors[0].max[0], 1.0 / 3);
  EXPECT_EQ(episode.start_ns, -5);
  EXPECT_EQ(episode.end_ns, INT64_MAX);
  ASSERT_EQ(back->losses.size(), 2u);
  EXPECT_EQ(back->losses[0].offset, ~0ull);
  EXPECT_FALSE(back->losses[1].offset);
  EXPECT_FALSE(back->failure);
  ASSERT_EQ(back->mismatches.size(), 1u);
  EXPECT_EQ(back->mismatches[0].topic, "/camera");
  EXPECT_EQ(back->mismatches[0].since_start, INT64_MAX);
  EXPECT_EQ(back->mismatches[0].what, "says png, is jpeg");
  ASSERT_EQ(back->names.size(), 1u);
  EXPECT_EQ(back->names[0].taken, sample().names[0].taken);
  EXPECT_EQ(back->names[0].messages, 300u);
  EXPECT_EQ(back->names[0].unused, 50u);
  EXPECT_EQ(to_json(*back), to_json(sample()));
}

TEST(Records, FailuresAndForeignBytes) {
  RecordingRecord record;
  record.failure = Failure{"\xff.bag", "bad", ErrorKind::unreadable};
  const auto back = record_from_json(to_json(record));
  ASSERT_TRUE(back);
  ASSERT_TRUE(back->failure);
  EXPECT_EQ(back->failure->kind, ErrorKind::unreadable);
}

TEST(Records, HoldEachKindOfLoss) {
  RecordingRecord record;
  for (const LossKindFacts& facts : kLossKinds) record.losses.emplace_back().kind = facts.kind;
  const std::string text = to_json(record);
  const auto back = record_from_json(text);
  ASSERT_TRUE(back);
  ASSERT_EQ(back->losses.size(), kLossKinds.size());
  for (std::size_t i = 0; i < kLossKinds.size(); ++i) EXPECT_EQ(back->losses[i].kind, kLossKinds[i].kind) << kLossKinds[i].name;
  std::string unknown = text;
  unknown.replace(unknown.find("doubtful_hole"), 13, "doubtless_one");
  EXPECT_FALSE(record_from_json(unknown));
}

TEST(Records, WhatIsNoRecordIsNothing) {
  EXPECT_FALSE(record_from_json(""));
  EXPECT_FALSE(record_from_json("{}"));
  EXPECT_FALSE(record_from_json("[1]"));
  // Those of schema 1 may name one unit twice: their recordings are converted again.
  for (const char* schema : {"1", "2", "3", "5"})
    EXPECT_FALSE(record_from_json(std::string(R"({"schema":)") + schema +
                                  R"(,"rejected":false,"episodes":[],"losses":[],"mismatches":[],"names":[]})"));
  EXPECT_TRUE(record_from_json(R"({"schema":4,"rejected":false,"episodes":[],"losses":[],"mismatches":[],"names":[]})"));
  const std::string whole = to_json(sample());
  for (std::size_t n = 0; n < whole.size(); n += 97) EXPECT_FALSE(record_from_json(whole.substr(0, n)));
}

}  // namespace
}  // namespace bagloom::convert
