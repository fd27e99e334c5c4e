#include "bag/rosbag1_chunk_index.h"

#include <algorithm>

#include "bag/layout.h"
#include "bag/rosbag1_record.h"
#include "base/cursor.h"

namespace bagloom::bag {
namespace {

constexpr std::uint64_t kEntryBytes = 12;
constexpr std::uint64_t kEntryMemory = 2 * sizeof(ChunkEntry) + sizeof(IndexedMessage);

/// Adds the entries of one index data record, or says why they cannot be right.
std::string add_entries(Bytes data, std::uint32_t slot, const Chunk& chunk, std::vector<ChunkEntry>& entries) {
  for (; data.size() >= kEntryBytes; data = data.subspan(kEntryBytes)) {
    const auto offset = Cursor::load<std::uint32_t>(data.subspan(8));
    if (offset >= chunk.bytes || chunk.bytes - offset < kMinMessageRecordBytes)
      return "an entry points to " + hex(offset) + ", outside the chunk of " + std::to_string(chunk.bytes) + " bytes";
    entries.push_back({load_ros_time(data), offset, slot});
  }
  return {};
}

}  // namespace

Result<ChunkIndex> read_chunk_index(ReadAhead& window, const Chunk& chunk, ConnectionTable& connections,
                                    const OpenOptions& limits) {
  ChunkIndex index;
  index.end = chunk.index_offset;
  const std::uint64_t most = chunk.bytes / kMinMessageRecordBytes;
  const auto unusable = [&index](const std::string& why) {
    if (index.why_not.empty()) index.why_not = why;
    index.entries.clear();
  };
  while (index.end < window.limit()) {
    auto head = read_record_head(window, index.end);
    if (!head.ok()) {
      if (head.error().kind() != ErrorKind::corrupt) return std::move(head).error();
      // Zero bytes, the end of the file within a header, garbage: the caller says what stands here.
      break;
    }
    if (head->op != kOpIndexData) {
      index.followed = true;
      break;
    }
    index.present = true;
    const auto count = head->fields.u32("count");
    const auto id = head->fields.u32("conn");
    if (!count || !id || head->fields.u32("ver") != 1u) {
      unusable("an index data record of an unknown version, or without connection or count");
      if (head->end() > window.limit()) break;
      index.end = head->end();
      continue;
    }
    // Very old tools wrote a wrong data_len: the count is what holds (bag-formats.md 1.6).
    const std::uint64_t bytes = std::uint64_t{*count} * kEntryBytes;
    if (bytes > window.limit() - head->data_offset) {
      unusable("an index data record is cut");
      break;
    }
    index.end = head->data_offset + bytes;
    if (!index.why_not.empty()) continue;
    if (index.entries.size() + *count > most) {
      unusable("more entries than the chunk could hold");
      continue;
    }
    // The record, its entries, and what scan makes of them.
    const std::uint64_t held = (index.entries.size() + *count) * kEntryMemory + bytes;
    if (*count > 4096) RETURN_IF_ERROR(check_index_bytes(held, 1, limits));
    index.connections += *count * tally_of(*id);
    const std::uint32_t slot = connections.slot_of(*id);
    ASSIGN_OR_RETURN(const Bytes data, window.peek(head->data_offset, bytes));
    std::string why = data.size() < bytes ? "an index data record is cut" : add_entries(data, slot, chunk, index.entries);
    if (!why.empty()) unusable(why);
  }
  if (index.why_not.empty()) index.repeated = sort_by_place(index.entries);
  return index;
}

}  // namespace bagloom::bag
