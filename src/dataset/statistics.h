// Statistics as LeRobot wants them, bounded and mergeable. architecture.md section 5, lerobot-format.md section 5.
#pragma once

#include <cstdint>
#include <span>
#include <string>
#include <vector>

#include "base/result.h"
#include "media/picture_scaler.h"

namespace bagloom::dataset {

/// The ten numbers of one feature; every vector has one entry a component (camera: r, g, b, scaled to 0..1; depth: millimetres).
struct FeatureStatistics {
  std::vector<double> min, max, mean, std, q01, q10, q50, q90, q99;
  std::uint64_t count = 0;
};

/// Two passes over a feature's rows, in row order, in double; the same rows in blocks of any size give the same bits. Non-finite
/// numbers are left out of their component (count stays the number of rows, as LeRobot's); a component without finite numbers is
/// all 0. Takes 40 KB a component from the second pass on.
class VectorStatistics {
 public:
  explicit VectorStatistics(std::uint32_t width);
  /// First pass: minimum, maximum, mean, deviation. `rows` holds whole rows of `width` numbers.
  void measure(std::span<const float> rows);
  /// Second pass, after all of the first: 5,000 bins a component.
  void count(std::span<const float> rows);
  /// The same two passes for a column of doubles (timestamp, index, ... have width 1).
  void measure(std::span<const double> rows);
  void count(std::span<const double> rows);
  FeatureStatistics finish() const;

 private:
  template <class T>
  void measure_rows(std::span<const T> rows);
  template <class T>
  void count_rows(std::span<const T> rows);

  std::uint32_t width_;
  std::uint64_t rows_ = 0;
  std::vector<std::uint64_t> finite_;
  std::vector<double> min_, max_, mean_, squares_;  ///< squares: of the differences from the mean
  std::vector<std::uint64_t> bins_;
};

/// From exact counts of 8-bit values, or of millimetres; `count` is the number of pictures.
FeatureStatistics statistics_of(const media::RgbHistogram& histogram);

}  // namespace bagloom::dataset
