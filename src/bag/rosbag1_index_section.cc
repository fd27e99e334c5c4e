#include "bag/rosbag1_index_section.h"

#include <algorithm>

#include "bag/layout.h"
#include "bag/rosbag1_connection.h"
#include "base/cursor.h"

namespace bagloom::bag {
namespace {

/// The chunk that one chunk info record speaks of.
bool read_chunk_info(const RecordHead& head, Bytes data, ChunkPlace& place) {
  const auto position = head.fields.u64("chunk_pos");
  const auto count = head.fields.u32("count");
  if (!position || !count || head.fields.u32("ver") != 1u || data.size() / 8 < *count) return false;
  place.offset = *position;
  for (std::uint32_t i = 0; i < *count; ++i) {
    const auto messages = Cursor::load<std::uint32_t>(data.subspan(8 * std::size_t{i} + 4));
    place.messages += messages;
    place.connections += messages * tally_of(Cursor::load<std::uint32_t>(data.subspan(8 * std::size_t{i})));
  }
  return true;
}

}  // namespace

Result<IndexSection> read_index_section(const Source& source, const FileHeader& header, const OpenOptions& options,
                                        ConnectionTable& connections, DamageLog& damage) {
  IndexSection section;
  if (header.index_pos == 0) return section;
  if (header.index_pos < header.end || header.index_pos > source.size()) {
    section.why_not = "index_pos " + hex(header.index_pos) +
                      (header.index_pos > source.size() ? " is past the end of the file" : " is in the file header");
    return section;
  }
  ReadAhead window(source, source.size(), 64 * 1024);
  std::uint64_t at = header.index_pos;
  std::uint64_t connections_read = 0;
  std::uint64_t infos_read = 0;
  while (at < source.size() && (connections_read < header.connection_count || infos_read < header.chunk_count)) {
    auto read = read_record_head(window, at);
    if (!read.ok()) {
      if (read.error().kind() != ErrorKind::corrupt) return std::move(read).error();
      section.why_not = read.error().message();
      break;
    }
    const RecordHead head = *read;
    if (head.op != kOpConnection && head.op != kOpChunkInfo) {
      section.why_not = "the record at " + hex(at) + " is neither connection nor chunk info";
      break;
    }
    if (head.end() > source.size() || head.data_bytes > kMaxConnectionBytes) {
      section.why_not = "the record at " + hex(at) + " is cut, or declares too many bytes";
      break;
    }
    auto whole = read_whole_record(window, head);
    if (!whole.ok()) {
      if (whole.error().kind() != ErrorKind::corrupt) return std::move(whole).error();
      section.why_not = whole.error().message();
      break;
    }
    if (head.op == kOpConnection) {
      announce(whole->head, whole->data, at, connections, damage);
      ++connections_read;
    } else {
      ChunkPlace place;
      if (read_chunk_info(whole->head, whole->data, place)) section.chunks.push_back(place);
      ++infos_read;
    }
    at = head.end();
    RETURN_IF_ERROR(check_index_bytes(
        connections.bytes() + section.chunks.capacity() * sizeof(ChunkPlace),
        static_cast<double>(at - header.index_pos) / static_cast<double>(source.size() - header.index_pos), options));
  }
  if (section.why_not.empty() && (connections_read < header.connection_count || infos_read < header.chunk_count))
    section.why_not = "the file ends after " + std::to_string(connections_read) + " of " +
                      std::to_string(header.connection_count) + " connections and " + std::to_string(infos_read) + " of " +
                      std::to_string(header.chunk_count) + " chunk infos";
  section.usable = section.why_not.empty();
  std::sort(section.chunks.begin(), section.chunks.end(),
            [](const ChunkPlace& a, const ChunkPlace& b) { return a.offset < b.offset; });
  return section;
}

}  // namespace bagloom::bag
