#include "bag/rosbag1_reader.h"

#include <algorithm>

#include "bag/chunk_cache.h"
#include "bag/inflate.h"
#include "bag/rosbag1_layout.h"
#include "bag/rosbag1_message.h"
#include "bag/rosbag1_scan.h"
#include "base/hash.h"

namespace bagloom::bag {
namespace {

/// The source's own trail begins with the path: this one is built anew around the innermost message.
Error placed(const Error& error, const std::string& path) {
  return Error(error.kind(), error.message()).fix(error.remedy()).needing(error.smallest_limit_bytes()).in(std::string(path));
}

class Rosbag1Reader : public BagReader {
 public:
  Rosbag1Reader(std::unique_ptr<Source> source, const OpenOptions& options, Layout layout)
      : source_(std::move(source)), options_(options), layout_(std::move(layout)) {
    if (options_.cache == nullptr) {
      own_cache_ = std::make_unique<ChunkCache>(layout_.info.largest_chunk_bytes);
      options_.cache = own_cache_.get();
    }
  }

  const BagInfo& info() const override { return layout_.info; }

  Status scan(const ConnectionSet& which, const Visit& visit) override {
    // An error of the caller's `visit` passes as it is; one of reading gets the file's name.
    bool from_visit = false;
    auto status = scan_layout(*source_, layout_, options_.recording, which, [&](const IndexedMessage& message) {
      auto visited = visit(message);
      from_visit = !visited.ok();
      return visited;
    });
    if (status.ok() || from_visit || status.error().kind() == ErrorKind::io) return status;
    return std::move(status).error().in(std::string(source_->name()));
  }

  Result<Payload> fetch(const MessageRef& ref) override {
    const std::uint32_t number = chunk_of(ref.locator);
    if (ref.recording != options_.recording || number >= layout_.chunks.size() ||
        ref.connection >= layout_.info.connections.size())
      return Error(ErrorKind::internal, "a message of another recording was asked for").in(std::string(source_->name()));
    const Chunk& chunk = layout_.chunks[number];
    auto payload = chunk.compression == Compression::none ? fetch_by_itself(chunk, ref) : fetch_from_chunk(number, chunk, ref);
    if (payload.ok()) return payload;
    const Error& error = payload.error();
    std::string what = error.text();
    if (error.kind() == ErrorKind::io) what = error.message();  // without the path, which comes first
    return Error(error.kind(), what)
        .in(layout_.info.connections[ref.connection].topic + " at " + relative_text(ref.time - layout_.info.start))
        .in("chunk at " + hex(chunk.record_offset))
        .in(std::string(source_->name()));
  }

  Result<std::string> identity() override {
    Hasher hasher;
    hasher.add(source_->size());
    RETURN_IF_ERROR(add_stretch(hasher, 0, layout_.header.end));
    if (layout_.header.index_pos != 0) RETURN_IF_ERROR(add_stretch(hasher, layout_.header.index_pos, source_->size()));
    for (const Chunk& chunk : layout_.chunks) {
      hasher.add(chunk.record_offset).add(chunk.data_offset).add(chunk.stored_bytes).add(chunk.bytes);
      hasher.add(static_cast<std::uint64_t>(chunk.compression)).add(std::uint64_t{chunk.messages});
      hasher.add(static_cast<std::uint64_t>(chunk.first)).add(static_cast<std::uint64_t>(chunk.last));
    }
    return hasher.hex_digest();
  }

  std::uint64_t file_offset(const MessageRef& ref) const override {
    const std::uint32_t number = chunk_of(ref.locator);
    if (number >= layout_.chunks.size()) return 0;
    const Chunk& chunk = layout_.chunks[number];
    return chunk.compression == Compression::none ? chunk.data_offset + offset_of(ref.locator) : chunk.record_offset;
  }

  std::uint64_t fetch_overhead_bytes(const MessageRef& ref) const override {
    const std::uint32_t number = chunk_of(ref.locator);
    if (number >= layout_.chunks.size()) return 0;
    const Chunk& chunk = layout_.chunks[number];
    return chunk.compression == Compression::none ? 0 : chunk.bytes + inflate_working_bytes(chunk.compression);
  }

 private:
  MessagePlace place_of(const MessageRef& ref, std::uint64_t base, std::uint64_t end) const {
    return {base, offset_of(ref.locator), end, layout_.info.connections[ref.connection].id, ref.time};
  }

  /// One message of an uncompressed chunk; the chunk is never read whole.
  Result<Payload> fetch_by_itself(const Chunk& chunk, const MessageRef& ref) const {
    const std::uint64_t end = chunk.data_offset + chunk.stored_bytes;
    ReadAhead window(*source_, end, kUsualMessageHeadBytes);
    ASSIGN_OR_RETURN(const RecordHead head, read_message_head(window, place_of(ref, chunk.data_offset, end)));
    if (head.data_bytes > options_.max_chunk_bytes)
      return Error(ErrorKind::corrupt, "a message of " + std::to_string(head.data_bytes) + " bytes, more than is allowed");
    const std::shared_ptr<std::byte[]> buffer = std::make_unique_for_overwrite<std::byte[]>(head.data_bytes);
    const MutableBytes bytes(buffer.get(), head.data_bytes);
    if (head.end() <= head.offset + kUsualMessageHeadBytes) {
      ASSIGN_OR_RETURN(const Bytes data, window.peek(head.data_offset, head.data_bytes));
      if (data.size() < bytes.size()) return Error(ErrorKind::corrupt, "the file shrank while it was read");
      std::copy(data.begin(), data.end(), bytes.begin());
    } else {
      RETURN_IF_ERROR(source_->read_exactly(head.data_offset, bytes));
    }
    return Payload{bytes, buffer};
  }

  Result<Payload> fetch_from_chunk(std::uint32_t number, const Chunk& chunk, const MessageRef& ref) const {
    ASSIGN_OR_RETURN(const ChunkCache::Chunk inflated,
                     options_.cache->get(options_.recording, number, [&] { return inflate(*source_, compressed(chunk)); }));
    const ViewSource view(*inflated);
    ReadAhead window(view, view.size(), 0);
    ASSIGN_OR_RETURN(const RecordHead head, read_message_head(window, place_of(ref, 0, view.size())));
    return Payload{Bytes(*inflated).subspan(static_cast<std::size_t>(head.data_offset), head.data_bytes), inflated};
  }

  Status add_stretch(Hasher& hasher, std::uint64_t begin, std::uint64_t end) const {
    std::vector<std::byte> buffer(64 * 1024);
    while (begin < end) {
      const std::size_t n = static_cast<std::size_t>(std::min<std::uint64_t>(buffer.size(), end - begin));
      auto got = source_->read_at(begin, MutableBytes(buffer).first(n));
      if (!got.ok()) return placed(got.error(), source_->name());
      if (*got == 0) break;
      hasher.add(Bytes(buffer).first(*got));
      begin += *got;
    }
    return {};
  }

  std::unique_ptr<Source> source_;
  OpenOptions options_;
  Layout layout_;
  std::unique_ptr<ChunkCache> own_cache_;
};

}  // namespace

Result<std::unique_ptr<BagReader>> open_rosbag1(std::unique_ptr<Source> source, const OpenOptions& options) {
  auto layout = read_layout(*source, options);
  if (!layout.ok()) return placed(layout.error(), source->name());
  return std::unique_ptr<BagReader>(new Rosbag1Reader(std::move(source), options, std::move(*layout)));
}

}  // namespace bagloom::bag
