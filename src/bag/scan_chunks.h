// All messages of a file of chunks in the order of time, from index records: a merge over chunks.
#pragma once

#include <functional>

#include "bag/layout.h"

namespace bagloom::bag {

/// The entries of one chunk that was not walked, by place. Called again for the same chunk where many chunks overlap in time.
using LoadEntries = std::function<Result<std::vector<ChunkEntry>>(std::uint32_t chunk)>;

/// As BagReader::scan. Holds the entries of the chunks that overlap the current time, 24 bytes each, while they are few; where
/// more chunks overlap than `scan_bytes` allows for, a chunk's entries are taken in pieces and its index is read once a piece.
Status scan_chunks(const Layout& layout, const LoadEntries& load, std::uint32_t recording, const ConnectionSet& which,
                   const BagReader::Visit& visit);

/// What a scan holds at most, about.
std::uint64_t scan_bytes(const std::vector<Chunk>& chunks);

}  // namespace bagloom::bag
