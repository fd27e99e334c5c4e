// LeRobot's code of depth: 12 bits between two distances, finer near than far (lerobot-format.md 6.7).
#pragma once

#include <cstdint>
#include <vector>

#include "base/result.h"

namespace bagloom::media {

/// Metres. LeRobot's own defaults.
struct DepthRange {
  double nearest = 0.01, farthest = 10.0;
  double shift = 3.5;  ///< in the logarithm
  bool operator==(const DepthRange&) const = default;
};
/// Error: invalid (not 0 <= nearest < farthest <= 65.535, whose millimetres fit 16 bits).
Status check_depth_range(const DepthRange& range);

class DepthQuantiser {
 public:
  static constexpr std::uint16_t kLargestCode = 4095;
  explicit DepthQuantiser(const DepthRange& range);

  /// Of a distance in metres; one beyond the range is its end. What is no distance (0 and below, NaN, infinity) is code 0: there
  /// is none for it, so that it comes back as the nearest distance.
  std::uint16_t code(double metres) const;
  /// What a reader gets of a code, rounded to whole millimetres as LeRobot rounds them.
  std::uint16_t millimetres(std::uint16_t code) const { return millimetres_[code]; }
  /// Metres that a distance within the range may be off by, after rounding to millimetres: near and far.
  double error_at(double metres) const;

 private:
  DepthRange range_;
  double first_ = 0, step_ = 0;  ///< of the logarithm
  std::vector<std::uint16_t> millimetres_;
};

}  // namespace bagloom::media
