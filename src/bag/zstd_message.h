// Messages that are zstd frames each (rosbag2's compression mode MESSAGE, bag-formats.md 4.3).
#pragma once

#include <memory>

#include "bag/bag_reader.h"

namespace bagloom::bag {

/// Bytes of a frame's beginning that inflated_bound may need.
inline constexpr std::size_t kZstdHeadBytes = 18;

/// Whether a CDR message is a frame: its body would begin with 00 00 to 00 0b.
bool is_zstd_frame(Bytes head);

/// What the frame may become, of `stored` bytes and no more than its `head` read: what it declares, or 64 times its size (at
/// least 1 MiB) where it declares nothing. 0 where it declares more than so few bytes can become.
std::uint64_t inflated_bound(Bytes head, std::uint64_t stored);

/// What a decompressor holds while it works.
inline constexpr std::uint64_t kZstdWorkingBytes = 160 * 1024;

/// The inflated frame. Errors: corrupt (a broken frame, or one that becomes more than inflated_bound or `most` bytes).
Result<Payload> inflate_zstd_message(Bytes frame, std::uint64_t most);

}  // namespace bagloom::bag
