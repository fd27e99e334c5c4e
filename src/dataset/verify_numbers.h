// Recomputing statistics in two passes, bounded: pure numbers.
#pragma once

#include <cstdint>
#include <limits>
#include <utility>
#include <vector>

namespace bagloom::dataset::verify {

/// First pass over one component: extremes and mean, in double with a compensated sum. Non-finite numbers are left out.
struct Moments {
  double min = std::numeric_limits<double>::infinity();
  double max = -std::numeric_limits<double>::infinity();
  double sum = 0, lost = 0;
  std::uint64_t count = 0;
  void add(double value);
  double mean() const { return count == 0 ? 0 : (sum + lost) / static_cast<double>(count); }
};

/// Second pass: standard deviation of the population, and 5,000 bins between the extremes, as LeRobot has them.
class Spread {
 public:
  static constexpr std::size_t kBins = 5000;
  /// Begins anew with what the first pass found.
  void begin(const Moments& moments);
  void add(double value);
  double std() const;
  /// Where the quantile of probability p may lie: the bins of the samples that any usual definition takes or interpolates
  /// between, and one bin more on either side. lerobot-format.md 5.2.
  std::pair<double, double> bracket(double p) const;

 private:
  std::size_t bin_of_rank(std::uint64_t rank) const;
  Moments moments_;
  double mean_ = 0, squares_ = 0;
  std::vector<std::uint64_t> bins_;
};

}  // namespace bagloom::dataset::verify
