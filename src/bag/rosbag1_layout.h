// Where everything in a bag is: what opening finds and scan and fetch use (bag-formats.md 1.5, 1.6).
#pragma once

#include <unordered_map>
#include <vector>

#include "bag/bag_reader.h"
#include "bag/rosbag1_chunk.h"
#include "bag/rosbag1_connection.h"
#include "bag/rosbag1_file_header.h"

namespace bagloom::bag {

/// Where a chunk has messages of a connection that are older than ones in earlier chunks.
struct LateChunk {
  std::uint32_t chunk = 0;
  std::uint32_t slot = 0;
  TimeNs latest_before = 0;
};

struct Layout {
  static constexpr std::uint32_t kNoConnection = 0xffffffffu;

  FileHeader header;
  BagInfo info;
  std::vector<Chunk> chunks;                                          ///< by place
  std::unordered_map<std::uint32_t, std::vector<ChunkEntry>> walked;  ///< of chunks without a usable index
  std::vector<LateChunk> late;                                        ///< by chunk
  ConnectionTable connections;
  std::vector<std::uint32_t> connection_of_slot;  ///< into info.connections, or kNoConnection
  std::uint64_t walked_entries = 0;               ///< of all `walked` chunks

  /// Resident bytes, about.
  std::uint64_t bytes() const {
    return connections.bytes() + chunks.capacity() * sizeof(Chunk) + late.capacity() * sizeof(LateChunk) +
           walked_entries * sizeof(ChunkEntry);
  }
};

/// Whether opening may hold so many bytes, `share` (0 to 1) of the index being read. Error: over_limit, with about what all of
/// it takes.
Status check_index_bytes(std::uint64_t bytes, double share, const OpenOptions& options);

/// Reads headers and index records; inflates only what has no index. What is damaged goes into info.damage.
/// Errors: unreadable (header), io, over_limit.
Result<Layout> read_layout(const Source& source, const OpenOptions& options);

/// The entries of one chunk, by place: kept ones, or read again. Errors: io; corrupt where the file changed.
Result<std::vector<ChunkEntry>> load_entries(const Source& source, Layout& layout, std::uint32_t chunk);

/// Record sizes are what lies between two places: an upper bound where a connection record lies between.
inline std::uint64_t entry_bytes(const Chunk& chunk, const std::vector<ChunkEntry>& entries, std::size_t i) {
  return (i + 1 < entries.size() ? entries[i + 1].offset : chunk.bytes) - entries[i].offset;
}

}  // namespace bagloom::bag
