// The histogram that LeRobot takes quantiles from. lerobot-format.md 5.2.
#pragma once

#include <cstddef>
#include <cstdint>
#include <span>

namespace bagloom::dataset {

/// 5,000 equal bins over [min - 1e-10, max + 1e-10], as numpy.linspace places their edges; bins are closed on the left and open
/// on the right, the last one closed.
class QuantileBins {
 public:
  static constexpr std::size_t kBins = 5000;
  QuantileBins(double min, double max);

  double edge(std::size_t i) const;
  std::size_t index_of(double value) const;
  /// `counts` holds kBins counts with the sum `total` > 0; 0 < p < 1.
  double quantile(std::span<const std::uint64_t> counts, std::uint64_t total, double p) const;

 private:
  double low_, high_, step_;
};

}  // namespace bagloom::dataset
