// H.264 packets with start codes (ITU H.264 annex B), as x264 gives them.
#pragma once

#include <vector>

#include "base/bytes.h"

namespace bagloom::media {

/// The same without supplemental enhancement information (NAL type 6).
std::vector<std::byte> without_sei(Bytes annex_b);

}  // namespace bagloom::media
