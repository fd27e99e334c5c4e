// An MCAP file's layout (bag-formats.md 3.4, 3.5).
#pragma once

#include "bag/layout.h"

namespace bagloom::bag::mcap {

struct McapLayout : Layout {
  std::uint64_t header_end = 0;
  std::uint64_t summary_begin = 0;  ///< 0: there is none, or it is not usable
};

/// Reads header, summary and index records; inflates only what has no index. What is damaged goes into info.damage.
/// Errors: unreadable (cut within the header), io, over_limit.
Result<McapLayout> read_layout(const Source& source, const OpenOptions& options);

/// The entries of one chunk that was not walked, by place, read again. Errors: io; corrupt where the file changed.
Result<std::vector<ChunkEntry>> load_entries(const Source& source, Layout& layout, std::uint32_t chunk);

}  // namespace bagloom::bag::mcap
