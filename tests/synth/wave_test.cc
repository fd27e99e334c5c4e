#include "synth/wave.h"

#include <gtest/gtest.h>

#include <cmath>

namespace bagloom::synth {
namespace {

TEST(Wave, IsAParabolaThroughTheQuarters) {
  EXPECT_EQ(wave(0, 1000), 0.0);
  EXPECT_EQ(wave(250, 1000), 1.0);
  EXPECT_EQ(wave(500, 1000), 0.0);
  EXPECT_EQ(wave(750, 1000), -1.0);
  EXPECT_EQ(wave(125, 1000), 0.75);
  EXPECT_EQ(wave(625, 1000), -0.75);
}

TEST(Wave, RepeatsAndTakesTimesBeforeTheStart) {
  for (const TimeNs t : {0LL, 1LL, 249LL, 640LL, 999LL}) {
    EXPECT_EQ(wave(t, 1000), wave(t + 1000, 1000));
    EXPECT_EQ(wave(t, 1000), wave(t - 7000, 1000));
  }
  EXPECT_EQ(wave(-250, 1000), -1.0);
}

TEST(Wave, IsNearASine) {
  for (TimeNs t = 0; t < 1000; ++t) EXPECT_NEAR(wave(t, 1000), std::sin(2 * M_PI * static_cast<double>(t) / 1000), 0.06) << t;
}

// The values of docs/synth.md, computed by Python with the formulas that stand there.
TEST(Wave, ValuesOfThePage) {
  EXPECT_EQ(joint(0, 123456789), 0x1.da76d9616a39ep-3);
  EXPECT_EQ(joint(6, 123456789), joint(6, 123456789 + 4'600'000'000));
  EXPECT_EQ(joint_velocity(2, 5), joint(2, 1'000'000'005));
  EXPECT_EQ(arm(0, 1'250'000'000), 30.0);
  EXPECT_EQ(arm(1, 1'050'000'000), 30.0);
  EXPECT_EQ(claw(0, 0), 50.0);
  EXPECT_EQ(claw(1, 0), 100.0);
  EXPECT_EQ(claw(0, 1), 0x1.90000008f2a63p+5);
}

}  // namespace
}  // namespace bagloom::synth
