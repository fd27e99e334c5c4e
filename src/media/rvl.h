// RVL, the lossless depth code of compressed_depth_image_transport (bag-formats.md 7.4).
#pragma once

#include "base/bytes.h"
#include "base/result.h"
#include "media/picture.h"

namespace bagloom::media {

struct RvlHeader {
  std::uint32_t width = 0, height = 0;
};
/// The two numbers before the stream. Error: corrupt (too short, sizes beyond the caps).
Result<RvlHeader> read_rvl_header(Bytes rvl);

/// Into gray16. Error: corrupt (the stream ends early, or has more pixels than its header says). Allocates the picture only.
Status decode_rvl(Bytes rvl, Picture& out);

}  // namespace bagloom::media
