#include "dataset/statistics.h"

#include <gtest/gtest.h>

#include <algorithm>
#include <cmath>
#include <limits>
#include <random>

#include "dataset/default_statistics.h"

namespace bagloom::dataset {
namespace {

FeatureStatistics measured(std::uint32_t width, const std::vector<float>& rows, std::size_t block = 0) {
  VectorStatistics statistics(width);
  const std::size_t step = (block == 0 ? rows.size() / width + 1 : block) * width;
  for (const bool second : {false, true}) {
    for (std::size_t at = 0; at < rows.size(); at += step) {
      const std::span<const float> part(rows.data() + at, std::min(step, rows.size() - at));
      second ? statistics.count(part) : statistics.measure(part);
    }
  }
  return statistics.finish();
}

/// lerobot-format.md 5.2, straight from the text: edges in a list, bins by search.
double library_quantile(std::vector<double> samples, double p) {
  const auto [low, high] = std::minmax_element(samples.begin(), samples.end());
  if (*low == *high) return *low;
  std::vector<double> edges;
  const double start = *low - 1e-10, stop = *high + 1e-10;
  for (int i = 0; i <= 5000; ++i) edges.push_back(i == 5000 ? stop : i * ((stop - start) / 5000) + start);
  std::vector<double> counts(5000, 0);
  for (const double x : samples) {
    auto bin = std::upper_bound(edges.begin(), edges.end(), x) - edges.begin() - 1;
    counts[static_cast<std::size_t>(std::min<std::ptrdiff_t>(bin, 4999))] += 1;
  }
  double cumulative = 0;
  const double target = p * static_cast<double>(samples.size());
  for (std::size_t i = 0; i < 5000; ++i) {
    if (cumulative + counts[i] >= target) {
      if (i == 0) return edges[0];
      return edges[i] + (target - cumulative) / counts[i] * (edges[i + 1] - edges[i]);
    }
    cumulative += counts[i];
  }
  return edges[5000];
}

void expect_like_the_library(const FeatureStatistics& s, std::size_t c, const std::vector<double>& samples) {
  long double sum = 0, squares = 0;
  for (const double x : samples) sum += x;
  const long double mean = sum / static_cast<long double>(samples.size());
  for (const double x : samples) squares += (x - mean) * (x - mean);
  const double spread = std::sqrt(static_cast<double>(squares / static_cast<long double>(samples.size())));
  EXPECT_EQ(s.min[c], *std::min_element(samples.begin(), samples.end()));
  EXPECT_EQ(s.max[c], *std::max_element(samples.begin(), samples.end()));
  EXPECT_NEAR(s.mean[c], static_cast<double>(mean), 1e-12 * std::max(1.0, std::abs(static_cast<double>(mean))));
  EXPECT_NEAR(s.std[c], spread, 1e-9 * spread + 1e-15);
  const double* found[] = {&s.q01[c], &s.q10[c], &s.q50[c], &s.q90[c], &s.q99[c]};
  const double wanted[] = {0.01, 0.10, 0.50, 0.90, 0.99};
  for (int i = 0; i < 5; ++i) {
    EXPECT_EQ(*found[i], library_quantile(samples, wanted[i])) << "q" << wanted[i] << " of component " << c;
    auto sorted = samples;
    std::sort(sorted.begin(), sorted.end());
    const auto rank = static_cast<std::size_t>(std::ceil(wanted[i] * static_cast<double>(samples.size())));
    EXPECT_NEAR(*found[i], sorted[std::max<std::size_t>(rank, 1) - 1], (s.max[c] - s.min[c]) / 5000 + 1e-9);
  }
}

TEST(VectorStatistics, LikeTheLibrarysForManyShapes) {
  std::mt19937 random(3);
  for (const std::size_t rows : {2u, 3u, 10u, 99u, 1000u, 20000u}) {
    std::vector<float> values;
    std::vector<std::vector<double>> columns(5);
    for (std::size_t r = 0; r < rows; ++r) {
      const float row[5] = {std::normal_distribution<float>(0, 1)(random), static_cast<float>(random() % 3),
                            std::exponential_distribution<float>(0.1f)(random), static_cast<float>(r), r == 0 ? 1e6f : 0.5f};
      for (int c = 0; c < 5; ++c) {
        values.push_back(row[c]);
        columns[static_cast<std::size_t>(c)].push_back(row[c]);
      }
    }
    const FeatureStatistics s = measured(5, values);
    EXPECT_EQ(s.count, rows);
    for (std::size_t c = 0; c < 5; ++c) expect_like_the_library(s, c, columns[c]);
  }
}

TEST(VectorStatistics, BlocksDoNotShow) {
  std::vector<float> values;
  for (int i = 0; i < 3 * 1000; ++i) values.push_back(static_cast<float>(std::sin(i) * 1e3));
  const FeatureStatistics whole = measured(3, values);
  for (const std::size_t block : {1u, 7u, 64u, 999u}) {
    const FeatureStatistics parts = measured(3, values, block);
    EXPECT_EQ(whole.mean, parts.mean);
    EXPECT_EQ(whole.std, parts.std);
    EXPECT_EQ(whole.q01, parts.q01);
    EXPECT_EQ(whole.q99, parts.q99);
  }
}

TEST(VectorStatistics, LargeMeanSmallSpread) {
  // 16,777,214 and 16,777,216 in float32; a sum of squares loses the deviation of exactly 1.
  std::vector<float> values;
  for (int i = 0; i < 100'000; ++i) values.push_back(i % 2 == 0 ? 16777214.0f : 16777216.0f);
  const FeatureStatistics s = measured(1, values);
  EXPECT_NEAR(s.mean[0], 16777215.0, 1e-6);
  EXPECT_NEAR(s.std[0], 1.0, 1e-9);
}

TEST(VectorStatistics, ConstantIsExact) {
  const FeatureStatistics s = measured(1, std::vector<float>(1001, 0.1f));
  const double value = static_cast<double>(0.1f);
  for (const auto* list : {&s.min, &s.max, &s.mean, &s.q01, &s.q10, &s.q50, &s.q90, &s.q99}) EXPECT_EQ((*list)[0], value);
  EXPECT_EQ(s.std[0], 0);
  const FeatureStatistics big = measured(1, std::vector<float>(10, 3e38f));
  EXPECT_EQ(big.mean[0], static_cast<double>(3e38f));
  EXPECT_EQ(big.q50[0], static_cast<double>(3e38f));
}

TEST(VectorStatistics, OneRow) {
  const FeatureStatistics s = measured(2, {5, -6});
  EXPECT_EQ(s.count, 1u);
  EXPECT_EQ(s.mean, (std::vector<double>{5, -6}));
  EXPECT_EQ(s.q01, (std::vector<double>{5, -6}));
  EXPECT_EQ(s.q99, (std::vector<double>{5, -6}));
  EXPECT_EQ(s.std, (std::vector<double>{0, 0}));
}

TEST(VectorStatistics, NonFiniteNumbersAreLeftOut) {
  const float nan = std::numeric_limits<float>::quiet_NaN(), inf = std::numeric_limits<float>::infinity();
  const FeatureStatistics s = measured(3, {1, nan, nan, nan, 4, nan, 3, -inf, nan, inf, 8, inf});
  EXPECT_EQ(s.count, 4u);
  EXPECT_EQ(s.min, (std::vector<double>{1, 4, 0}));
  EXPECT_EQ(s.max, (std::vector<double>{3, 8, 0}));
  EXPECT_EQ(s.mean, (std::vector<double>{2, 6, 0}));
  EXPECT_EQ(s.std, (std::vector<double>{1, 2, 0}));
  EXPECT_EQ(s.q50[2], 0);
  EXPECT_NEAR(s.q50[0], 1, 1e-3);
}

TEST(VectorStatistics, ExtremeRange) {
  const float max = std::numeric_limits<float>::max();
  const FeatureStatistics s = measured(1, {-max, 0, max});
  EXPECT_TRUE(std::isfinite(s.std[0]));
  EXPECT_TRUE(std::isfinite(s.q50[0]));
  EXPECT_NEAR(s.q50[0] / max, 0, 1.0 / 2500);
}

TEST(VectorStatistics, NeighbouringFloats) {
  const float x = 123456.0f, next = std::nextafter(x, 1e9f);
  std::vector<float> values(100, x);
  values.push_back(next);
  const FeatureStatistics s = measured(1, values);
  expect_like_the_library(s, 0, [&] {
    std::vector<double> d(values.begin(), values.end());
    return d;
  }());
}

TEST(VectorStatistics, Doubles) {
  VectorStatistics statistics(1);
  std::vector<double> values, columns;
  for (int i = 0; i < 5000; ++i) values.push_back(1e12 + i);
  statistics.measure(std::span<const double>(values));
  statistics.count(std::span<const double>(values));
  expect_like_the_library(statistics.finish(), 0, values);
}

TEST(DefaultStatistics, FollowFromLengthAndPlace) {
  const auto s = default_statistics(9000, 30, 5, 1'000'000, 2);
  std::vector<double> timestamps, frames, indices;
  for (int k = 0; k < 9000; ++k) {
    timestamps.push_back(static_cast<float>(k / 30.0));
    frames.push_back(k);
    indices.push_back(1'000'000 + k);
  }
  expect_like_the_library(s[0], 0, timestamps);
  expect_like_the_library(s[1], 0, frames);
  expect_like_the_library(s[3], 0, indices);
  for (const auto& feature : s) EXPECT_EQ(feature.count, 9000u);
  EXPECT_EQ(s[2].q50[0], 5);
  EXPECT_EQ(s[2].std[0], 0);
  EXPECT_EQ(s[4].mean[0], 2);
}

TEST(PictureStatistics, LikeTheLibrarysOverThePixels) {
  std::mt19937 random(11);
  media::RgbHistogram histogram;
  histogram.pictures = 4;
  std::vector<double> pixels[3];
  for (int i = 0; i < 10'000; ++i) {
    const int rgb[3] = {static_cast<int>(random() % 256), 200 + static_cast<int>(random() % 40),
                        30 + static_cast<int>(random() % 2)};
    for (int c = 0; c < 3; ++c) {
      ++histogram.counts[c][rgb[c]];
      pixels[c].push_back(rgb[c]);
    }
  }
  FeatureStatistics s = statistics_of(histogram);
  EXPECT_EQ(s.count, 4u);
  for (std::size_t c = 0; c < 3; ++c) {
    ASSERT_EQ(s.mean.size(), 3u);
    // Every number but the count is divided by 255.
    EXPECT_EQ(s.q50[c], library_quantile(pixels[c], 0.50) / 255);
    EXPECT_EQ(s.q01[c], library_quantile(pixels[c], 0.01) / 255);
    EXPECT_EQ(s.q99[c], library_quantile(pixels[c], 0.99) / 255);
    const auto [low, high] = std::minmax_element(pixels[c].begin(), pixels[c].end());
    EXPECT_EQ(s.min[c], *low / 255);
    EXPECT_EQ(s.max[c], *high / 255);
    double sum = 0, squares = 0;
    for (const double x : pixels[c]) sum += x;
    for (const double x : pixels[c]) squares += (x - sum / 10'000) * (x - sum / 10'000);
    EXPECT_NEAR(s.mean[c], sum / 10'000 / 255, 1e-12);
    EXPECT_NEAR(s.std[c], std::sqrt(squares / 10'000) / 255, 1e-12);
  }
}

TEST(PictureStatistics, OneColour) {
  media::RgbHistogram histogram;
  histogram.pictures = 1;
  for (auto& channel : histogram.counts) channel[77] = 100;
  const FeatureStatistics s = statistics_of(histogram);
  for (const auto* list : {&s.min, &s.max, &s.mean, &s.q01, &s.q10, &s.q50, &s.q90, &s.q99}) {
    for (const double x : *list) EXPECT_EQ(x, 77.0 / 255);
  }
  EXPECT_EQ(s.std, (std::vector<double>{0, 0, 0}));
}

TEST(PictureStatistics, NothingSeen) {
  const FeatureStatistics s = statistics_of(media::RgbHistogram{});
  EXPECT_EQ(s.count, 0u);
  EXPECT_EQ(s.mean, (std::vector<double>{0, 0, 0}));
}

}  // namespace
}  // namespace bagloom::dataset
