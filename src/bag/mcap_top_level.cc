#include "bag/mcap_top_level.h"

#include <algorithm>

namespace bagloom::bag::mcap {
namespace {

bool is_damage(const Error& error) { return error.kind() == ErrorKind::corrupt; }

/// Both names of none were seen.
std::optional<Compression> compression_named(std::string_view name) {
  if (name.empty() || name == "none") return Compression::none;
  if (name == "lz4") return Compression::lz4;
  if (name == "zstd") return Compression::zstd;
  return std::nullopt;
}

/// Times, size, checksum, the compression's length; the data's length stands behind the compression.
constexpr std::uint64_t kChunkFieldsBytes = 32;
constexpr std::uint64_t kMostCompressionName = 64;

// A message that a wrong time moved far away may leave its chunk without a row that reads it, and nothing else is told then
// (ChunkedReader::compare_index). Times that merely go back on a channel are no sign: unsorted recordings have them in each
// chunk.
bool times_are_doubtful(const std::vector<ChunkEntry>& entries, std::uint64_t first, std::uint64_t last) {
  if (first > last || last == 0) return false;  // the head names none
  return std::any_of(entries.begin(), entries.end(), [&](const ChunkEntry& entry) {
    const auto time = static_cast<std::uint64_t>(entry.time);
    return time < first || time > last;
  });
}

}  // namespace

Status TopLevelWalk::run() {
  std::uint64_t at = begin_;
  while (at < window_.limit() && !saw_data_end_) {
    ASSIGN_OR_RETURN(at, take_record(at));
    RETURN_IF_ERROR(room_.check(layout_.bytes() + channels_.bytes(),
                                static_cast<double>(at - begin_) / static_cast<double>(window_.limit() - begin_)));
  }
  compare_with_summary();
  return {};
}

void TopLevelWalk::compare_with_summary() {
  std::size_t next = 0;
  for (const ChunkPlace& place : summary_.chunks) {
    while (next < layout_.chunks.size() && layout_.chunks[next].record_offset < place.offset) ++next;
    const bool found = next < layout_.chunks.size() && layout_.chunks[next].record_offset == place.offset;
    if (!found && !lost_something_) damage_.add(place.offset, "the summary names a chunk here, none was found", true);
    lost_something_ |= !found;
  }
  if (lost_something_) return;
  layout_.declared_messages = summary_.messages;
  layout_.declared_at = summary_.begin;
  if (auto wrong = layout_.wrong_count()) damage_.add(wrong->offset, std::move(wrong->what), wrong->loss);
}

Result<std::uint64_t> TopLevelWalk::take_record(std::uint64_t at) {
  auto record = read_record(window_, at);
  if (!record.ok()) {
    if (!is_damage(record.error())) return std::move(record).error();
    return next_chunk_behind(at, record.error().message());
  }
  switch (record->op) {
    case kOpChunk: return take_chunk(*record);
    case kOpMessage:
    case kOpSchema:
    case kOpChannel: return take_run(at);
    case kOpDataEnd:
    case kOpFooter: saw_data_end_ = true; return at;
    default: break;  // attachments, metadata, indexes of a chunk that was lost, private and unknown records
  }
  if (!record->fits(window_.limit())) return next_chunk_behind(at, "the record at " + hex(at) + " is cut");
  return record->end();
}

Result<std::optional<TopLevelWalk::ChunkHead>> TopLevelWalk::read_chunk_head(const Record& record) {
  const std::uint64_t there = std::min(record.data_bytes, window_.limit() - record.data_offset);
  ASSIGN_OR_RETURN(const Bytes bytes,
                   window_.peek(record.data_offset, std::min(there, kChunkFieldsBytes + kMostCompressionName + 8)));
  Cursor at(bytes);
  ChunkHead head;
  const auto first = at.u64();
  const auto last = at.u64();
  const auto size = at.u64();
  const auto crc = at.u32();
  const auto compression = read_string(at);
  const auto stored = at.u64();
  if (!first || !last || !size || !crc || !compression || !stored) return std::optional<ChunkHead>();
  head.first = *first;
  head.last = *last;
  head.bytes = *size;
  head.crc = *crc;
  head.compression = *compression;
  head.stored_bytes = *stored;
  head.data_offset = record.data_offset + at.offset();
  return std::optional<ChunkHead>(std::move(head));
}

Result<std::uint64_t> TopLevelWalk::take_chunk(const Record& record) {
  ASSIGN_OR_RETURN(const std::optional<ChunkHead> head, read_chunk_head(record));
  const bool whole = record.fits(window_.limit());
  const auto compression = head ? compression_named(head->compression) : std::nullopt;
  if (!head || !compression) {
    lost_something_ = true;
    const std::string why = !head ? "a chunk whose fields cannot be read"
                                  : "a chunk with the unknown compression '" + head->compression.substr(0, 40) + "'";
    if (!whole) return next_chunk_behind(record.offset, why);
    damage_.add(record.offset, why, true);
    return record.end();
  }
  ++chunks_;
  Chunk chunk;
  chunk.record_offset = record.offset;
  chunk.data_offset = head->data_offset;
  chunk.compression = *compression;
  chunk.bytes = head->bytes;
  chunk.crc = head->crc;
  // Where this chunk's record must end: another chunk that the summary names may stand before its declared end.
  std::uint64_t limit = window_.limit();
  if (!whole || first_named_behind(record.offset) < record.end()) {
    ASSIGN_OR_RETURN(limit, named_chunk_behind(record.offset));
  }
  if (!whole || record.end() > limit) {
    if (limit > chunk.data_offset) chunk.stored_bytes = std::min(head->stored_bytes, limit - chunk.data_offset);
    return take_cut_chunk(std::move(chunk), limit);
  }
  const std::uint64_t room = record.end() - chunk.data_offset;
  if (head->stored_bytes > room)
    damage_.add(
        record.offset,
        "a chunk declares " + std::to_string(head->stored_bytes) + " bytes in a record that has room for " + std::to_string(room),
        false);
  chunk.stored_bytes = std::min(head->stored_bytes, room);
  if (chunk.compression == Compression::none) {
    if (chunk.bytes != chunk.stored_bytes) damage_.add(record.offset, "an uncompressed chunk declares two sizes", false);
    chunk.bytes = chunk.stored_bytes;
    // Too large for an offset in a chunk: its messages are taken as if there was no chunk around them.
    if (chunk.bytes > kMostChunkBytes) return chunk.data_offset;
  }
  if (!may_inflate(chunk, options_.max_chunk_bytes, damage_)) {
    lost_something_ = true;
    return record.end();
  }
  return take_whole_chunk(std::move(chunk), *head, record.end());
}

Result<std::uint64_t> TopLevelWalk::take_cut_chunk(Chunk chunk, std::uint64_t limit) {
  lost_something_ = true;
  const bool at_end = limit == window_.limit();
  chunk.crc = 0;  // of the whole chunk
  if (chunk.compression == Compression::none) {
    if (chunk.stored_bytes > kMostChunkBytes) return chunk.data_offset;
    chunk.bytes = chunk.stored_bytes;
  } else {
    chunk.partial = true;
    chunk.bytes = std::min({chunk.bytes, options_.max_chunk_bytes, kMostChunkBytes});
  }
  ASSIGN_OR_RETURN(std::optional<Walk> walk, walk_chunk(chunk, true));
  damage_.add(chunk.record_offset,
              std::string("chunk cut by the ") + (at_end ? "end of the file" : "next one") + ": " +
                  count_of(walk ? walk->entries.size() : 0, "message") + " recovered",
              true);
  if (walk) layout_.add_walked(std::move(chunk), std::move(walk->entries));
  return limit;
}

Result<std::uint64_t> TopLevelWalk::take_whole_chunk(Chunk chunk, const ChunkHead& head, std::uint64_t end) {
  chunk.index_offset = end;
  ASSIGN_OR_RETURN(MessageIndex index, read_message_index(window_, chunk, layout_.connections, options_));
  chunk.index_end = index.end;
  const ChunkPlace* named = named_place(chunk.record_offset);
  const bool all_there = named == nullptr || named->index_records <= index.records;
  std::string why = index.why_not;
  if (why.empty() && index.records > 0) {
    ASSIGN_OR_RETURN(why, places_.run(chunk, index.entries));
  }
  bool usable = index.records > 0 && why.empty();
  // Where the file ends behind or in index records, more of them may be missing.
  const bool may_be_cut = !summary_.closed && !index.followed;
  // Two signs of a channel's number that changed: the summary names others, or a place has two entries.
  const bool other_channels =
      named != nullptr && all_there && named->channels != index.channels && named->channels != index.used_channels;
  const bool doubtful =
      usable && (other_channels || index.repeated > 0 || times_are_doubtful(index.entries, head.first, head.last));
  if (usable && all_there && !may_be_cut && !doubtful) {
    layout_.add(std::move(chunk), index.entries);
    return index.end;
  }
  ASSIGN_OR_RETURN(std::optional<Walk> walk, walk_chunk(chunk, true));
  if (doubtful && walk && contradicts(index.entries, walk->entries, walk->why_stopped.empty())) {
    why = other_channels ? "channels of other messages" : index.repeated > 0 ? "places that repeat" : "times of other messages";
    usable = false;
  }
  const bool walk_is_better = walk && (!usable || walk->entries.size() > index.entries.size() ||
                                       (walk->why_stopped.empty() && walk->entries.size() != index.entries.size()));
  if (usable && !walk_is_better) {
    if (index.repeated > 0)
      damage_.add(chunk.index_offset, std::to_string(index.repeated) + " index entries repeat a place: left out", false);
    layout_.add(std::move(chunk), index.entries);
    return index.end;
  }
  if (!walk) {  // said in walk_chunk
    lost_something_ = true;
    return index.end;
  }
  if (index.records > 0 && !usable)
    damage_.add(chunk.index_offset,
                "the chunk's index is wrong (" + why + "): walked, " + count_of(walk->entries.size(), "message") + " found",
                false);
  else if (index.records > 0 || (named != nullptr && named->index_records > 0))
    damage_.add(chunk.index_offset,
                "the chunk's index is not whole: walked, " + count_of(walk->entries.size(), "message") + " found", false);
  if (!walk->why_stopped.empty()) {
    lost_something_ = true;
    damage_.add(chunk.record_offset, "the chunk is damaged: " + walk->why_stopped, true);
  }
  layout_.add_walked(std::move(chunk), std::move(walk->entries));
  return index.end;
}

/// Schemas, channels and messages that stand in no chunk. Messages of one run become an uncompressed chunk of the layout.
Result<std::uint64_t> TopLevelWalk::take_run(std::uint64_t at) {
  WalkOptions walk_options;
  walk_options.at_top_level = true;
  walk_options.memory_bytes = options_.memory_bytes;
  ASSIGN_OR_RETURN(Walk walk, walk_records(window_, at, walk_options, layout_.connections, channels_, damage_));
  const std::uint64_t end = walk.end;
  if (!walk.entries.empty()) {
    Chunk run;
    run.record_offset = run.data_offset = at;
    run.stored_bytes = run.bytes = end - at;
    if (run.bytes > kMostChunkBytes) {
      lost_something_ = true;
      damage_.add(at, "a message of " + std::to_string(run.bytes) + " bytes: left out", true);
    } else {
      layout_.add_walked(std::move(run), std::move(walk.entries));
    }
  }
  if (walk.why_stopped.empty()) return end;
  return next_chunk_behind(end, walk.why_stopped);
}

const ChunkPlace* TopLevelWalk::named_place(std::uint64_t offset) const {
  const auto place = std::lower_bound(summary_.chunks.begin(), summary_.chunks.end(), offset,
                                      [](const ChunkPlace& a, std::uint64_t o) { return a.offset < o; });
  return place == summary_.chunks.end() || place->offset != offset ? nullptr : &*place;
}

std::uint64_t TopLevelWalk::first_named_behind(std::uint64_t at) const {
  const auto place = std::upper_bound(summary_.chunks.begin(), summary_.chunks.end(), at,
                                      [](std::uint64_t o, const ChunkPlace& a) { return o < a.offset; });
  return place == summary_.chunks.end() ? UINT64_MAX : place->offset;
}

Result<std::uint64_t> TopLevelWalk::named_chunk_behind(std::uint64_t at) {
  auto place = std::upper_bound(summary_.chunks.begin(), summary_.chunks.end(), at,
                                [](std::uint64_t o, const ChunkPlace& a) { return o < a.offset; });
  for (; place != summary_.chunks.end() && place->offset < window_.limit(); ++place) {
    // A place that lies in sound data looks like a chunk only by chance: both lengths must agree.
    auto record = read_record(window_, place->offset);
    if (!record.ok() && !is_damage(record.error())) return std::move(record).error();
    if (!record.ok() || record->op != kOpChunk || !record->fits(window_.limit())) continue;
    ASSIGN_OR_RETURN(const std::optional<ChunkHead> head, read_chunk_head(*record));
    if (head && compression_named(head->compression) && head->stored_bytes == record->end() - head->data_offset)
      return place->offset;
  }
  return window_.limit();
}

Result<std::uint64_t> TopLevelWalk::next_chunk_behind(std::uint64_t at, const std::string& why) {
  ASSIGN_OR_RETURN(const std::uint64_t next, named_chunk_behind(at));
  lost_something_ = true;
  damage_.add(at, why + ": unreadable " + (next == window_.limit() ? "from here on" : "up to the next chunk at " + hex(next)),
              true);
  return next;
}

}  // namespace bagloom::bag::mcap
