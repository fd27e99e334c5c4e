#include "bag/rosbag1_layout.h"

#include <algorithm>
#include <numeric>

#include "bag/damage_log.h"
#include "bag/rosbag1_chunk_index.h"
#include "bag/rosbag1_index_section.h"
#include "bag/rosbag1_top_level.h"

namespace bagloom::bag {
namespace {

/// Gives the announced connections their places in BagInfo, by number; messages of others are left out.
void order_connections(Layout& layout, DamageLog& damage) {
  auto& slots = layout.connections.slots();
  std::vector<std::uint32_t> order(slots.size());
  std::iota(order.begin(), order.end(), 0u);
  std::sort(order.begin(), order.end(), [&slots](auto a, auto b) { return slots[a].facts.id < slots[b].facts.id; });
  layout.info.connections.reserve(slots.size());
  layout.connection_of_slot.assign(slots.size(), Layout::kNoConnection);
  for (const std::uint32_t slot : order) {
    Connection& facts = slots[slot].facts;
    if (slots[slot].announced) {
      layout.connection_of_slot[slot] = static_cast<std::uint32_t>(layout.info.connections.size());
      layout.info.connections.push_back(facts);
      facts.definition.clear();  // BagInfo has it
      facts.definition.shrink_to_fit();
    } else if (facts.messages > 0) {
      damage.add(layout.header.end,
                 "connection " + std::to_string(facts.id) + " is nowhere announced: its " + std::to_string(facts.messages) +
                     " messages are left out",
                 true);
    }
  }
}

void sum_up(BagInfo& info) {
  for (const Connection& connection : info.connections) {
    if (connection.messages == 0) continue;
    info.start = info.messages == 0 ? connection.start : std::min(info.start, connection.start);
    info.end = info.messages == 0 ? connection.end : std::max(info.end, connection.end);
    info.messages += connection.messages;
  }
}

void describe_chunks(Layout& layout, bool has_section) {
  BagInfo& info = layout.info;
  info.chunks = layout.chunks.size();
  info.compression = "none";
  info.index = has_section ? IndexState::indexed : IndexState::chunk_indexes;
  for (const Chunk& chunk : layout.chunks) {
    const std::string name(name_of(chunk.compression));
    info.compression = &chunk == &layout.chunks.front() || info.compression == name ? name : "mixed";
    info.largest_chunk_bytes = std::max(info.largest_chunk_bytes, chunk.bytes);
    if (chunk.walked && chunk.messages > 0) info.index = IndexState::walked;
  }
}

}  // namespace

Status check_index_bytes(std::uint64_t bytes, double share, const OpenOptions& options) {
  if (options.memory_bytes == 0 || bytes <= options.memory_bytes) return {};
  const double all = static_cast<double>(bytes) / std::max(share, 1e-6);
  return Error(ErrorKind::over_limit, "the index alone takes more memory than there is: about " +
                                          std::to_string(static_cast<std::uint64_t>(all) >> 20) + " MiB")
      .needing(static_cast<std::uint64_t>(1.1 * all));
}

Result<Layout> read_layout(const Source& source, const OpenOptions& options) {
  Layout layout;
  DamageLog damage;
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
  order_connections(layout, damage);
  sum_up(layout.info);
  describe_chunks(layout, section.usable);
  std::uint32_t most_messages = 0;  // of a chunk: scan holds two chunks' entries
  for (const Chunk& chunk : layout.chunks) most_messages = std::max(most_messages, chunk.messages);
  layout.info.index_bytes = layout.bytes() + 2ull * most_messages * (2 * sizeof(ChunkEntry) + sizeof(IndexedMessage));
  if (!layout.chunks.empty())
    layout.info.index_bytes_a_chunk = (layout.bytes() - layout.connections.bytes()) / layout.chunks.size();
  RETURN_IF_ERROR(check_index_bytes(layout.info.index_bytes, 1, options));
  layout.info.damage = damage.take();
  return layout;
}

Result<std::vector<ChunkEntry>> load_entries(const Source& source, Layout& layout, std::uint32_t number) {
  const Chunk& chunk = layout.chunks[number];
  if (chunk.walked) return layout.walked.at(number);
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
