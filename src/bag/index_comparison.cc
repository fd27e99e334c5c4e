// The part of ChunkedReader that holds chunks' indexes against their records.
#include <algorithm>

#include "bag/chunked_reader.h"
#include "bag/damage_log.h"
#include "bag/inflate.h"

namespace bagloom::bag {
namespace {

/// Small messages stand close together: one read gives the heads of several.
constexpr std::size_t kHeadsBytes = 4096;

}  // namespace

void ChunkedReader::check_indexes(const ConnectionSet& which) {
  compared_ids_.clear();
  for (std::size_t i = 0; i < layout_.info.connections.size() && i < which.size(); ++i)
    if (which[i]) compared_ids_.insert(layout_.info.connections[i].id);
  if (compared_ == nullptr) compared_ = std::make_unique<std::atomic<Compared>[]>(layout_.chunks.size());
}

bool ChunkedReader::is_compared(std::uint32_t slot) const {
  const auto& slots = layout_.connections.slots();
  return slot < slots.size() && compared_ids_.contains(slots[slot].facts.id);
}

// Which of the two is right nothing tells: a checksum is over the chunk, and the connection may be changed in the index section
// alone, or in both. Messages would be taken for another topic's.
bool ChunkedReader::agrees(const Connection& said, const Chunk& chunk) {
  if (!compared_ids_.contains(said.id)) return true;
  const auto& connections = layout_.info.connections;
  const Connection& known =
      *std::find_if(connections.begin(), connections.end(), [&](const Connection& c) { return c.id == said.id; });
  const bool same = said.topic == known.topic && (said.type.empty() || said.type == known.type) &&
                    (said.definition.empty() || said.definition == known.definition);
  if (same) return true;
  const auto named = [](const Connection& one) { return one.topic + (one.type.empty() ? "" : " (" + one.type + ")"); };
  const std::lock_guard<std::mutex> lock(check_);
  if (!contradiction_)
    contradiction_ = Error(ErrorKind::unreadable, "connection " + std::to_string(said.id) + " is " + named(known) +
                                                      " in the index section, and " + named(said) +
                                                      (said.topic == known.topic ? ", defined otherwise," : "") +
                                                      " in the records of the chunk at " + hex(chunk.record_offset))
                         .fix(layout_.info.format == "mcap" ? "mcap recover writes the recording anew, by its chunks"
                                                            : "rosbag reindex writes the index section anew, by the chunks")
                         .in(layout_.info.path);
  return false;
}

Result<bool> ChunkedReader::fits(ReadAhead& window, const ChunkBytes& bytes, const ChunkEntry& entry) const {
  auto found =
      find_payload(window, {bytes.begin, entry.offset, bytes.end, layout_.connections.slots()[entry.slot].facts.id, entry.time});
  if (!found.ok() && found.error().kind() != ErrorKind::corrupt) return std::move(found).error();
  return found.ok();
}

Status ChunkedReader::compare_index(std::uint32_t number, const Chunk& chunk, const ChunkBytes& bytes) {
  if (compared_ == nullptr || chunk.walked) return {};
  std::atomic<Compared>& state = compared_[number];
  if (state == Compared::not_yet) {
    ASSIGN_OR_RETURN(const std::vector<ChunkEntry> entries, load_entries(number));
    ReadAhead window(bytes.source, bytes.end, chunk.compression == Compression::none ? kHeadsBytes : 0);
    bool right = true;
    ASSIGN_OR_RETURN(const std::uint64_t there,
                     count_messages(
                         window, bytes.begin, [this](std::uint32_t id) { return compared_ids_.contains(id); },
                         [&](const Connection& said) { right = agrees(said, chunk) && right; }));
    std::uint64_t indexed = 0;
    for (const ChunkEntry& entry : entries) {
      if (!right) break;
      if (!is_compared(entry.slot)) continue;
      ++indexed;
      ASSIGN_OR_RETURN(right, fits(window, bytes, entry));
    }
    // Where each entry has its message, and no place has two, so many more are messages without an entry.
    right = right && there <= indexed;
    if (!right) index_is_wrong_ = true;
    state = right ? Compared::right : Compared::wrong;
  }
  if (state == Compared::wrong) return Error(ErrorKind::corrupt, "the chunk's index contradicts its records");
  return {};
}

/// Whether a checksum says that the records are as they were written.
Result<bool> ChunkedReader::is_proved(const Chunk& chunk) const {
  if (chunk.crc != 0 && !chunk.partial) return true;
  return has_checksum(*source_, compressed(chunk));
}

Result<std::vector<ChunkEntry>> ChunkedReader::entries_of(std::uint32_t number, LeftOut* left_out) {
  const Chunk& chunk = layout_.chunks[number];
  if (compared_ == nullptr || compared_[number] != Compared::mended) return load_entries(number);
  if (chunk.compression == Compression::none) return mended_entries(number, stored_bytes(chunk), left_out);
  ASSIGN_OR_RETURN(const ChunkCache::Chunk bytes, inflated(number, chunk));
  const ViewSource view(*bytes);
  return mended_entries(number, {view, 0, view.size()}, left_out);
}

// Read again each time: a recording whose indexes are all wrong would not fit into memory.
Result<std::vector<ChunkEntry>> ChunkedReader::mended_entries(std::uint32_t number, const ChunkBytes& bytes, LeftOut* left_out) {
  const Chunk& chunk = layout_.chunks[number];
  ReadAhead window(bytes.source, bytes.end, chunk.compression == Compression::none ? kHeadsBytes : 0);
  ConnectionTable connections;
  ASSIGN_OR_RETURN(Records records, walk(window, bytes.begin, connections));
  std::erase_if(records.entries, [&](ChunkEntry& entry) {
    const auto known = layout_.connections.find(connections.slots()[entry.slot].facts.id);
    if (!known || *known >= layout_.connection_of_slot.size()) return true;
    entry.slot = *known;
    return false;
  });
  ASSIGN_OR_RETURN(const bool proved, is_proved(chunk));
  if (proved && records.whole) return std::move(records.entries);
  return agreed_entries(number, bytes, records.entries, left_out);
}

/// Where no checksum proves the records: those that the index does not contradict. One that the index does not name is there.
Result<std::vector<ChunkEntry>> ChunkedReader::agreed_entries(std::uint32_t number, const ChunkBytes& bytes,
                                                              const std::vector<ChunkEntry>& records, LeftOut* left_out) {
  ReadAhead window(bytes.source, bytes.end, layout_.chunks[number].compression == Compression::none ? kHeadsBytes : 0);
  ASSIGN_OR_RETURN(const std::vector<ChunkEntry> index, load_entries(number));
  std::vector<ChunkEntry> agreed;
  auto record = records.begin();
  for (const ChunkEntry& entry : index) {
    for (; record != records.end() && record->offset < entry.offset; ++record) agreed.push_back(*record);
    const bool here = record != records.end() && record->offset == entry.offset;
    bool fitting = here && *record == entry;
    // Behind a record that could not be read only the index leads on.
    if (!here) {
      ASSIGN_OR_RETURN(fitting, fits(window, bytes, entry));
    }
    if (fitting)
      agreed.push_back(entry);
    else if (left_out != nullptr)
      ++(*left_out)[here ? record->slot : entry.slot];
    if (here) ++record;
  }
  agreed.insert(agreed.end(), record, records.end());
  return agreed;
}

/// A chunk that no fetch has come to. One that cannot be read is damage of another kind: each fetch says it.
Status ChunkedReader::compare_unread(std::uint32_t number) {
  const Chunk& chunk = layout_.chunks[number];
  const auto compared = [&]() -> Status {
    if (chunk.compression == Compression::none) {
      if (chunk.crc != 0) RETURN_IF_ERROR(check_stored(number, chunk));
      return compare_index(number, chunk, stored_bytes(chunk));
    }
    ASSIGN_OR_RETURN(const ChunkCache::Chunk bytes, inflated(number, chunk));
    const ViewSource view(*bytes);
    return compare_index(number, chunk, {view, 0, view.size()});
  }();
  if (!compared.ok() && compared.error().kind() != ErrorKind::corrupt) return compared;
  return {};
}

Status ChunkedReader::describe_mended(std::uint32_t number, DamageLog& damage) {
  const Chunk& chunk = layout_.chunks[number];
  LeftOut left_out;
  ASSIGN_OR_RETURN(const std::vector<ChunkEntry> mended, entries_of(number, &left_out));
  if (left_out.empty()) {
    damage.add(
        chunk.index_offset,
        "the chunk's index is wrong (it contradicts the records): walked, " + count_of(mended.size(), "message") + " found",
        false);
    return {};
  }
  for (const auto& [slot, messages] : left_out)
    damage.add(chunk.index_offset,
               count_of(messages, "message") +
                   " of which the chunk's index says another time, place or connection than the record, and no checksum tells "
                   "which is right: left out",
               true, layout_.connections.slots()[slot].facts.topic, messages);
  return {};
}

Status ChunkedReader::mend_index(const std::function<Status()>& go_on) {
  if (compared_ == nullptr) check_indexes(ConnectionSet(layout_.info.connections.size(), true));
  if (contradiction_) return *contradiction_;
  DamageLog damage;
  bool any = false;
  for (std::uint32_t number = 0; number < layout_.chunks.size(); ++number) {
    if (layout_.chunks[number].walked || layout_.chunks[number].messages == 0) continue;
    RETURN_IF_ERROR(go_on());
    if (compared_[number] == Compared::not_yet) RETURN_IF_ERROR(compare_unread(number));
    if (compared_[number] != Compared::wrong) continue;
    compared_[number] = Compared::mended;
    any = true;
    RETURN_IF_ERROR(describe_mended(number, damage));
  }
  index_is_wrong_ = false;
  if (!any) return {};
  const std::optional<Damage> miscounted = layout_.wrong_count();
  RETURN_IF_ERROR(layout_.recount([this](std::uint32_t number) { return entries_of(number); }));
  if (miscounted && !layout_.wrong_count())
    std::erase_if(layout_.info.damage, [&](const Damage& one) { return one.what == miscounted->what; });
  layout_.info.index_mended = true;
  layout_.info.index = IndexState::walked;
  for (Damage& entry : damage.take()) layout_.info.damage.push_back(std::move(entry));
  return {};
}

}  // namespace bagloom::bag
