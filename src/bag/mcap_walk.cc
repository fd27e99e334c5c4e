#include "bag/mcap_walk.h"

#include <algorithm>

#include "bag/layout.h"

namespace bagloom::bag::mcap {
namespace {

bool is_message_or_description(std::uint8_t op) { return op == kOpMessage || op == kOpSchema || op == kOpChannel; }

/// A vector that grows stands in memory twice, and at twice its size afterwards.
Status check_growth(const Walk& walk, const ConnectionTable& connections, const Channels& channels, double share,
                    const WalkOptions& options) {
  OpenOptions limits;
  limits.memory_bytes = options.memory_bytes;
  return check_index_bytes(connections.bytes() + channels.bytes() + 3 * walk.entries.capacity() * sizeof(ChunkEntry), share,
                           limits);
}

}  // namespace

Result<Walk> walk_records(ReadAhead& window, std::uint64_t begin, const WalkOptions& options, ConnectionTable& connections,
                          Channels& channels, DamageLog& damage) {
  Walk walk;
  walk.end = begin;
  while (walk.end < window.limit()) {
    const std::uint64_t at = walk.end;
    auto record = read_record(window, at);
    if (!record.ok()) {
      if (record.error().kind() != ErrorKind::corrupt) return std::move(record).error();
      walk.why_stopped = record.error().message();
      break;
    }
    if (options.at_top_level && !is_message_or_description(record->op)) break;
    if (!record->fits(window.limit())) {
      walk.why_stopped = "the record at " + hex(at) + " is cut: " + std::to_string(record->data_bytes) + " bytes declared, " +
                         std::to_string(window.limit() - record->data_offset) + " there";
      break;
    }
    if (options.at_top_level && at > begin && record->end() - begin > kRunBytes) break;
    walk.end = record->end();
    const std::uint64_t file_offset = options.file_offset != 0 ? options.file_offset : at;
    const double share = static_cast<double>(walk.end - begin) / static_cast<double>(window.limit() - begin);
    if (record->op == kOpMessage) {
      ASSIGN_OR_RETURN(const Bytes head, window.peek(record->data_offset, std::min(record->data_bytes, kMessageFieldsBytes)));
      if (head.size() < kMessageFieldsBytes) {
        damage.add(file_offset, "a message record of " + std::to_string(record->data_bytes) + " bytes", true);
        continue;
      }
      const MessageFields fields = load_message_fields(head);
      if (!is_time(fields.log_time)) {
        damage.add(file_offset, "a message with a time beyond the year 2262", true);
      } else if (options.keep_entries) {
        if (walk.entries.size() == walk.entries.capacity())
          RETURN_IF_ERROR(check_growth(walk, connections, channels, share, options));
        walk.entries.push_back(
            {static_cast<TimeNs>(fields.log_time), static_cast<std::uint32_t>(at - begin), connections.slot_of(fields.channel)});
      }
    } else if (record->op == kOpSchema || record->op == kOpChannel) {
      auto content = read_content(window, *record, kMaxDescriptionBytes);
      if (!content.ok()) {
        if (content.error().kind() != ErrorKind::corrupt) return std::move(content).error();
        damage.add(file_offset, content.error().message(), true);
        continue;
      }
      if (record->op == kOpSchema)
        channels.add_schema(*content, file_offset);
      else
        channels.add_channel(*content, file_offset);
      RETURN_IF_ERROR(check_growth(walk, connections, channels, share, options));
    } else if (record->op == kOpChunk) {
      damage.add(file_offset, "a chunk inside a chunk: left out", true);
    }
  }
  return walk;
}

}  // namespace bagloom::bag::mcap
