// Finding messages without an index: from record to record (bag-formats.md 3.1, 3.5).
#pragma once

#include <string>
#include <vector>

#include "bag/chunk.h"
#include "bag/mcap_channels.h"
#include "bag/mcap_record.h"

namespace bagloom::bag::mcap {

struct WalkOptions {
  bool keep_entries = true;        ///< false: only schemas and channels are wanted
  bool at_top_level = false;       ///< the walk ends where no schema, channel or message stands, and after kRunBytes
  std::uint64_t memory_bytes = 0;  ///< as in OpenOptions
  std::uint64_t file_offset = 0;   ///< of the chunk, for the damage log, where the window is over inflated bytes
};

/// Messages outside of chunks are taken in runs of about this size, so that a scan merges them like chunks.
inline constexpr std::uint64_t kRunBytes = 1u << 20;

struct Walk {
  std::vector<ChunkEntry> entries;  ///< by place
  std::uint64_t end = 0;            ///< behind the last whole record, in the window
  std::string why_stopped;          ///< empty: the limit, or another record, was reached between two records
};

/// Walks over records from `begin` to the window's limit; entry offsets count from `begin`. Errors: io, over_limit.
Result<Walk> walk_records(ReadAhead& window, std::uint64_t begin, const WalkOptions& options, ConnectionTable& connections,
                          Channels& channels, DamageLog& damage);

}  // namespace bagloom::bag::mcap
