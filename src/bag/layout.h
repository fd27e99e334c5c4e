// Where everything in a file of chunks is: what opening finds and scan and fetch use (bag-formats.md 1.5, 3.4).
#pragma once

#include <functional>
#include <optional>
#include <unordered_map>
#include <vector>

#include "bag/bag_reader.h"
#include "bag/chunk.h"
#include "bag/connection_table.h"

namespace bagloom::bag {

/// Where a chunk has messages of a connection that are older than ones in earlier chunks.
struct LateChunk {
  std::uint32_t chunk = 0;
  std::uint32_t slot = 0;
  TimeNs latest_before = 0;
};

struct Layout {
  static constexpr std::uint32_t kNoConnection = 0xffffffffu;

  BagInfo info;
  std::vector<Chunk> chunks;                                          ///< by place
  std::unordered_map<std::uint32_t, std::vector<ChunkEntry>> walked;  ///< of chunks without a usable index
  std::vector<LateChunk> late;                                        ///< by chunk
  ConnectionTable connections;
  std::vector<std::uint32_t> connection_of_slot;   ///< into info.connections, or kNoConnection
  std::uint64_t walked_entries = 0;                ///< of all `walked` chunks
  std::optional<std::uint64_t> declared_messages;  ///< by the file itself, of all chunks that are here
  std::uint64_t declared_at = 0;                   ///< where it says so

  /// Resident bytes, about, with what the caller takes for connections.
  std::uint64_t bytes() const {
    return connections.bytes() + busy_connections_ * busy_connection_bytes_ + chunks.capacity() * sizeof(Chunk) +
           late.capacity() * sizeof(LateChunk) + walked_entries * sizeof(ChunkEntry);
  }
  /// Counts what OpenOptions says of connections.
  void count_for_caller(const OpenOptions& options) {
    connections.count_for_caller(options.connection_bytes);
    busy_connection_bytes_ = options.busy_connection_bytes;
  }

  /// Adds the next chunk in the file and counts its entries, which are by place. They are not kept.
  void add(Chunk chunk, const std::vector<ChunkEntry>& entries);
  /// The same for a chunk without a usable index: its entries are kept.
  void add_walked(Chunk chunk, std::vector<ChunkEntry> entries);

  /// What is wrong with declared_messages, if anything is.
  std::optional<Damage> wrong_count() const;

  /// Counts all messages anew, also those in `info`, where entries of chunks that were not walked are others than those that were
  /// added. Errors: those of `entries_of`.
  Status recount(const std::function<Result<std::vector<ChunkEntry>>(std::uint32_t chunk)>& entries_of);

 private:
  /// Counts the entries of a chunk that stands behind all those that were counted.
  void count(std::uint32_t number, const std::vector<ChunkEntry>& entries);

  std::uint64_t busy_connections_ = 0;  ///< that have two messages
  std::uint64_t busy_connection_bytes_ = 0;
};

/// Whether opening may hold so many bytes, `share` (0 to 1) of the index being read. Error: over_limit, with about what all of
/// it takes.
Status check_index_bytes(std::uint64_t bytes, double share, const OpenOptions& options);

/// Once all chunks are added: orders the connections and sums up in `info`. Messages of a connection that was nowhere announced
/// are left out, which is damage. `index` is what info.index says where no chunk was walked. Error: over_limit.
Status complete(Layout& layout, IndexState index, const OpenOptions& options, DamageLog& damage);

}  // namespace bagloom::bag
