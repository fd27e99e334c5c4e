// The records at index_pos: connections, and where each chunk is (bag-formats.md 1.1, 1.5).
#pragma once

#include <string>
#include <vector>

#include "bag/connection_table.h"
#include "bag/rosbag1_file_header.h"
#include "base/result.h"

namespace bagloom::bag {

struct ChunkPlace {
  std::uint64_t offset = 0;
  std::uint64_t messages = 0;     ///< as the chunk info says; it may lie
  std::uint64_t connections = 0;  ///< the sum of tally_of over those messages
};

struct IndexSection {
  bool usable = false;
  std::string why_not;             ///< empty where there is none at all (index_pos 0)
  std::vector<ChunkPlace> chunks;  ///< by offset; hints only: each is checked where it is used
};

/// Announces the section's connections. Never trusts it: chunks are found by walking over their headers,
/// and these places only say where to go on behind damage, and how many messages to expect.
/// Errors: io, over_limit.
Result<IndexSection> read_index_section(const Source& source, const FileHeader& header, const OpenOptions& options,
                                        ConnectionTable& connections, DamageLog& damage);

}  // namespace bagloom::bag
