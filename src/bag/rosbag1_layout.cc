#include "bag/rosbag1_layout.h"

#include "bag/rosbag1_chunk_index.h"
#include "bag/rosbag1_index_section.h"
#include "bag/rosbag1_top_level.h"

namespace bagloom::bag {

Result<Rosbag1Layout> read_layout(const Source& source, const OpenOptions& options) {
  Rosbag1Layout layout;
  DamageLog damage;
  layout.count_for_caller(options);
  ASSIGN_OR_RETURN(layout.header, read_file_header(source));
  layout.info.path = source.name();
  layout.info.format = "rosbag1";
  layout.info.bytes = source.size();
  ASSIGN_OR_RETURN(const IndexSection section, read_index_section(source, layout.header, options, layout.connections, damage));
  if (!section.why_not.empty())
    damage.add(layout.header.index_pos, "the index section is not usable (" + section.why_not + "): chunks found without it",
               false);
  TopLevelWalk walk(source, options, section, section.usable ? layout.header.index_pos : source.size(), layout, damage);
  RETURN_IF_ERROR(walk.run());
  RETURN_IF_ERROR(walk.look_for_unannounced());
  RETURN_IF_ERROR(complete(layout, section.usable ? IndexState::indexed : IndexState::chunk_indexes, options, damage));
  return layout;
}

Result<std::vector<ChunkEntry>> load_entries(const Source& source, Layout& layout, std::uint32_t number) {
  const Chunk& chunk = layout.chunks[number];
  if (chunk.messages == 0) return std::vector<ChunkEntry>();
  const std::uint64_t bytes = chunk.index_end - chunk.index_offset;
  ReadAhead window(source, chunk.index_end, static_cast<std::size_t>(bytes));
  ASSIGN_OR_RETURN(ChunkIndex index, read_chunk_index(window, chunk, layout.connections));
  if (!index.why_not.empty() || index.entries.size() != chunk.messages)
    return Error(ErrorKind::corrupt, "the chunk's index is not what it was at opening: the file changed")
        .in("chunk at " + hex(chunk.record_offset));
  return std::move(index.entries);
}

}  // namespace bagloom::bag
