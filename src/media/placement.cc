#include "media/placement.h"

#include <algorithm>
#include <cmath>
#include <string>

namespace bagloom::media {
namespace {

/// `length` scaled by to/from, rounded to the nearest even number, at least 2.
std::uint32_t even(double length) { return std::max(2u, 2u * static_cast<std::uint32_t>(std::lround(length / 2))); }

}  // namespace

std::string size_text(std::uint32_t width, std::uint32_t height) { return std::to_string(width) + "x" + std::to_string(height); }

Result<Placement> place(std::uint32_t width, std::uint32_t height, const ScaleTarget& target) {
  Placement all{{0, 0, width, height}, {0, 0, target.width, target.height}};
  const double wide = static_cast<double>(width) / target.width, high = static_cast<double>(height) / target.height;
  switch (target.fit) {
    case ScaleFit::stretch: return all;
    case ScaleFit::none: {
      // The same shape, up to the rounding of a target to whole pixels.
      const double off = std::abs(height / wide - target.height);
      if (off >= 1.0) {
        return Error(ErrorKind::invalid,
                     size_text(width, height) + " to " + size_text(target.width, target.height) + " changes the picture's shape")
            .fix("choose fit: stretch, pad or crop");
      }
      return all;
    }
    case ScaleFit::pad: {
      const double ratio = std::max(wide, high);
      all.to.width = std::min(target.width, even(width / ratio));
      all.to.height = std::min(target.height, even(height / ratio));
      all.to.x = (target.width - all.to.width) / 2 & ~1u;
      all.to.y = (target.height - all.to.height) / 2 & ~1u;
      return all;
    }
    case ScaleFit::crop: {
      const double ratio = std::min(wide, high);
      all.from.width = std::min(width, even(target.width * ratio));
      all.from.height = std::min(height, even(target.height * ratio));
      // Multiples of 4: 4:1:1 shares a colour sample between four columns.
      all.from.x = (width - all.from.width) / 2 & ~3u;
      all.from.y = (height - all.from.height) / 2 & ~1u;
      return all;
    }
  }
  return all;
}

}  // namespace bagloom::media
