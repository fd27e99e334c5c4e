#include "bag/mcap_reader.h"

#include <algorithm>

#include "bag/chunked_reader.h"
#include "bag/inflate.h"
#include "bag/mcap_layout.h"
#include "bag/mcap_message.h"
#include "bag/mcap_walk.h"
#include "bag/zstd_message.h"

namespace bagloom::bag {
namespace {

class McapReader : public ChunkedReader {
 public:
  McapReader(std::unique_ptr<Source> source, const OpenOptions& options, mcap::McapLayout layout)
      : ChunkedReader(std::move(source), options, static_cast<Layout&&>(layout),
                      {{0, layout.header_end}, {layout.summary_begin, layout.summary_begin == 0 ? 0 : layout.info.bytes}}) {}

  /// Nothing in the file says that rosbag2 compressed each message by itself (bag-formats.md 4.3): looks at the first one.
  Status look_for_message_compression() {
    for (std::uint32_t number = 0; number < layout().chunks.size(); ++number) {
      if (layout().chunks[number].messages == 0) continue;
      const auto kept = layout().walked.find(number);
      std::vector<ChunkEntry> loaded;
      if (kept == layout().walked.end()) {
        ASSIGN_OR_RETURN(loaded, load_entries(number));
      }
      const std::vector<ChunkEntry>& entries = kept == layout().walked.end() ? loaded : kept->second;
      const auto cdr = std::find_if(entries.begin(), entries.end(), [this](const ChunkEntry& entry) {
        const std::uint32_t connection = layout().connection_of_slot[entry.slot];
        return connection != Layout::kNoConnection && is_cdr(connection);
      });
      if (cdr == entries.end()) continue;
      ASSIGN_OR_RETURN(frames_, is_frame_at(layout().chunks[number], cdr->offset));
      if (frames_ && layout().info.compression == "none") {
        layout().info.compression = "zstd";
        layout().info.by_message = true;
      }
      return {};
    }
    return {};
  }

  /// Of messages that are compressed by themselves, what they become is in their first bytes: these are read.
  Status scan(const ConnectionSet& which, const Visit& visit) override {
    if (!frames_) return ChunkedReader::scan(which, visit);
    return ChunkedReader::scan(which, [&](const IndexedMessage& message) -> Status {
      IndexedMessage bounded = message;
      if (is_cdr(message.ref.connection)) {
        auto head = fetch_stored(message.ref, kZstdHeadBytes);
        if (!head.ok() && head.error().kind() == ErrorKind::io) return std::move(head).error();
        if (head.ok() && is_zstd_frame(head->bytes))
          bounded.bytes =
              std::max(bounded.bytes, std::min(inflated_bound(head->bytes, message.bytes), options().max_chunk_bytes));
      }
      return visit(bounded);
    });
  }

  std::uint64_t fetch_overhead_bytes(const MessageRef& ref) const override {
    return ChunkedReader::fetch_overhead_bytes(ref) + (frames_ ? kZstdWorkingBytes : 0);
  }

 private:
  bool is_cdr(std::uint32_t connection) const { return info().connections[connection].encoding == "cdr"; }

  /// Whether the message record at this place of a chunk holds a frame. False too where that is not worth inflating the chunk.
  Result<bool> is_frame_at(const Chunk& chunk, std::uint64_t offset) const {
    constexpr std::uint64_t kWorthInflating = 1u << 20;
    offset += mcap::kMinMessageRecordBytes;
    std::vector<std::byte> beginning(4);
    if (chunk.compression == Compression::none) {
      ASSIGN_OR_RETURN(const std::size_t got, source().read_at(chunk.data_offset + offset, beginning));
      return is_zstd_frame(Bytes(beginning).first(got));
    }
    if (offset > kWorthInflating || offset >= chunk.bytes) return false;
    Compressed part = compressed(chunk);
    part.partial = true;
    part.bytes = std::min(part.bytes, offset + beginning.size());
    auto inflated = inflate(source(), part);
    if (!inflated.ok() && inflated.error().kind() == ErrorKind::io) return std::move(inflated).error();
    return inflated.ok() && inflated->size() > offset &&
           is_zstd_frame(Bytes(*inflated).subspan(static_cast<std::size_t>(offset)));
  }

  Result<std::vector<ChunkEntry>> load_entries(std::uint32_t chunk) override {
    return mcap::load_entries(source(), layout(), chunk);
  }

  Result<PayloadPlace> find_payload(ReadAhead& window, const MessagePlace& place) const override {
    ASSIGN_OR_RETURN(const mcap::Record record, mcap::read_message(window, place));
    return PayloadPlace{record.data_offset + mcap::kMessageFieldsBytes, record.data_bytes - mcap::kMessageFieldsBytes};
  }

  Result<std::uint64_t> count_messages(ReadAhead& window, std::uint64_t begin, const Wanted& wanted,
                                       const Announced& announced) const override {
    std::uint64_t count = 0;
    while (begin < window.limit()) {
      auto record = mcap::read_record(window, begin);
      if (!record.ok() && record.error().kind() != ErrorKind::corrupt) return std::move(record).error();
      if (!record.ok() || !record->fits(window.limit())) break;
      begin = record->end();
      if (record->op == mcap::kOpChannel) {
        const auto content = mcap::read_content(window, *record, mcap::kMaxDescriptionBytes);
        if (!content.ok() && content.error().kind() != ErrorKind::corrupt) return Error(content.error());
        if (const auto said = content.ok() ? mcap::read_channel(*content) : content.error(); said.ok()) announced(*said);
      }
      if (record->op != mcap::kOpMessage || record->data_bytes < mcap::kMessageFieldsBytes) continue;
      ASSIGN_OR_RETURN(const Bytes head, window.peek(record->data_offset, mcap::kMessageFieldsBytes));
      if (wanted(mcap::load_message_fields(head).channel)) ++count;
    }
    return count;
  }

  Result<Records> walk(ReadAhead& window, std::uint64_t begin, ConnectionTable& connections) const override {
    DamageLog damage;
    mcap::Channels channels(connections, damage);
    ASSIGN_OR_RETURN(mcap::Walk walk, mcap::walk_records(window, begin, {}, connections, channels, damage));
    return Records{std::move(walk.entries), walk.why_stopped.empty() && damage.take().empty()};
  }

  Result<Payload> unwrap(const MessageRef& ref, Payload payload) const override {
    if (!is_cdr(ref.connection) || !is_zstd_frame(payload.bytes)) return payload;
    return inflate_zstd_message(payload.bytes, options().max_chunk_bytes);
  }

  bool frames_ = false;  ///< messages in CDR are zstd frames
};

}  // namespace

Result<std::unique_ptr<BagReader>> open_mcap(std::unique_ptr<Source> source, const OpenOptions& options) {
  auto layout = mcap::read_layout(*source, options);
  if (!layout.ok()) return placed(layout.error(), source->name());
  auto reader = std::make_unique<McapReader>(std::move(source), options, std::move(*layout));
  RETURN_IF_ERROR(reader->look_for_message_compression());
  return std::unique_ptr<BagReader>(std::move(reader));
}

}  // namespace bagloom::bag
