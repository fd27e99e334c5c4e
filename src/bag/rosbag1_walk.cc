#include "bag/rosbag1_walk.h"

#include "bag/layout.h"
#include "bag/rosbag1_connection.h"

namespace bagloom::bag {
namespace {

/// A vector that grows stands in memory twice, and at twice its size afterwards.
Status check_growth(const Walk& walk, const ConnectionTable& connections, std::uint64_t begin, std::uint64_t end,
                    const WalkOptions& options) {
  OpenOptions limits;
  limits.memory_bytes = options.memory_bytes;
  const double share = static_cast<double>(walk.end - begin) / static_cast<double>(end - begin);
  return check_index_bytes(connections.bytes() + 3 * walk.entries.capacity() * sizeof(ChunkEntry), share, limits);
}

}  // namespace

Result<Walk> walk_records(ReadAhead& window, std::uint64_t begin, const WalkOptions& options, ConnectionTable& connections,
                          DamageLog& damage) {
  Walk walk;
  walk.end = begin;
  while (walk.end < window.limit() && walk.end - begin <= kMostChunkBytes) {
    const std::uint64_t at = walk.end;
    auto read = read_record_head(window, at);
    if (!read.ok()) {
      if (read.error().kind() != ErrorKind::corrupt) return std::move(read).error();
      walk.why_stopped = read.error().message();
      break;
    }
    const RecordHead& head = *read;
    if (options.stop_at_other_ops && head.op != kOpMessage && head.op != kOpConnection) break;
    if (head.end() > window.limit()) {
      walk.why_stopped = "the record at " + hex(at) + " is cut: " + std::to_string(head.data_bytes) + " bytes declared, " +
                         std::to_string(window.limit() - head.data_offset) + " there";
      break;
    }
    walk.end = head.end();
    const std::uint64_t file_offset = options.file_offset != 0 ? options.file_offset : at;
    if (head.op == kOpMessage) {
      const auto id = head.fields.u32("conn");
      const auto time = head.fields.time("time");
      if (!id || !time) {
        damage.add(file_offset, "a message without connection or time", true);
      } else if (options.keep_entries) {
        if (walk.entries.size() == walk.entries.capacity())
          RETURN_IF_ERROR(check_growth(walk, connections, begin, window.limit(), options));
        walk.entries.push_back({*time, static_cast<std::uint32_t>(at - begin), connections.slot_of(*id)});
      }
    } else if (head.op == kOpConnection) {
      if (head.data_bytes > kMaxConnectionBytes) {
        damage.add(file_offset, "a connection record of " + std::to_string(head.data_bytes) + " bytes", true);
        continue;
      }
      auto whole = read_whole_record(window, head);
      if (!whole.ok()) return std::move(whole).error();
      announce(whole->head, whole->data, file_offset, connections, damage);
      RETURN_IF_ERROR(check_growth(walk, connections, begin, window.limit(), options));
    }
  }
  return walk;
}

}  // namespace bagloom::bag
