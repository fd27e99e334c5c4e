// Where a picture of one shape is put into another: shared by the scalers of colour and of depth.
#pragma once

#include <cstdint>
#include <string>

#include "base/result.h"
#include "media/picture_scaler.h"

namespace bagloom::media {

struct Rectangle {
  std::uint32_t x = 0, y = 0, width = 0, height = 0;
  bool operator==(const Rectangle&) const = default;
};

/// Where in the input the picture is taken from (crop) and where in the output it is put (pad).
struct Placement {
  Rectangle from, to;
};

/// "848x480"
std::string size_text(std::uint32_t width, std::uint32_t height);

/// Error: invalid where the aspect ratio would change and fit is none.
Result<Placement> place(std::uint32_t width, std::uint32_t height, const ScaleTarget& target);

}  // namespace bagloom::media
