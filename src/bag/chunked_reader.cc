#include "bag/chunked_reader.h"

#include <algorithm>

#include "bag/chunk_crc.h"
#include "bag/inflate.h"
#include "bag/scan_chunks.h"
#include "base/hash.h"

namespace bagloom::bag {

Error placed(const Error& error, const std::string& path) {
  return Error(error.kind(), error.message()).fix(error.remedy()).needing(error.smallest_limit_bytes()).in(std::string(path));
}

ChunkedReader::ChunkedReader(std::unique_ptr<Source> source, const OpenOptions& options, Layout layout,
                             std::vector<Stretch> identity)
    : source_(std::move(source)), options_(options), layout_(std::move(layout)), identity_(std::move(identity)) {
  if (options_.cache == nullptr) {
    own_cache_ = std::make_unique<ChunkCache>(layout_.info.largest_chunk_bytes);
    options_.cache = own_cache_.get();
  }
  const bool has_checksums = std::any_of(layout_.chunks.begin(), layout_.chunks.end(), [](const Chunk& chunk) {
    return chunk.crc != 0 && chunk.compression == Compression::none;
  });
  index_is_wrong_ = layout_.wrong_count().has_value();  // an index that lacks messages may be why
  if (has_checksums) checked_ = std::make_unique<std::atomic<Checked>[]>(layout_.chunks.size());
}

Status ChunkedReader::scan(const ConnectionSet& which, const Visit& visit) {
  // An error of the caller's `visit` passes as it is; one of reading gets the file's name.
  bool from_visit = false;
  const LoadEntries load = [this](std::uint32_t number) { return entries_of(number); };
  auto status = scan_chunks(layout_, load, options_.recording, which, [&](const IndexedMessage& message) {
    auto visited = visit(message);
    from_visit = !visited.ok();
    return visited;
  });
  if (status.ok() || from_visit || status.error().kind() == ErrorKind::io) return status;
  return std::move(status).error().in(std::string(source_->name()));
}

Result<Payload> ChunkedReader::fetch(const MessageRef& ref) {
  const std::uint32_t number = chunk_of(ref.locator);
  if (ref.recording != options_.recording || number >= layout_.chunks.size() || ref.connection >= layout_.info.connections.size())
    return Error(ErrorKind::internal, "a message of another recording was asked for").in(std::string(source_->name()));
  const Chunk& chunk = layout_.chunks[number];
  // Where there is no decompressor that would notice.
  Status sound;
  if (chunk.compression == Compression::none && chunk.crc != 0) sound = check_stored(number, chunk);
  auto payload = sound.ok() ? fetch_stored(ref, UINT64_MAX) : Result<Payload>(std::move(sound).error());
  if (payload.ok()) payload = unwrap(ref, std::move(*payload));
  if (payload.ok()) return payload;
  const Error& error = payload.error();
  std::string what = error.text();
  if (error.kind() == ErrorKind::io) what = error.message();  // without the path, which comes first
  return Error(error.kind(), what)
      .in(layout_.info.connections[ref.connection].topic + " at " + relative_text(ref.time - layout_.info.start))
      .in("chunk at " + hex(chunk.record_offset))
      .in(std::string(source_->name()));
}

Result<Payload> ChunkedReader::fetch_stored(const MessageRef& ref, std::uint64_t most) {
  const std::uint32_t number = chunk_of(ref.locator);
  const Chunk& chunk = layout_.chunks[number];
  if (chunk.compression == Compression::none) {
    RETURN_IF_ERROR(compare_index(number, chunk, stored_bytes(chunk)));
    return fetch_by_itself(chunk, ref, most);
  }
  ASSIGN_OR_RETURN(Payload payload, fetch_from_chunk(number, chunk, ref));
  payload.bytes = payload.bytes.first(static_cast<std::size_t>(std::min<std::uint64_t>(most, payload.bytes.size())));
  return payload;
}

Result<Payload> ChunkedReader::unwrap(const MessageRef&, Payload payload) const { return payload; }

/// One message of an uncompressed chunk; the chunk is never held whole.
Result<Payload> ChunkedReader::fetch_by_itself(const Chunk& chunk, const MessageRef& ref, std::uint64_t most) {
  const std::uint64_t end = chunk.data_offset + chunk.stored_bytes;
  ReadAhead window(*source_, end, kUsualMessageHeadBytes);
  const MessagePlace place{chunk.data_offset, offset_of(ref.locator), end, layout_.info.connections[ref.connection].id, ref.time};
  ASSIGN_OR_RETURN(const PayloadPlace found, find_payload(window, place));
  if (found.bytes > options_.max_chunk_bytes)
    return Error(ErrorKind::corrupt, "a message of " + std::to_string(found.bytes) + " bytes, more than is allowed");
  const std::size_t size = static_cast<std::size_t>(std::min(found.bytes, most));
  const std::shared_ptr<std::byte[]> buffer = std::make_unique_for_overwrite<std::byte[]>(size);
  const MutableBytes bytes(buffer.get(), size);
  if (found.offset + size <= place.base + place.offset + kUsualMessageHeadBytes) {
    ASSIGN_OR_RETURN(const Bytes data, window.peek(found.offset, size));
    if (data.size() < bytes.size()) return Error(ErrorKind::corrupt, "the file shrank while it was read");
    std::copy(data.begin(), data.end(), bytes.begin());
  } else {
    RETURN_IF_ERROR(source_->read_exactly(found.offset, bytes));
  }
  return Payload{bytes, buffer};
}

Result<ChunkCache::Chunk> ChunkedReader::inflated(std::uint32_t number, const Chunk& chunk) {
  return options_.cache->get(options_.recording, number, [&]() -> Result<std::vector<std::byte>> {
    ASSIGN_OR_RETURN(std::vector<std::byte> bytes, inflate(*source_, compressed(chunk)));
    if (chunk.crc != 0 && !chunk.partial && crc_of(bytes) != chunk.crc) return wrong_crc();
    return bytes;
  });
}

bool ChunkedReader::chunk_readable(const MessageRef& ref) {
  const std::uint32_t number = chunk_of(ref.locator);
  if (number >= layout_.chunks.size()) return false;
  const Chunk& chunk = layout_.chunks[number];
  if (chunk.compression != Compression::none) return inflated(number, chunk).ok();
  return chunk.crc == 0 || check_stored(number, chunk).ok();
}

Result<Payload> ChunkedReader::fetch_from_chunk(std::uint32_t number, const Chunk& chunk, const MessageRef& ref) {
  ASSIGN_OR_RETURN(const ChunkCache::Chunk bytes, inflated(number, chunk));
  const ViewSource view(*bytes);
  RETURN_IF_ERROR(compare_index(number, chunk, {view, 0, view.size()}));
  ReadAhead window(view, view.size(), 0);
  const MessagePlace place{0, offset_of(ref.locator), view.size(), layout_.info.connections[ref.connection].id, ref.time};
  ASSIGN_OR_RETURN(const PayloadPlace found, find_payload(window, place));
  return Payload{Bytes(*bytes).subspan(static_cast<std::size_t>(found.offset), static_cast<std::size_t>(found.bytes)), bytes};
}

/// Reads the chunk through once, in small pieces: without compression nothing else would notice a flipped bit.
Status ChunkedReader::check_stored(std::uint32_t number, const Chunk& chunk) {
  std::atomic<Checked>& state = checked_[number];
  if (state == Checked::not_yet) {
    const std::lock_guard one_at_a_time(check_);
    if (state == Checked::not_yet) {
      ASSIGN_OR_RETURN(const std::uint32_t crc, crc_of_stretch(*source_, chunk.data_offset, chunk.stored_bytes));
      state = crc == chunk.crc ? Checked::sound : Checked::damaged;
    }
  }
  if (state == Checked::damaged) return wrong_crc();
  return {};
}

Result<std::string> ChunkedReader::identity() {
  Hasher hasher;
  hasher.add(source_->size());
  std::vector<std::byte> buffer(64 * 1024);
  for (Stretch stretch : identity_) {
    while (stretch.begin < stretch.end) {
      const std::size_t n = static_cast<std::size_t>(std::min<std::uint64_t>(buffer.size(), stretch.end - stretch.begin));
      auto got = source_->read_at(stretch.begin, MutableBytes(buffer).first(n));
      if (!got.ok()) return placed(got.error(), source_->name());
      if (*got == 0) break;
      hasher.add(Bytes(buffer).first(*got));
      stretch.begin += *got;
    }
  }
  for (const Chunk& chunk : layout_.chunks) {
    hasher.add(chunk.record_offset).add(chunk.data_offset).add(chunk.stored_bytes).add(chunk.bytes);
    hasher.add(static_cast<std::uint64_t>(chunk.compression)).add(std::uint64_t{chunk.messages});
    hasher.add(static_cast<std::uint64_t>(chunk.first)).add(static_cast<std::uint64_t>(chunk.last));
    if (chunk.crc != 0) hasher.add(std::uint64_t{chunk.crc});
  }
  return hasher.hex_digest();
}

std::uint64_t ChunkedReader::file_offset(const MessageRef& ref) const {
  const std::uint32_t number = chunk_of(ref.locator);
  if (number >= layout_.chunks.size()) return 0;
  const Chunk& chunk = layout_.chunks[number];
  const bool lost_as_a_whole = chunk.crc != 0 && checked_ != nullptr && checked_[number] == Checked::damaged;
  if (chunk.compression != Compression::none || lost_as_a_whole) return chunk.record_offset;
  return chunk.data_offset + offset_of(ref.locator);
}

std::uint64_t ChunkedReader::fetch_overhead_bytes(const MessageRef& ref) const {
  const std::uint32_t number = chunk_of(ref.locator);
  if (number >= layout_.chunks.size()) return 0;
  const Chunk& chunk = layout_.chunks[number];
  return chunk.compression == Compression::none ? 0 : chunk.bytes + inflate_working_bytes(chunk.compression);
}

}  // namespace bagloom::bag
