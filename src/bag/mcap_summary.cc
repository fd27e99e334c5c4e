#include "bag/mcap_summary.h"

#include <algorithm>

#include "bag/chunk_crc.h"
#include "bag/layout.h"
#include "bag/mcap_record.h"

namespace bagloom::bag::mcap {
namespace {

struct Footer {
  std::uint64_t offset = 0;
  std::uint64_t summary_start = 0;
  std::uint64_t summary_offset_start = 0;
  std::uint32_t crc = 0;
};

/// Nothing where the file ends in another way.
Result<std::optional<Footer>> read_footer(const Source& source, std::uint64_t header_end) {
  constexpr std::uint64_t kTail = kFooterRecordBytes + kMagic.size();
  if (source.size() < header_end + kTail) return std::optional<Footer>();
  Footer footer;
  footer.offset = source.size() - kTail;
  std::vector<std::byte> tail(kTail);
  RETURN_IF_ERROR(source.read_exactly(footer.offset, tail));
  Cursor at(tail);
  const std::uint8_t op = *at.u8();
  const std::uint64_t bytes = *at.u64();
  footer.summary_start = *at.u64();
  footer.summary_offset_start = *at.u64();
  footer.crc = *at.u32();
  if (op != kOpFooter || bytes != kFooterRecordBytes - kRecordHeadBytes || as_text(*at.take(kMagic.size())) != kMagic)
    return std::optional<Footer>();
  return std::optional<Footer>(footer);
}

/// Offset and the number of message index records; false: the content is too short.
bool read_chunk_index(Bytes content, ChunkPlace& place) {
  Cursor at(content);
  if (!at.skip(16)) return false;  // times: what the messages say counts
  const auto offset = at.u64();
  const auto length = at.u64();
  const auto map_bytes = at.u32();
  if (!offset || !length || !map_bytes || *map_bytes > at.remaining()) return false;
  place = {*offset, *map_bytes / 10, 0};
  for (std::uint64_t i = 0; i < place.index_records; ++i) {  // channel and offset of each
    const auto channel = at.u16();
    if (!channel || !at.skip(8)) return false;
    place.channels += tally_of(*channel);
  }
  return true;
}

/// Reads the records up to `end`. Fills why_not where one is not as it should be.
Status read_records(ReadAhead& window, std::uint64_t end, const OpenOptions& options, Channels& channels, Summary& summary) {
  for (std::uint64_t at = summary.begin; at < end;) {
    auto record = read_record(window, at);
    if (!record.ok()) {
      if (record.error().kind() != ErrorKind::corrupt) return std::move(record).error();
      summary.why_not = record.error().message();
      return {};
    }
    if (!record->fits(end)) {
      summary.why_not = "the record at " + hex(at) + " reaches beyond the summary";
      return {};
    }
    if (record->op == kOpMessage || record->op == kOpChunk || record->op == kOpDataEnd) {
      summary.why_not = "a record of the data section stands in it, at " + hex(at);
      return {};
    }
    at = record->end();
    const bool wanted =
        record->op == kOpSchema || record->op == kOpChannel || record->op == kOpChunkIndex || record->op == kOpStatistics;
    if (!wanted) continue;
    auto content = read_content(window, *record, kMaxDescriptionBytes);
    if (!content.ok()) {
      if (content.error().kind() != ErrorKind::corrupt) return std::move(content).error();
      summary.why_not = content.error().message();
      return {};
    }
    if (record->op == kOpSchema) channels.add_schema(*content, record->offset);
    if (record->op == kOpChannel) channels.add_channel(*content, record->offset);
    if (record->op == kOpStatistics && content->size() >= 8) summary.messages = Cursor::load<std::uint64_t>(*content);
    ChunkPlace place;
    if (record->op == kOpChunkIndex && read_chunk_index(*content, place)) summary.chunks.push_back(place);
    RETURN_IF_ERROR(check_index_bytes(channels.bytes() + summary.chunks.capacity() * sizeof(ChunkPlace),
                                      static_cast<double>(at - summary.begin) / static_cast<double>(end - summary.begin),
                                      options));
  }
  return {};
}

}  // namespace

Result<Summary> read_summary(const Source& source, std::uint64_t header_end, const OpenOptions& options, Channels& channels) {
  Summary summary;
  summary.data_end = source.size();
  ASSIGN_OR_RETURN(const std::optional<Footer> footer, read_footer(source, header_end));
  if (!footer) return summary;
  summary.closed = true;
  summary.data_end = footer->offset;
  if (footer->summary_start == 0) return summary;
  std::uint64_t end = footer->offset;
  if (footer->summary_offset_start != 0) end = footer->summary_offset_start;
  if (footer->summary_start < header_end || footer->summary_start > end || end > footer->offset) {
    summary.why_not = "the footer says that it begins at " + hex(footer->summary_start) + " and ends at " + hex(end);
    return summary;
  }
  if (footer->crc != 0) {
    // The footer's opcode, length and two offsets are part of it.
    const std::uint64_t bytes = footer->offset + kRecordHeadBytes + 16 - footer->summary_start;
    ASSIGN_OR_RETURN(const std::uint32_t crc, crc_of_stretch(source, footer->summary_start, bytes));
    if (crc != footer->crc) {
      summary.why_not = "its checksum (CRC-32) does not fit";
      return summary;
    }
  }
  summary.begin = footer->summary_start;
  ReadAhead window(source, end, 64 * 1024);
  RETURN_IF_ERROR(read_records(window, end, options, channels, summary));
  summary.usable = summary.why_not.empty();
  if (summary.usable) summary.data_end = summary.begin;
  std::sort(summary.chunks.begin(), summary.chunks.end(),
            [](const ChunkPlace& a, const ChunkPlace& b) { return a.offset < b.offset; });
  return summary;
}

}  // namespace bagloom::bag::mcap
