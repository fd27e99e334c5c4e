#include "dataset/default_statistics.h"

#include <algorithm>

namespace bagloom::dataset {
namespace {

constexpr std::uint64_t kBlock = 4096;

template <class Value>
FeatureStatistics series(std::uint64_t rows, Value value) {
  VectorStatistics statistics(1);
  std::vector<double> block;
  for (const bool second : {false, true}) {
    for (std::uint64_t at = 0; at < rows;) {
      block.clear();
      for (const std::uint64_t end = std::min(rows, at + kBlock); at < end; ++at) block.push_back(value(at));
      second ? statistics.count(std::span<const double>(block)) : statistics.measure(std::span<const double>(block));
    }
  }
  return statistics.finish();
}

FeatureStatistics constant(std::uint64_t rows, double value) {
  FeatureStatistics result;
  result.min = result.max = result.mean = result.q01 = result.q10 = result.q50 = result.q90 = result.q99 = {value};
  result.std = {0};
  result.count = rows;
  return result;
}

}  // namespace

std::array<FeatureStatistics, 5> default_statistics(std::uint64_t rows, std::uint32_t fps, std::uint64_t episode,
                                                    std::uint64_t first_row, std::int64_t task_index) {
  return {
      series(rows, [&](std::uint64_t k) { return static_cast<double>(static_cast<float>(static_cast<double>(k) / fps)); }),
      series(rows, [&](std::uint64_t k) { return static_cast<double>(k); }),
      constant(rows, static_cast<double>(episode)),
      series(rows, [&](std::uint64_t k) { return static_cast<double>(first_row + k); }),
      constant(rows, static_cast<double>(task_index)),
  };
}

}  // namespace bagloom::dataset
