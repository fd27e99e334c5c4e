// Statistics as the dataset states them, for src/dataset/verify*.cc only.
#pragma once

#include <array>
#include <cstdint>
#include <string>
#include <vector>

#include "dataset/verify_internal.h"

namespace bagloom::dataset::verify {

inline constexpr std::array<double, 10> kQuantileOf = {0, 0, 0, 0, 0, 0.01, 0.10, 0.50, 0.90, 0.99};  // by kStatNames
inline constexpr std::size_t kMinStat = 0, kMaxStat = 1, kMeanStat = 2, kStdStat = 3, kFirstQuantile = 5;

/// The ten statistics of one feature for one or more groups of rows (all rows, or one group an episode).
struct StatTable {
  std::uint64_t groups = 0, width = 0;
  std::array<std::vector<double>, 10> values;  ///< groups * width; count: groups
  bool complete = false;                       ///< all ten are there with the right shapes
  double at(std::size_t stat, std::uint64_t group, std::uint64_t component) const {
    return values[stat][static_cast<std::size_t>(stat == kCountStat ? group : group * width + component)];
  }
  /// Largest magnitude of a component: what rounding is relative to.
  double scale(std::uint64_t group, std::uint64_t component) const;
};

StatTable read_global_stats(Context& context, const Feature& feature);           ///< V90
Result<StatTable> read_episode_stats(Context& context, const Feature& feature);  ///< V68, V69

/// V93 (and V96 for quantiles): both tables against the data. False: the data could not be used, so nothing was compared.
Result<bool> recount(Context& context, std::size_t feature_index, const StatTable& global, const StatTable& episodes);

/// Quantiles of the groups as LeRobot puts them together: 0.6.1's count-weighted mean, HEAD's envelope. lerobot-format.md 5.4.
double weighted_mean(const StatTable& table, std::size_t stat, std::uint64_t component);
double envelope(const StatTable& table, std::size_t stat, std::uint64_t component);

std::string stat_where(const Feature& feature, bool global, std::uint64_t group);
std::string stat_name(const StatTable& table, std::size_t stat, std::uint64_t component);
/// What decimals and float32 cost: 1e-9, and 1e-6 of the magnitude.
inline double slack(double scale) { return 1e-9 + 1e-6 * scale; }

}  // namespace bagloom::dataset::verify
