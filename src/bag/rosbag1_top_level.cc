#include "bag/rosbag1_top_level.h"

#include <algorithm>

#include "bag/inflate.h"
#include "bag/rosbag1_connection.h"

namespace bagloom::bag {
namespace {

/// A compressed chunk whose size was never written is inflated up to here.
constexpr std::uint64_t kMostUndeclared = 1ull << 30;

/// An error that stands for damage, not for a refusal of the operating system.
bool is_damage(const Error& error) { return error.kind() == ErrorKind::corrupt; }

}  // namespace

Status TopLevelWalk::run() {
  std::uint64_t at = layout_.header.end;
  while (at < window_.limit()) {
    ASSIGN_OR_RETURN(at, take_record(at));
    RETURN_IF_ERROR(room_.check(layout_.bytes(), static_cast<double>(at) / static_cast<double>(window_.limit())));
  }
  std::size_t next = 0;
  for (const ChunkPlace& place : section_.chunks) {
    while (next < layout_.chunks.size() && layout_.chunks[next].record_offset < place.offset) ++next;
    const bool found = next < layout_.chunks.size() && layout_.chunks[next].record_offset == place.offset;
    if (!found && place.messages > 0)
      damage_.add(place.offset,
                  "the index section names a chunk here with " + count_of(place.messages, "message") + ", none was found", true);
  }
  return {};
}

Result<std::uint64_t> TopLevelWalk::take_record(std::uint64_t at) {
  auto read = read_record_head(window_, at);
  if (!read.ok()) {
    if (!is_damage(read.error())) return std::move(read).error();
    ASSIGN_OR_RETURN(const std::uint64_t behind, skip_zeros(at));
    if (behind > at) return behind;
    return next_chunk_behind(at, read.error().message());
  }
  const RecordHead& head = *read;
  if (head.op == kOpChunk) return take_chunk(head);
  if (head.op == kOpMessage) {
    Chunk chunk;
    chunk.record_offset = chunk.data_offset = at;
    return take_run(chunk, "messages outside of any chunk");
  }
  if (head.end() > window_.limit()) return next_chunk_behind(at, "the record at " + hex(at) + " is cut");
  const std::uint64_t end = head.end();
  if (head.op == kOpConnection) {
    if (head.data_bytes > kMaxConnectionBytes) {
      damage_.add(at, "a connection record of " + std::to_string(head.data_bytes) + " bytes", true);
      return end;
    }
    ASSIGN_OR_RETURN(const WholeRecord whole, read_whole_record(window_, head));
    announce(whole.head, whole.data, at, layout_.connections, damage_);
  }
  return end;  // index data of a chunk that was lost, chunk infos, unknown records: nothing to take
}

Result<std::uint64_t> TopLevelWalk::take_chunk(const RecordHead& head) {
  Chunk chunk;
  chunk.record_offset = head.offset;
  chunk.data_offset = head.data_offset;
  const std::uint64_t declared_end = head.end();
  const std::uint32_t stored = head.data_bytes;
  const std::string name(head.fields.text("compression").value_or("").substr(0, 40));
  const auto size = head.fields.u32("size");
  const auto compression = compression_named(name);  // the fields' view ends with the next read
  if (!compression || !size) {
    damage_.add(chunk.record_offset, compression ? "a chunk without size" : "a chunk with the unknown compression '" + name + "'",
                true);
    if (declared_end > window_.limit()) return next_chunk_behind(chunk.record_offset, "its data is cut");
    return declared_end;
  }
  chunk.compression = *compression;
  if (stored == 0) return take_open_chunk(chunk);
  ASSIGN_OR_RETURN(const std::uint64_t limit, chunk_limit(chunk, declared_end));
  chunk.stored_bytes = std::min(declared_end, limit) - chunk.data_offset;
  if (declared_end > limit) return take_cut_chunk(chunk, limit, *size);
  chunk.bytes = chunk.compression == Compression::none ? stored : *size;
  if (chunk.bytes != *size) damage_.add(chunk.record_offset, "an uncompressed chunk declares two sizes", false);
  if (!may_inflate(chunk, options_.max_chunk_bytes, damage_)) return declared_end;
  return take_whole_chunk(chunk);
}

/// Where this chunk's data must end: at the limit, or at the next chunk that the index section names, if one
/// really stands there.
Result<std::uint64_t> TopLevelWalk::chunk_limit(const Chunk& chunk, std::uint64_t declared_end) {
  const auto next = std::upper_bound(section_.chunks.begin(), section_.chunks.end(), chunk.data_offset,
                                     [](std::uint64_t offset, const ChunkPlace& place) { return offset < place.offset; });
  if (next == section_.chunks.end() || next->offset >= declared_end || next->offset >= window_.limit()) return window_.limit();
  auto head = read_record_head(window_, next->offset);
  if (!head.ok() && !is_damage(head.error())) return std::move(head).error();
  return head.ok() && head->op == kOpChunk ? next->offset : window_.limit();
}

/// data_len 0: the recorder died while the chunk was open, and its contents follow (bag-formats.md 1.6).
Result<std::uint64_t> TopLevelWalk::take_open_chunk(Chunk chunk) {
  const std::uint64_t begin = chunk.data_offset;
  if (begin >= window_.limit()) {
    layout_.add(chunk, {});
    return begin;
  }
  auto head = read_record_head(window_, begin);
  if (!head.ok() && !is_damage(head.error())) return std::move(head).error();
  if (chunk.compression == Compression::none) {
    if (head.ok() && (head->op == kOpMessage || head->op == kOpConnection))
      return take_run(chunk, "a chunk that was never closed");
    layout_.add(chunk, {});
    return begin;
  }
  if (head.ok() && head->op >= kOpMessage && head->op <= kOpConnection) {  // an empty chunk
    layout_.add(chunk, {});
    return begin;
  }
  ASSIGN_OR_RETURN(const std::uint64_t limit, chunk_limit(chunk, window_.limit()));
  chunk.stored_bytes = limit - begin;
  return take_cut_chunk(chunk, limit, 0);
}

/// Message and connection records that lie at top level. Takes them up to the first other record.
Result<std::uint64_t> TopLevelWalk::take_run(Chunk chunk, const std::string& what) {
  WalkOptions walk_options;
  walk_options.stop_at_other_ops = true;
  walk_options.memory_bytes = options_.memory_bytes;
  ASSIGN_OR_RETURN(Walk walk, walk_records(window_, chunk.data_offset, walk_options, layout_.connections, damage_));
  chunk.stored_bytes = chunk.bytes = walk.end - chunk.data_offset;
  std::string text = what + ": " + count_of(walk.entries.size(), "message") + " recovered";
  const bool cut = !walk.why_stopped.empty();
  if (cut) text += ", unreadable from " + hex(walk.end) + " on";
  damage_.add(chunk.record_offset, text, cut);
  const std::uint64_t end = walk.end;
  const std::string why = walk.why_stopped;
  layout_.add_walked(std::move(chunk), std::move(walk.entries));
  if (!cut) return end;
  ASSIGN_OR_RETURN(const std::uint64_t behind, skip_zeros(end));
  return behind > end ? behind : next_chunk_behind(end, why);
}

Result<std::uint64_t> TopLevelWalk::take_cut_chunk(Chunk chunk, std::uint64_t limit, std::uint64_t declared) {
  const bool at_end = limit == window_.limit();
  if (chunk.compression == Compression::none) {
    chunk.bytes = chunk.stored_bytes;
  } else {
    chunk.partial = true;
    chunk.bytes = std::min(declared == 0 ? kMostUndeclared : declared, options_.max_chunk_bytes);
  }
  ASSIGN_OR_RETURN(std::optional<Walk> walk, walk_chunk(chunk, true));
  const std::string what = declared == 0 ? "a chunk that was never closed"
                           : at_end      ? "chunk cut by the end of the file"
                                         : "chunk cut by the next one";
  damage_.add(chunk.record_offset, what + ": " + count_of(walk ? walk->entries.size() : 0, "message") + " recovered", true);
  if (walk) layout_.add_walked(std::move(chunk), std::move(walk->entries));
  return limit;
}

const ChunkPlace* TopLevelWalk::named_place(const Chunk& chunk) const {
  const auto place = std::lower_bound(section_.chunks.begin(), section_.chunks.end(), chunk.record_offset,
                                      [](const ChunkPlace& a, std::uint64_t offset) { return a.offset < offset; });
  return place == section_.chunks.end() || place->offset != chunk.record_offset ? nullptr : &*place;
}

Result<std::uint64_t> TopLevelWalk::take_whole_chunk(Chunk chunk) {
  chunk.index_offset = chunk.data_offset + chunk.stored_bytes;
  ASSIGN_OR_RETURN(ChunkIndex index, read_chunk_index(window_, chunk, layout_.connections, options_));
  chunk.index_end = index.end;
  const ChunkPlace* named = named_place(chunk);
  const bool count_fits = named == nullptr || named->messages == index.entries.size() + index.repeated;
  std::string why = index.why_not;
  if (why.empty() && index.present) {
    ASSIGN_OR_RETURN(why, places_.run(chunk, index.entries));
  }
  bool usable = index.present && why.empty();
  // Two signs of a connection's number that changed: the chunk info counts others, or a place has two entries.
  const bool other_connections = named != nullptr && count_fits && named->connections != index.connections;
  const bool doubtful = usable && (other_connections || index.repeated > 0);
  // Where the file ends behind or in index records, more of them may be missing.
  const bool may_be_cut = !section_.usable && !index.followed;
  if (usable && count_fits && !may_be_cut && !doubtful) {
    layout_.add(chunk, index.entries);
    return chunk.index_end;
  }
  ASSIGN_OR_RETURN(std::optional<Walk> walk, walk_chunk(chunk, true));
  if (doubtful && walk && contradicts(index.entries, walk->entries, walk->why_stopped.empty())) {
    why = other_connections ? "connections of other messages" : "places that repeat";
    usable = false;
  }
  const bool walk_is_better = walk && (!usable || walk->entries.size() > index.entries.size() ||
                                       (walk->why_stopped.empty() && walk->entries.size() != index.entries.size()));
  if (usable && !walk_is_better) {
    if (index.repeated > 0)
      damage_.add(chunk.index_offset, std::to_string(index.repeated) + " index entries repeat a place: left out", false);
    if (!count_fits)
      damage_.add(chunk.record_offset,
                  "the index section counts " + count_of(named->messages, "message") + " in this chunk, it has " +
                      std::to_string(index.entries.size()),
                  false);
    layout_.add(chunk, index.entries);
    return chunk.index_end;
  }
  if (!walk) return chunk.index_end;  // said in walk_chunk
  if (index.present && !usable)
    damage_.add(chunk.index_offset,
                "the chunk's index is wrong (" + why + "): walked, " + count_of(walk->entries.size(), "message") + " found",
                false);
  else if (index.present || (section_.usable && !walk->entries.empty()))
    damage_.add(chunk.index_offset,
                "the chunk's index is not whole: walked, " + count_of(walk->entries.size(), "message") + " found", false);
  if (!walk->why_stopped.empty()) damage_.add(chunk.record_offset, "the chunk is damaged: " + walk->why_stopped, true);
  const std::uint64_t end = chunk.index_end;
  layout_.add_walked(std::move(chunk), std::move(walk->entries));
  return end;
}

}  // namespace bagloom::bag
