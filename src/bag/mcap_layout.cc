#include "bag/mcap_layout.h"

#include <algorithm>

#include "bag/mcap_top_level.h"

namespace bagloom::bag::mcap {
namespace {

/// Behind the header record.
Result<std::uint64_t> read_header(const Source& source) {
  ReadAhead window(source, source.size(), 4096);
  auto record = read_record(window, kMagic.size());
  if (!record.ok() && record.error().kind() != ErrorKind::corrupt) return std::move(record).error();
  if (!record.ok() || !record->fits(source.size()))
    return Error(ErrorKind::unreadable,
                 "an MCAP file that is cut within its header record (" + std::to_string(source.size()) + " bytes)");
  if (record->op != kOpHeader) return Error(ErrorKind::unreadable, "an MCAP file whose first record is not its header");
  return record->end();
}

}  // namespace

Result<McapLayout> read_layout(const Source& source, const OpenOptions& options) {
  McapLayout layout;
  DamageLog damage;
  layout.count_for_caller(options);
  Channels channels(layout.connections, damage);
  layout.info.path = source.name();
  layout.info.format = "mcap";
  layout.info.bytes = source.size();
  ASSIGN_OR_RETURN(layout.header_end, read_header(source));
  ASSIGN_OR_RETURN(const Summary summary, read_summary(source, layout.header_end, options, channels));
  if (!summary.why_not.empty())
    damage.add(summary.begin, "the summary is not usable (" + summary.why_not + "): chunks found without it", false);
  if (!summary.closed)
    damage.add(source.size(),
               "the file does not end as an MCAP file does: the recorder died, or it is cut: what would follow is missing", true);
  if (summary.usable) layout.summary_begin = summary.begin;
  TopLevelWalk walk(source, options, summary, layout.header_end, layout, channels, damage);
  RETURN_IF_ERROR(walk.run());
  RETURN_IF_ERROR(walk.look_for_unknown_channels());
  channels.resolve();
  const bool named = summary.usable && (!summary.chunks.empty() || walk.chunks() == 0);
  RETURN_IF_ERROR(complete(layout, named ? IndexState::indexed : IndexState::chunk_indexes, options, damage));
  layout.info.chunks = walk.chunks();
  return layout;
}

Result<std::vector<ChunkEntry>> load_entries(const Source& source, Layout& layout, std::uint32_t number) {
  const Chunk& chunk = layout.chunks[number];
  if (chunk.messages == 0) return std::vector<ChunkEntry>();
  const std::uint64_t bytes = chunk.index_end - chunk.index_offset;
  ReadAhead window(source, chunk.index_end, static_cast<std::size_t>(bytes));
  ASSIGN_OR_RETURN(MessageIndex index, read_message_index(window, chunk, layout.connections));
  if (!index.why_not.empty() || index.entries.size() != chunk.messages)
    return Error(ErrorKind::corrupt, "the chunk's index is not what it was at opening: the file changed")
        .in("chunk at " + hex(chunk.record_offset));
  return std::move(index.entries);
}

}  // namespace bagloom::bag::mcap
