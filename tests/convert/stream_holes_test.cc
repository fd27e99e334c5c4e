// Streams of times: 30 pictures a second, a keyframe every 24, numbers from 0 to 15.
#include "convert/stream_holes.h"

#include <gtest/gtest.h>

#include <limits>
#include <random>
#include <utility>

namespace bagloom::convert {
namespace {

constexpr std::uint64_t kPictures = 240, kDistance = 24;
constexpr std::uint32_t kCountsTo = 16;
constexpr TimeNs kPeriod = 33'333'333;

struct Camera {
  std::uint64_t distance = kDistance;
  std::pair<std::uint64_t, std::uint64_t> hole = {0, 0};  ///< these pictures are not in the recording
  std::uint64_t paused_at = 0;                            ///< this picture and those behind it come later
  double pause = 0;                                       ///< periods
  double jitter_ms = 2;
  std::uint64_t pictures = kPictures;
};

std::vector<PictureTime> recorded(const Camera& camera) {
  std::mt19937 random(7);
  std::normal_distribution<double> jitter(0, camera.jitter_ms * 1e6);
  std::vector<PictureTime> messages;
  for (std::uint64_t n = 0; n < camera.pictures; ++n) {
    const auto off = static_cast<TimeNs>(jitter(random));
    if (n >= camera.hole.first && n < camera.hole.second) continue;
    TimeNs time = static_cast<TimeNs>(n) * kPeriod + off;
    if (camera.paused_at > 0 && n >= camera.paused_at) time += static_cast<TimeNs>(camera.pause * kPeriod);
    messages.push_back({true, false, n % camera.distance == 0, time});
  }
  return messages;
}

StreamHoles holes(const std::vector<PictureTime>& messages, std::uint32_t counts_to = kCountsTo) {
  const auto found = find_holes(messages.size(), counts_to, [&](std::uint64_t i) -> Result<PictureTime> { return messages[i]; });
  EXPECT_TRUE(found.ok());
  return found.ok() ? *found : StreamHoles();
}

void expect_nothing(const StreamHoles& found) {
  EXPECT_TRUE(found.lost.empty());
  EXPECT_EQ(found.missing, 0u);
  EXPECT_EQ(found.doubtful, 0u);
}

TEST(StreamHoles, AWholeStreamHasNone) {
  expect_nothing(holes(recorded({})));
  expect_nothing(holes({}));
  expect_nothing(holes(recorded({.pictures = 1})));
}

TEST(StreamHoles, AsManyAsTheStreamCountsTo) {
  const StreamHoles found = holes(recorded({.hole = {28, 44}}));
  ASSERT_EQ(found.lost.size(), 1u);
  EXPECT_EQ(found.lost[0].begin, 28u);
  EXPECT_EQ(found.lost[0].end, 32u) << "message 32 is the keyframe 48";
  EXPECT_EQ(found.missing, 16u);
  EXPECT_EQ(found.doubtful, 0u);
  expect_nothing(holes(recorded({.hole = {28, 44}}), 0));
  expect_nothing(holes(recorded({.hole = {28, 44}}), 256));
}

TEST(StreamHoles, AHoleWithAKeyframeInIt) {
  const StreamHoles found = holes(recorded({.hole = {28, 68}}));  // 24 begin anew, and 16
  ASSERT_EQ(found.lost.size(), 1u);
  EXPECT_EQ(found.lost[0].begin, 28u);
  EXPECT_EQ(found.lost[0].end, 32u) << "the keyframe 72";
  EXPECT_EQ(found.missing, 40u);
}

// The stream's count shows these.
TEST(StreamHoles, OtherHolesAreLeftToTheStream) {
  for (const std::uint64_t pictures : {9, 15, 17, 18}) expect_nothing(holes(recorded({.hole = {26, 26 + pictures}})));
  expect_nothing(holes(recorded({.hole = {28, 48}})));  // up to a keyframe: nothing refers to it
}

TEST(StreamHoles, ACameraThatPausedLostNothing) {
  for (const double periods : {3.0, 15.0, 15.6, 16.0, 16.4, 17.0, 32.0, 160.0, 100.5})
    expect_nothing(holes(recorded({.paused_at = 30, .pause = periods})));
  // Several keyframes' distance: a hole of as many would look the same.
  const StreamHoles found = holes(recorded({.paused_at = 30, .pause = 48}));
  EXPECT_TRUE(found.lost.empty());
  EXPECT_EQ(found.doubtful, 1u);
  EXPECT_EQ(found.doubtful_pictures, 48u);
  EXPECT_EQ(found.doubtful_message, 30u);
}

TEST(StreamHoles, AClockThatWasSet) {
  auto messages = recorded({});
  for (std::size_t i = 40; i < messages.size(); ++i) messages[i].time += 48'000'000 * kPeriod;  // a multiple of all
  expect_nothing(holes(messages));
  messages[0].time = std::numeric_limits<TimeNs>::min();
  messages[1].time = std::numeric_limits<TimeNs>::max();
  (void)holes(messages);
}

TEST(StreamHoles, WithoutARegularDistanceItIsDoubtful) {
  for (const std::uint64_t distance : {kPictures, std::uint64_t{100}}) {
    const StreamHoles found = holes(recorded({.distance = distance, .hole = {30, 46}}));
    EXPECT_TRUE(found.lost.empty());
    EXPECT_EQ(found.doubtful, 1u);
    EXPECT_EQ(found.doubtful_message, 30u);
    EXPECT_EQ(found.doubtful_pictures, 16u);
    expect_nothing(holes(recorded({.distance = distance, .hole = {30, 47}})));
  }
  // Behind the last keyframe nothing says how many pictures there should be.
  const StreamHoles last = holes(recorded({.hole = {220, 236}}));
  EXPECT_TRUE(last.lost.empty());
  EXPECT_EQ(last.doubtful, 1u);
}

TEST(StreamHoles, WhatIsBrokenAlreadyIsNotJudged) {
  auto messages = recorded({.hole = {30, 46}});
  messages[26].picture = false;
  messages[26].broken = true;
  expect_nothing(holes(messages));
}

TEST(StreamHoles, AnErrorOfTheIndexIsGiven) {
  EXPECT_FALSE(
      find_holes(100, 16, [](std::uint64_t) -> Result<PictureTime> { return Error(ErrorKind::io, "read: error"); }).ok());
}

}  // namespace
}  // namespace bagloom::convert
