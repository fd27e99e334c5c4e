#include "bag/mcap_message_index.h"

#include <algorithm>

#include "bag/layout.h"

namespace bagloom::bag::mcap {
namespace {

constexpr std::uint64_t kEntryBytes = 16;
constexpr std::uint64_t kFieldsBytes = 6;  // channel, byte length of the entries
constexpr std::uint64_t kEntryMemory = 2 * sizeof(ChunkEntry) + 24;

/// Adds the entries of one record, or says why they cannot be right.
std::string add_entries(Bytes data, std::uint32_t slot, const Chunk& chunk, std::vector<ChunkEntry>& entries) {
  for (; data.size() >= kEntryBytes; data = data.subspan(kEntryBytes)) {
    const auto time = Cursor::load<std::uint64_t>(data);
    const auto offset = Cursor::load<std::uint64_t>(data.subspan(8));
    if (offset >= chunk.bytes || chunk.bytes - offset < kMinMessageRecordBytes)
      return "an entry points to " + hex(offset) + ", outside the chunk of " + std::to_string(chunk.bytes) + " bytes";
    if (!is_time(time)) return "an entry has a time beyond the year 2262";
    entries.push_back({static_cast<TimeNs>(time), static_cast<std::uint32_t>(offset), slot});
  }
  return {};
}

}  // namespace

Result<MessageIndex> read_message_index(ReadAhead& window, const Chunk& chunk, ConnectionTable& connections,
                                        const OpenOptions& limits) {
  MessageIndex index;
  index.end = chunk.index_offset;
  const std::uint64_t most = chunk.bytes / kMinMessageRecordBytes;
  const auto unusable = [&index](const std::string& why) {
    if (index.why_not.empty()) index.why_not = why;
    index.entries.clear();
  };
  while (index.end < window.limit()) {
    auto record = read_record(window, index.end);
    if (!record.ok()) {
      if (record.error().kind() != ErrorKind::corrupt) return std::move(record).error();
      break;  // garbage, or the end of the file: the caller says what stands here
    }
    if (record->op != kOpMessageIndex) {
      index.followed = record->fits(window.limit());
      break;
    }
    if (!record->fits(window.limit())) {
      ++index.records;
      unusable("a message index record is cut");
      break;
    }
    ++index.records;
    index.end = record->end();
    if (!index.why_not.empty()) continue;
    ASSIGN_OR_RETURN(const Bytes fields, window.peek(record->data_offset, std::min(record->data_bytes, kFieldsBytes)));
    if (fields.size() < kFieldsBytes) {
      unusable("a message index record of " + std::to_string(record->data_bytes) + " bytes");
      continue;
    }
    const auto channel = Cursor::load<std::uint16_t>(fields);
    const std::uint64_t bytes = Cursor::load<std::uint32_t>(fields.subspan(2));
    if (bytes > record->data_bytes - kFieldsBytes || bytes % kEntryBytes != 0) {
      unusable("a message index record whose lengths do not fit");
      continue;
    }
    const std::uint64_t count = bytes / kEntryBytes;
    index.channels += tally_of(channel);
    if (count > 0) index.used_channels += tally_of(channel);
    if (index.entries.size() + count > most) {
      unusable("more entries than the chunk could hold");
      continue;
    }
    if (count > 4096) RETURN_IF_ERROR(check_index_bytes((index.entries.size() + count) * kEntryMemory + bytes, 1, limits));
    if (count == 0) continue;  // some writers have them for channels without messages in this chunk
    const std::uint32_t slot = connections.slot_of(channel);
    ASSIGN_OR_RETURN(const Bytes data, window.peek(record->data_offset + kFieldsBytes, bytes));
    const std::string why = data.size() < bytes ? "a message index record is cut" : add_entries(data, slot, chunk, index.entries);
    if (!why.empty()) unusable(why);
  }
  if (index.why_not.empty()) index.repeated = sort_by_place(index.entries);
  return index;
}

}  // namespace bagloom::bag::mcap
