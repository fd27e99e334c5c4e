// The message index records behind a chunk, op 0x07 (bag-formats.md 3.1).
#pragma once

#include <string>
#include <vector>

#include "bag/chunk.h"
#include "bag/connection_table.h"
#include "bag/mcap_record.h"

namespace bagloom::bag::mcap {

struct MessageIndex {
  std::vector<ChunkEntry> entries;  ///< by place, each place once
  std::uint64_t end = 0;            ///< behind the last record, also where they are not usable
  std::uint64_t records = 0;        ///< one a channel
  std::uint64_t channels = 0;       ///< the sum of their tally_of
  std::uint64_t used_channels = 0;  ///< the same, without those that have no entries
  std::size_t repeated = 0;         ///< entries that named a place a second time
  bool followed = false;            ///< another sound record stands behind them: none of them is missing
  std::string why_not;              ///< empty: usable
};

/// Reads the records that begin at `chunk.index_offset`. An entry outside the chunk, more of them than the chunk can hold, or a
/// cut record make the index unusable. Errors: io, over_limit.
Result<MessageIndex> read_message_index(ReadAhead& window, const Chunk& chunk, ConnectionTable& connections,
                                        const OpenOptions& limits = {});

}  // namespace bagloom::bag::mcap
