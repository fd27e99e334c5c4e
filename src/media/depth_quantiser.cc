#include "media/depth_quantiser.h"

#include <algorithm>
#include <cmath>

namespace bagloom::media {

Status check_depth_range(const DepthRange& range) {
  if (range.nearest >= 0 && range.nearest < range.farthest && range.farthest <= 65.535 && range.nearest + range.shift > 0)
    return {};
  return Error(ErrorKind::invalid, "a range of depth goes from 0 or more to at most 65.535 metres");
}

DepthQuantiser::DepthQuantiser(const DepthRange& range)
    : range_(range),
      first_(std::log(range.nearest + range.shift)),
      step_((std::log(range.farthest + range.shift) - first_) / kLargestCode),
      millimetres_(kLargestCode + 1) {
  for (std::uint32_t code = 0; code <= kLargestCode; ++code) {
    const double metres = std::clamp(std::exp(code * step_ + first_) - range.shift, range.nearest, range.farthest);
    millimetres_[code] = static_cast<std::uint16_t>(std::nearbyint(metres * 1000));
  }
}

std::uint16_t DepthQuantiser::code(double metres) const {
  if (!std::isfinite(metres) || metres <= range_.nearest) return 0;
  if (metres >= range_.farthest) return kLargestCode;
  return static_cast<std::uint16_t>(
      std::clamp(std::nearbyint((std::log(metres + range_.shift) - first_) / step_), 0.0, double{kLargestCode}));
}

double DepthQuantiser::error_at(double metres) const {
  // Half a step of the logarithm, and half a millimetre.
  return (metres + range_.shift) * (std::exp(step_ / 2) - 1) + 0.0005;
}

}  // namespace bagloom::media
