// Where a chunk lies and which messages are in it, for all formats that have chunks.
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
  bool operator==(const ChunkEntry&) const = default;
};

/// Locators and entries have 32 bits for an offset in a chunk: a chunk is not larger.
inline constexpr std::uint64_t kMostChunkBytes = 0xffffffffull;

/// About 90 bytes a chunk are all that an open bag keeps of it, unless it had to be walked. Messages that lie in the file
/// without a chunk around them are kept as chunks too, without compression.
struct Chunk {
  std::uint64_t record_offset = 0;  ///< of the chunk record; of the first record where messages follow without one
  std::uint64_t data_offset = 0;
  std::uint64_t stored_bytes = 0;  ///< in the file
  std::uint64_t bytes = 0;         ///< inflated
  std::uint64_t index_offset = 0;  ///< of its index records
  std::uint64_t index_end = 0;     ///< behind them
  TimeNs first = 0;                ///< actual times, whatever the file's index says
  TimeNs last = 0;
  std::uint32_t messages = 0;
  std::uint32_t crc = 0;  ///< CRC-32 of the inflated bytes; 0: none was written
  Compression compression = Compression::none;
  bool partial = false;  ///< its compressed stream is cut
  bool walked = false;   ///< its entries are kept: there is no usable index
};

/// For sums over connections, or messages of them, in any order: two sums that are equal are of the same ones.
constexpr std::uint64_t tally_of(std::uint32_t connection) {
  std::uint64_t bits = connection + 0x9e3779b97f4a7c15ull;  // splitmix64: neighbours have nothing in common
  bits = (bits ^ bits >> 30) * 0xbf58476d1ce4e5b9ull;
  bits = (bits ^ bits >> 27) * 0x94d049bb133111ebull;
  return bits ^ bits >> 31;
}

/// Sorts by place and drops entries for the same place; returns how many were dropped.
std::size_t sort_by_place(std::vector<ChunkEntry>& entries);

/// Whether an index says something else than the records from a chunk's beginning; they may end before the chunk does, where one
/// cannot be read. Both by place.
bool contradicts(const std::vector<ChunkEntry>& index, const std::vector<ChunkEntry>& records, bool whole);

/// Record sizes are what lies between two places: an upper bound where another record lies between.
inline std::uint64_t entry_bytes(const Chunk& chunk, const std::vector<ChunkEntry>& entries, std::size_t i) {
  return (i + 1 < entries.size() ? entries[i + 1].offset : chunk.bytes) - entries[i].offset;
}

/// MessageRef::locator: the chunk's number and the offset in the inflated chunk.
inline std::uint64_t locator_of(std::uint32_t chunk, std::uint32_t offset) { return std::uint64_t{chunk} << 32 | offset; }
inline std::uint32_t chunk_of(std::uint64_t locator) { return static_cast<std::uint32_t>(locator >> 32); }
inline std::uint32_t offset_of(std::uint64_t locator) { return static_cast<std::uint32_t>(locator); }

/// What a message record should be, where an index says that it stands.
struct MessagePlace {
  std::uint64_t base = 0;        ///< where the chunk's data begins in the source that is read
  std::uint64_t offset = 0;      ///< in the chunk
  std::uint64_t end = 0;         ///< no byte of the record lies at or behind this, in that source
  std::uint32_t connection = 0;  ///< the file's number
  TimeNs time = 0;
};

}  // namespace bagloom::bag
