#include "dataset/verify_grid.h"

#include <gtest/gtest.h>

#include <vector>

namespace bagloom::dataset::verify {
namespace {

TEST(VerifyGrid, RandomOrderVisitsEachNumberOnce) {
  for (std::uint64_t size : {1u, 2u, 3u, 4u, 5u, 63u, 64u, 65u, 1000u}) {
    RandomOrder order(size, 7);
    std::vector<int> seen(size, 0);
    for (std::uint64_t i = 0; i < size; ++i) {
      std::uint64_t number = order(i);
      ASSERT_LT(number, size);
      ++seen[number];
    }
    for (int count : seen) EXPECT_EQ(count, 1) << size;
  }
}

TEST(VerifyGrid, RandomOrderIsNeitherAscendingNorTheSameForEachSeed) {
  RandomOrder one(1000, 1), again(1000, 1), other(1000, 2);
  int ascending = 0, different = 0;
  for (std::uint64_t i = 0; i < 999; ++i) {
    EXPECT_EQ(one(i), again(i));
    ascending += one(i + 1) == one(i) + 1;
    different += one(i) != other(i);
  }
  EXPECT_LT(ascending, 20);
  EXPECT_GT(different, 900);
}

TEST(VerifyGrid, ToleranceIsATenthOfAMillisecondInFloat32) {
  EXPECT_TRUE(within_tolerance(0, 5, 5, 30));
  EXPECT_TRUE(within_tolerance(2.4 + 5e-5, 5, 29, 10));
  EXPECT_FALSE(within_tolerance(2.4003, 5, 29, 10));
  EXPECT_FALSE(within_tolerance(2.5, 5, 29, 10));
}

TEST(VerifyGrid, BeyondALimitFloat32MissesPicturesOfLaterEpisodes) {
  // lerobot-format.md 6.5: from 1024 s on float32 steps by more than the tolerance; an episode alone from 0 on stays exact.
  std::uint64_t before = 30u * 1000, missed = 0, missed_alone = 0;
  for (std::uint64_t k = 0; k < 30u * 600; ++k) {
    missed += !within_tolerance(static_cast<double>(before) / 30, k, before + k, 30);
    missed_alone += !within_tolerance(0, k, k, 30);
  }
  EXPECT_GT(missed, 0u);
  EXPECT_EQ(missed_alone, 0u);
}

TEST(VerifyGrid, PicturesThatLeRobotSamples) {
  EXPECT_EQ(sampled_pictures(37), 37u);
  EXPECT_EQ(sampled_pictures(100), 100u);
  EXPECT_EQ(sampled_pictures(464), 100u);
  EXPECT_EQ(sampled_pictures(500), 105u);
  EXPECT_EQ(sampled_pictures(1000), 177u);
  EXPECT_EQ(sampled_pictures(2000), 299u);
  EXPECT_EQ(sampled_pictures(10000), 1000u);
  EXPECT_EQ(sampled_pictures(1000000), 10000u);
  EXPECT_EQ(sampled_pixels(848, 480), 170u * 96);
  EXPECT_EQ(sampled_pixels(640, 480), 160u * 120);
  EXPECT_EQ(sampled_pixels(96, 64), 96u * 64);
}

}  // namespace
}  // namespace bagloom::dataset::verify
