// Where a chunk lies and which messages are in it.
#pragma once

#include <vector>

#include "bag/codec.h"
#include "base/time.h"

namespace bagloom::bag {

/// One message of a chunk, as an index record or a walk gives it.
struct ChunkEntry {
  TimeNs time = 0;
  std::uint32_t offset = 0;  ///< in the inflated chunk
  std::uint32_t slot = 0;    ///< ConnectionTable
};

/// About 90 bytes a chunk are all that an open bag keeps of it, unless it had to be walked.
struct Chunk {
  std::uint64_t record_offset = 0;  ///< of the chunk record; of the first record where messages follow without one
  std::uint64_t data_offset = 0;
  std::uint64_t stored_bytes = 0;  ///< in the file
  std::uint64_t bytes = 0;         ///< inflated
  std::uint64_t index_offset = 0;  ///< of its index data records
  std::uint64_t index_end = 0;     ///< behind them
  TimeNs first = 0;                ///< actual times, whatever its chunk info says
  TimeNs last = 0;
  std::uint32_t messages = 0;
  Compression compression = Compression::none;
  bool partial = false;  ///< its compressed stream is cut
  bool walked = false;   ///< its entries are kept: there is no usable index
};

/// Sorts by place and drops entries for the same place; returns how many were dropped.
std::size_t sort_by_place(std::vector<ChunkEntry>& entries);

}  // namespace bagloom::bag
