// Finding messages without an index: from record header to record header (bag-formats.md 1.3, 1.6).
#pragma once

#include <string>
#include <vector>

#include "bag/chunk.h"
#include "bag/connection_table.h"
#include "bag/rosbag1_record.h"

namespace bagloom::bag {

struct WalkOptions {
  bool keep_entries = true;        ///< false: only the connections are wanted
  bool stop_at_other_ops = false;  ///< records at top level: the run ends where no message or connection stands
  std::uint64_t memory_bytes = 0;  ///< as in OpenOptions
  std::uint64_t file_offset = 0;   ///< of the chunk, for the damage log, where the window is over inflated bytes
};

struct Walk {
  std::vector<ChunkEntry> entries;  ///< by place
  std::uint64_t end = 0;            ///< behind the last whole record, in the window
  std::string why_stopped;          ///< empty: the limit, or another op, was reached between two records
};

/// Walks over records from `begin` to the window's limit; entry offsets count from `begin`. Connections are
/// announced as they come. Errors: io, over_limit.
Result<Walk> walk_records(ReadAhead& window, std::uint64_t begin, const WalkOptions& options, ConnectionTable& connections,
                          DamageLog& damage);

}  // namespace bagloom::bag
