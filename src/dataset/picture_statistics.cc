#include <algorithm>
#include <cmath>
#include <span>
#include <vector>

#include "dataset/quantile_bins.h"
#include "dataset/statistics.h"

namespace bagloom::dataset {
namespace {

// LeRobot divides every statistic of a colour picture by it, and none of depth (lerobot-format.md 5.3).
constexpr double kColourScale = 255;

void add_channel(std::span<const std::uint64_t> counts, double scale, FeatureStatistics& result) {
  std::uint64_t total = 0, sum = 0;
  int min = -1, max = 0;
  for (int value = 0; value < static_cast<int>(counts.size()); ++value) {
    if (counts[static_cast<std::size_t>(value)] == 0) continue;
    if (min < 0) min = value;
    max = value;
    total += counts[static_cast<std::size_t>(value)];
    sum += counts[static_cast<std::size_t>(value)] * static_cast<std::uint64_t>(value);
  }
  if (total == 0) {
    for (auto* list :
         {&result.min, &result.max, &result.mean, &result.std, &result.q01, &result.q10, &result.q50, &result.q90, &result.q99}) {
      list->push_back(0);
    }
    return;
  }
  const double mean = static_cast<double>(sum) / static_cast<double>(total);
  double squares = 0;
  const QuantileBins bins(min, max);
  std::vector<std::uint64_t> binned(QuantileBins::kBins, 0);
  for (int value = min; value <= max; ++value) {
    if (counts[static_cast<std::size_t>(value)] == 0) continue;
    squares += static_cast<double>(counts[static_cast<std::size_t>(value)]) * (value - mean) * (value - mean);
    if (min != max) binned[bins.index_of(value)] += counts[static_cast<std::size_t>(value)];
  }
  const auto quantile = [&](double p) { return (min == max ? min : bins.quantile(binned, total, p)) / scale; };
  result.min.push_back(min / scale);
  result.max.push_back(max / scale);
  result.mean.push_back(std::clamp(mean / scale, min / scale, max / scale));
  result.std.push_back(std::sqrt(squares / static_cast<double>(total)) / scale);
  result.q01.push_back(quantile(0.01));
  result.q10.push_back(quantile(0.10));
  result.q50.push_back(quantile(0.50));
  result.q90.push_back(quantile(0.90));
  result.q99.push_back(quantile(0.99));
}

}  // namespace

FeatureStatistics statistics_of(const media::RgbHistogram& histogram) {
  FeatureStatistics result;
  result.count = histogram.pictures;
  if (!histogram.millimetres.empty()) {
    add_channel(histogram.millimetres, 1, result);
    return result;
  }
  for (const auto& channel : histogram.counts) add_channel(channel, kColourScale, result);
  return result;
}

}  // namespace bagloom::dataset
