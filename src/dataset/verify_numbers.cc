#include "dataset/verify_numbers.h"

#include <algorithm>
#include <cmath>

namespace bagloom::dataset::verify {

void Moments::add(double value) {
  if (!std::isfinite(value)) return;
  min = std::min(min, value);
  max = std::max(max, value);
  double next = sum + value;  // Neumaier's sum: `lost` keeps what the addition rounded away
  lost += std::abs(sum) >= std::abs(value) ? (sum - next) + value : (value - next) + sum;
  sum = next;
  ++count;
}

void Spread::begin(const Moments& moments) {
  moments_ = moments;
  mean_ = moments.mean();
  squares_ = 0;
  bins_.assign(kBins, 0);
}

void Spread::add(double value) {
  if (!std::isfinite(value)) return;
  squares_ += (value - mean_) * (value - mean_);
  double range = moments_.max - moments_.min;
  double place = range > 0 ? (value - moments_.min) / range * static_cast<double>(kBins) : 0;
  ++bins_[static_cast<std::size_t>(std::clamp(place, 0.0, static_cast<double>(kBins - 1)))];
}

double Spread::std() const { return moments_.count == 0 ? 0 : std::sqrt(squares_ / static_cast<double>(moments_.count)); }

std::size_t Spread::bin_of_rank(std::uint64_t rank) const {
  std::uint64_t passed = 0;
  for (std::size_t i = 0; i < kBins; ++i) {
    passed += bins_[i];
    if (passed > rank) return i;
  }
  return kBins - 1;
}

std::pair<double, double> Spread::bracket(double p) const {
  auto n = static_cast<double>(moments_.count);
  if (moments_.count == 0) return {0, 0};
  double lower = std::floor(p * (n - 1));
  double upper = std::max(std::ceil(p * (n - 1)), std::ceil(p * n) - 1);
  double step = (moments_.max - moments_.min) / static_cast<double>(kBins);
  auto low = static_cast<double>(bin_of_rank(static_cast<std::uint64_t>(std::max(0.0, lower))));
  auto high = static_cast<double>(bin_of_rank(static_cast<std::uint64_t>(std::clamp(upper, 0.0, n - 1))));
  return {moments_.min + (low - 1) * step, moments_.min + (high + 2) * step};
}

}  // namespace bagloom::dataset::verify
