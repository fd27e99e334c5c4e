// JPEG's full range to video's limited range, pixel by pixel, where neither size nor layout changes.
#pragma once

#include "media/picture.h"

namespace bagloom::media {

/// Whether limit_range can stand in for a scaling pass.
bool can_limit_range(PixelFormat in, PixelFormat out);

/// Writes `in` (yuv420p_full) into `out` (yuv420p), each sample rounded to the nearest: y' = 16 + 219 y / 255,
/// c' = 128 + 224 (c - 128) / 255 (ITU-T T.871 to BT.601). Reshapes `out`. Error: as Picture::reshape.
Status limit_range(const Picture& in, Picture& out);

}  // namespace bagloom::media
