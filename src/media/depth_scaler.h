// Depth as decoded to depth as stored: another size without mixing distances, millimetres or LeRobot's codes.
#pragma once

#include <memory>
#include <optional>

#include "media/depth_quantiser.h"
#include "media/picture_scaler.h"

namespace bagloom::media {

struct DepthTarget {
  std::uint32_t width = 0, height = 0;
  ScaleFit fit = ScaleFit::none;
  double unit = 0.001;              ///< metres that 1 of gray16 stands for
  std::optional<DepthRange> range;  ///< given: gray12, codes; else gray16, millimetres, 0 where nothing was measured
  double float_unit = 1;            ///< metres that 1.0 of grayf32 stands for
};

/// Takes gray16 and grayf32; every pixel of the output is one of the input (nearest), so that no distance is made up between two.
/// What a pad adds is 0. Distances beyond 65.535 m have no millimetres of 16 bits and become 0. Not thread-safe.
std::unique_ptr<PictureScaler> make_depth_scaler(const DepthTarget& target);

}  // namespace bagloom::media
