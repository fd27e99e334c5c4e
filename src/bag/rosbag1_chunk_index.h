// A chunk's own index data records, behind the chunk (bag-formats.md 1.2, op 0x04).
#pragma once

#include <string>
#include <vector>

#include "bag/chunk.h"
#include "bag/connection_table.h"
#include "bag/read_ahead.h"
#include "base/result.h"

namespace bagloom::bag {

struct ChunkIndex {
  std::vector<ChunkEntry> entries;  ///< by place, each place once
  std::uint64_t end = 0;            ///< behind the last index data record, also where they are not usable
  std::uint64_t connections = 0;    ///< the sum of tally_of over all entries
  std::size_t repeated = 0;         ///< entries that named a place a second time
  bool present = false;
  bool followed = false;  ///< another sound record stands behind them: none of them is missing
  std::string why_not;    ///< empty: usable
};

/// Reads the index data records that begin at `chunk.index_offset`. An entry outside the chunk, a count that
/// the chunk cannot hold, an unknown version or a cut record make the index unusable.
/// Errors: io, over_limit.
Result<ChunkIndex> read_chunk_index(ReadAhead& window, const Chunk& chunk, ConnectionTable& connections,
                                    const OpenOptions& limits = {});

}  // namespace bagloom::bag
