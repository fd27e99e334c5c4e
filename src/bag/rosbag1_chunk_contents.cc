// The part of the top-level walk that looks into chunks.
#include <algorithm>

#include "bag/inflate.h"
#include "bag/rosbag1_top_level.h"

namespace bagloom::bag {

Result<std::optional<Walk>> TopLevelWalk::walk_chunk(Chunk& chunk, bool keep_entries) {
  WalkOptions walk_options;
  walk_options.keep_entries = keep_entries;
  walk_options.memory_bytes = options_.memory_bytes;
  if (chunk.compression == Compression::none) {
    ReadAhead window(source_, chunk.data_offset + chunk.stored_bytes, 4096);
    ASSIGN_OR_RETURN(Walk walk, walk_records(window, chunk.data_offset, walk_options, layout_.connections, damage_));
    return std::optional<Walk>(std::move(walk));
  }
  // A cut chunk gives what is there, which may be far less than it declares.
  const std::uint64_t inflates_to = chunk.partial ? std::min(chunk.bytes, 16 * chunk.stored_bytes) : chunk.bytes;
  Compressed whole = compressed(chunk);
  whole.bytes = inflates_to;
  ASSIGN_OR_RETURN(const std::uint64_t takes, inflating_bytes(source_, whole, inflates_to));
  if (!room_.may_take(layout_.bytes(), takes)) {
    if (keep_entries) {
      WalkOptions beginning;
      beginning.file_offset = chunk.record_offset;
      RETURN_IF_ERROR(room_.look_at_beginning(source_, chunk, [&](ReadAhead& window) -> Result<std::size_t> {
        ASSIGN_OR_RETURN(const Walk walk, walk_records(window, 0, beginning, layout_.connections, damage_));
        return walk.entries.size();
      }));
      room_.expect_entries_of(inflates_to);
    }
    return std::optional<Walk>();
  }
  auto inflated = inflate(source_, compressed(chunk));
  if (!inflated.ok()) {
    if (inflated.error().kind() != ErrorKind::corrupt) return std::move(inflated).error();
    damage_.add(chunk.record_offset, inflated.error().text() + ": the chunk's messages are lost", true);
    return std::optional<Walk>();
  }
  chunk.bytes = inflated->size();
  walk_options.file_offset = chunk.record_offset;
  const ViewSource view(*inflated);
  ReadAhead window(view, view.size(), 4096);
  if (options_.memory_bytes > 0)
    walk_options.memory_bytes = std::max<std::uint64_t>(options_.memory_bytes, inflated->size() + 1) - inflated->size();
  auto walk = walk_records(window, 0, walk_options, layout_.connections, damage_);
  if (!walk.ok()) {
    const std::uint64_t beside = walk.error().smallest_limit_bytes();
    return beside == 0 ? std::move(walk).error() : std::move(walk).error().needing(beside + inflated->size());
  }
  room_.walked(walk->entries.size(), inflated->size());
  return std::optional<Walk>(std::move(*walk));
}

Status TopLevelWalk::look_for_unannounced() {
  for (std::uint32_t number = 0; number < layout_.chunks.size() && layout_.connections.unannounced() > 0; ++number) {
    if (layout_.chunks[number].walked) continue;  // its connections are known
    auto entries = load_entries(source_, layout_, number);
    if (!entries.ok()) return std::move(entries).error();
    const auto& slots = layout_.connections.slots();
    const bool wanted =
        std::any_of(entries->begin(), entries->end(), [&slots](const ChunkEntry& e) { return !slots[e.slot].announced; });
    if (!wanted) continue;
    Chunk copy = layout_.chunks[number];
    ASSIGN_OR_RETURN(const std::optional<Walk> walk, walk_chunk(copy, false));
  }
  return room_.refusal(layout_.bytes());
}

}  // namespace bagloom::bag
