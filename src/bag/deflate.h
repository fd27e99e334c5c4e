// Compression of one chunk, as ROS 1 recorders do it (bag-formats.md 1.4).
#pragma once

#include <vector>

#include "bag/codec.h"
#include "base/bytes.h"
#include "base/result.h"

namespace bagloom::bag {

/// lz4: one frame of independent blocks of at most 1 MiB with a checksum of the content; bz2: one stream.
Result<std::vector<std::byte>> deflate(Compression compression, Bytes bytes);

}  // namespace bagloom::bag
