#include <algorithm>
#include <cmath>
#include <limits>

#include "dataset/quantile_bins.h"
#include "dataset/statistics.h"

namespace bagloom::dataset {

VectorStatistics::VectorStatistics(std::uint32_t width)
    : width_(width),
      finite_(width, 0),
      min_(width, std::numeric_limits<double>::infinity()),
      max_(width, -std::numeric_limits<double>::infinity()),
      mean_(width, 0),
      squares_(width, 0) {}

// Welford's recurrence: sums of squares would lose the deviation of values with a large mean and a small spread, and the mean of
// equal values comes out as exactly that value.
template <class T>
void VectorStatistics::measure_rows(std::span<const T> rows) {
  if (width_ == 0) return;
  for (std::size_t at = 0; at + width_ <= rows.size(); at += width_, ++rows_) {
    for (std::uint32_t c = 0; c < width_; ++c) {
      const double value = static_cast<double>(rows[at + c]);
      if (!std::isfinite(value)) continue;
      min_[c] = std::min(min_[c], value);
      max_[c] = std::max(max_[c], value);
      const double difference = value - mean_[c];
      mean_[c] += difference / static_cast<double>(++finite_[c]);
      squares_[c] += difference * (value - mean_[c]);
    }
  }
}

template <class T>
void VectorStatistics::count_rows(std::span<const T> rows) {
  if (width_ == 0) return;
  bins_.resize(std::size_t{width_} * QuantileBins::kBins, 0);
  for (std::uint32_t c = 0; c < width_; ++c) {
    if (finite_[c] == 0 || min_[c] == max_[c]) continue;
    const QuantileBins bins(min_[c], max_[c]);
    std::uint64_t* counts = bins_.data() + std::size_t{c} * QuantileBins::kBins;
    for (std::size_t at = c; at < rows.size(); at += width_) {
      const double value = static_cast<double>(rows[at]);
      if (std::isfinite(value)) ++counts[bins.index_of(value)];
    }
  }
}

void VectorStatistics::measure(std::span<const float> rows) { measure_rows(rows); }
void VectorStatistics::count(std::span<const float> rows) { count_rows(rows); }
void VectorStatistics::measure(std::span<const double> rows) { measure_rows(rows); }
void VectorStatistics::count(std::span<const double> rows) { count_rows(rows); }

FeatureStatistics VectorStatistics::finish() const {
  FeatureStatistics result;
  result.count = rows_;
  for (std::uint32_t c = 0; c < width_; ++c) {
    if (finite_[c] == 0) {
      for (auto* list : {&result.min, &result.max, &result.mean, &result.std, &result.q01, &result.q10, &result.q50, &result.q90,
                         &result.q99}) {
        list->push_back(0);
      }
      continue;
    }
    const double min = min_[c], max = max_[c];
    result.min.push_back(min);
    result.max.push_back(max);
    // Rounding must not carry the mean out of the range, nor the deviation beyond half of it.
    result.mean.push_back(std::clamp(mean_[c], min, max));
    const double deviation = std::sqrt(std::max(0.0, squares_[c] / static_cast<double>(finite_[c])));
    result.std.push_back(std::min(deviation, max / 2 - min / 2));
    const auto quantile = [&](double p) {
      if (min == max || bins_.empty()) return min;
      const std::span<const std::uint64_t> counts(bins_.data() + std::size_t{c} * QuantileBins::kBins, QuantileBins::kBins);
      std::uint64_t total = 0;
      for (const std::uint64_t n : counts) total += n;
      return total == 0 ? min : QuantileBins(min, max).quantile(counts, total, p);
    };
    result.q01.push_back(quantile(0.01));
    result.q10.push_back(quantile(0.10));
    result.q50.push_back(quantile(0.50));
    result.q90.push_back(quantile(0.90));
    result.q99.push_back(quantile(0.99));
  }
  return result;
}

}  // namespace bagloom::dataset
