// All messages of a bag in the order of time, from index records: a merge over chunks.
#pragma once

#include "bag/rosbag1_layout.h"

namespace bagloom::bag {

/// As BagReader::scan. Holds the entries of the chunks that overlap the current time, 32 bytes a message.
Status scan_layout(const Source& source, Layout& layout, std::uint32_t recording, const ConnectionSet& which,
                   const BagReader::Visit& visit);

/// Where a message lies: the chunk's number and the offset in the inflated chunk.
inline std::uint64_t locator_of(std::uint32_t chunk, std::uint32_t offset) { return std::uint64_t{chunk} << 32 | offset; }
inline std::uint32_t chunk_of(std::uint64_t locator) { return static_cast<std::uint32_t>(locator >> 32); }
inline std::uint32_t offset_of(std::uint64_t locator) { return static_cast<std::uint32_t>(locator); }

}  // namespace bagloom::bag
