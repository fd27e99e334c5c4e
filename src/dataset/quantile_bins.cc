#include "dataset/quantile_bins.h"

namespace bagloom::dataset {

QuantileBins::QuantileBins(double min, double max)
    : low_(min - 1e-10), high_(max + 1e-10), step_((high_ - low_) / static_cast<double>(kBins)) {}

double QuantileBins::edge(std::size_t i) const { return i == kBins ? high_ : static_cast<double>(i) * step_ + low_; }

std::size_t QuantileBins::index_of(double value) const {
  const double place = (value - low_) / step_;
  std::size_t i = 0;
  if (place >= static_cast<double>(kBins)) {
    i = kBins - 1;
  } else if (place > 0) {
    i = static_cast<std::size_t>(place);
  }
  // The division may round across an edge; the edges decide.
  while (i > 0 && value < edge(i)) --i;
  while (i + 1 < kBins && value >= edge(i + 1)) ++i;
  return i;
}

double QuantileBins::quantile(std::span<const std::uint64_t> counts, std::uint64_t total, double p) const {
  const double target = p * static_cast<double>(total);
  std::uint64_t before = 0;
  std::size_t i = 0;
  while (i + 1 < kBins && static_cast<double>(before + counts[i]) < target) before += counts[i++];
  if (i == 0) return edge(0);
  const double inside = (target - static_cast<double>(before)) / static_cast<double>(counts[i]);
  return edge(i) + inside * (edge(i + 1) - edge(i));
}

}  // namespace bagloom::dataset
