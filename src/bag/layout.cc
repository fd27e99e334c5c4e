#include "bag/layout.h"

#include <algorithm>
#include <numeric>

#include "bag/scan_chunks.h"

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
      damage.add(layout.chunks.front().record_offset,
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

void describe_chunks(Layout& layout, IndexState index) {
  BagInfo& info = layout.info;
  info.chunks = layout.chunks.size();
  info.compression = "none";
  info.index = index;
  for (const Chunk& chunk : layout.chunks) {
    const std::string name(name_of(chunk.compression));
    info.compression = &chunk == &layout.chunks.front() || info.compression == name ? name : "mixed";
    info.largest_chunk_bytes = std::max(info.largest_chunk_bytes, chunk.bytes);
    if (chunk.walked && chunk.messages > 0) info.index = IndexState::walked;
  }
}

}  // namespace

void Layout::add(Chunk chunk, const std::vector<ChunkEntry>& entries) {
  chunk.messages = static_cast<std::uint32_t>(entries.size());  // by the index, as load_entries expects it
  chunks.push_back(chunk);
  count(static_cast<std::uint32_t>(chunks.size() - 1), entries);
}

void Layout::count(std::uint32_t number, const std::vector<ChunkEntry>& entries) {
  Chunk& chunk = chunks[number];
  auto& slots = connections.slots();
  for (std::size_t i = 0; i < entries.size(); ++i) {
    const ChunkEntry& entry = entries[i];
    auto& slot = slots[entry.slot];
    chunk.first = i == 0 ? entry.time : std::min(chunk.first, entry.time);
    chunk.last = i == 0 ? entry.time : std::max(chunk.last, entry.time);
    Connection& facts = slot.facts;
    facts.start = facts.messages == 0 ? entry.time : std::min(facts.start, entry.time);
    facts.end = facts.messages == 0 ? entry.time : std::max(facts.end, entry.time);
    if (++facts.messages == 2) ++busy_connections_;
    facts.bytes += entry_bytes(chunk, entries, i);
    if (slot.chunk != number) {
      slot.chunk = number;
      slot.latest_before = slot.latest;
      slot.late = false;
    }
    if (entry.time < slot.latest_before && !slot.late) {
      slot.late = true;
      late.push_back({number, entry.slot, slot.latest_before});
    }
    slot.latest = std::max(slot.latest, entry.time);
  }
}

std::optional<Damage> Layout::wrong_count() const {
  std::uint64_t there = 0;
  for (const ConnectionTable::Slot& slot : connections.slots()) there += slot.facts.messages;
  if (!declared_messages || *declared_messages == there) return std::nullopt;
  return Damage{declared_at, "",
                "the statistics count " + count_of(*declared_messages, "message") + ", " + std::to_string(there) + " are there",
                *declared_messages > there};
}

Status Layout::recount(const std::function<Result<std::vector<ChunkEntry>>(std::uint32_t chunk)>& entries_of) {
  for (ConnectionTable::Slot& slot : connections.slots()) {
    slot.facts.messages = slot.facts.bytes = 0;
    slot.facts.start = slot.facts.end = 0;
    slot.latest = slot.latest_before = INT64_MIN;
    slot.chunk = 0xffffffffu;
    slot.late = false;
  }
  late.clear();
  busy_connections_ = 0;
  for (std::uint32_t number = 0; number < chunks.size(); ++number) {
    if (const auto kept = walked.find(number); kept != walked.end()) {
      count(number, kept->second);
      continue;
    }
    ASSIGN_OR_RETURN(const std::vector<ChunkEntry> entries, entries_of(number));
    count(number, entries);
  }
  for (std::uint32_t slot = 0; slot < connection_of_slot.size(); ++slot) {
    if (connection_of_slot[slot] == kNoConnection) continue;
    const Connection& counted = connections.slots()[slot].facts;
    Connection& shown = info.connections[connection_of_slot[slot]];
    shown.messages = counted.messages;
    shown.bytes = counted.bytes;
    shown.start = counted.start;
    shown.end = counted.end;
  }
  info.messages = 0;
  info.start = info.end = 0;
  sum_up(info);
  return {};
}

void Layout::add_walked(Chunk chunk, std::vector<ChunkEntry> entries) {
  chunk.walked = true;
  add(chunk, entries);
  walked_entries += entries.capacity();
  walked.emplace(static_cast<std::uint32_t>(chunks.size() - 1), std::move(entries));
}

Status check_index_bytes(std::uint64_t bytes, double share, const OpenOptions& options) {
  if (options.memory_bytes == 0 || bytes <= options.memory_bytes) return {};
  const double all = static_cast<double>(bytes) / std::max(share, 1e-6);
  return Error(ErrorKind::over_limit, "the index alone takes more memory than there is: about " +
                                          std::to_string(static_cast<std::uint64_t>(all) >> 20) + " MiB")
      .needing(static_cast<std::uint64_t>(1.1 * all));
}

Status complete(Layout& layout, IndexState index, const OpenOptions& options, DamageLog& damage) {
  order_connections(layout, damage);
  sum_up(layout.info);
  describe_chunks(layout, index);
  layout.info.index_bytes = layout.bytes() + scan_bytes(layout.chunks);
  if (!layout.chunks.empty())
    layout.info.index_bytes_a_chunk = (layout.chunks.capacity() * sizeof(Chunk) + layout.late.capacity() * sizeof(LateChunk) +
                                       layout.walked_entries * sizeof(ChunkEntry)) /
                                      layout.chunks.size();
  RETURN_IF_ERROR(check_index_bytes(layout.info.index_bytes, 1, options));
  layout.info.damage = damage.take();
  return {};
}

}  // namespace bagloom::bag
