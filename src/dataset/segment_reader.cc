#include <algorithm>

#include "base/cursor.h"
#include "dataset/segment_record.h"
#include "dataset/unit.h"
#include "dataset/unit_format.h"

namespace bagloom::dataset {
namespace {

class FileSegmentReader : public SegmentReader {
 public:
  FileSegmentReader(std::unique_ptr<Source> source, SegmentFacts facts, std::uint64_t end)
      : source_(std::move(source)), facts_(std::move(facts)), end_(end) {}

  const SegmentFacts& facts() const override { return facts_; }

  Result<std::optional<Entry>> next() override {
    if (at_ >= end_) {
      RETURN_IF_ERROR(check_sums());
      return std::optional<Entry>();
    }
    if (++frames_ > facts_.frames) return corrupt("more pictures than the segment's " + std::to_string(facts_.frames));
    Entry entry;
    if (facts_.by_reference) {
      RETURN_IF_ERROR(read_reference(at_, entry));
    } else {
      RETURN_IF_ERROR(read_packet(at_, entry, packet_));
    }
    bytes_ += entry.bytes;
    return std::optional<Entry>(std::move(entry));
  }

  Status visit(const std::function<Status(const Entry&)>& visitor) override {
    at_ = kUnitHeaderBytes;
    frames_ = bytes_ = 0;
    for (;;) {
      ASSIGN_OR_RETURN(const std::optional<Entry> entry, next());
      if (!entry) return {};
      RETURN_IF_ERROR(visitor(*entry));
    }
  }

 private:
  Status check_sums() const {
    if (frames_ != facts_.frames) {
      return corrupt(std::to_string(frames_) + " pictures, the segment's facts say " + std::to_string(facts_.frames));
    }
    if (bytes_ != facts_.packet_bytes) {
      return corrupt(std::to_string(bytes_) + " packet bytes, the segment's facts say " + std::to_string(facts_.packet_bytes));
    }
    return {};
  }

  Error corrupt(const std::string& what) const { return Error(ErrorKind::corrupt, what).in(source_->name()); }

  // Reads inside the records only: the facts and the trailer are not theirs.
  Status read(std::uint64_t& at, MutableBytes out) const {
    if (out.size() > end_ - at) {
      return corrupt("record of " + std::to_string(out.size()) + " bytes at " + hex(at) + ", " + std::to_string(end_ - at) +
                     " remain");
    }
    RETURN_IF_ERROR(source_->read_exactly(at, out));
    at += out.size();
    return {};
  }

  Status read_packet(std::uint64_t& at, Entry& entry, std::vector<std::byte>& packet) const {
    std::byte head[kPacketHeadBytes];
    RETURN_IF_ERROR(read(at, head));
    Cursor cursor{Bytes(head)};
    ASSIGN_OR_RETURN(const std::uint8_t kind, cursor.u8());
    ASSIGN_OR_RETURN(const std::uint8_t keyframe, cursor.u8());
    ASSIGN_OR_RETURN(const std::uint32_t size, cursor.u32());
    if (kind != static_cast<std::uint8_t>(RecordKind::packet) || keyframe > 1 || size == 0) {
      return corrupt("no packet at " + hex(at - kPacketHeadBytes));
    }
    // Checked before it is allocated: the file itself is the cap.
    if (size > end_ - at) return corrupt("packet of " + std::to_string(size) + " bytes at " + hex(at) + " leaves the records");
    packet.resize(size);
    RETURN_IF_ERROR(read(at, packet));
    entry.packet.bytes = packet;
    entry.packet.keyframe = keyframe == 1;
    entry.bytes = size;
    return {};
  }

  Status read_reference(std::uint64_t& at, Entry& entry) const {
    std::byte record[kReferenceBytes];
    RETURN_IF_ERROR(read(at, record));
    Cursor cursor{Bytes(record)};
    ASSIGN_OR_RETURN(const std::uint8_t kind, cursor.u8());
    if (kind != static_cast<std::uint8_t>(RecordKind::reference)) return corrupt("no reference at " + hex(at - kReferenceBytes));
    ASSIGN_OR_RETURN(entry.message.time, cursor.number<std::int64_t>());
    ASSIGN_OR_RETURN(entry.message.locator, cursor.u64());
    ASSIGN_OR_RETURN(entry.message.connection, cursor.u32());
    ASSIGN_OR_RETURN(entry.message.recording, cursor.u32());
    ASSIGN_OR_RETURN(entry.offset, cursor.u64());
    ASSIGN_OR_RETURN(entry.bytes, cursor.u64());
    entry.packet.keyframe = true;  // each JPEG stands alone
    return {};
  }

  std::unique_ptr<Source> source_;
  SegmentFacts facts_;
  std::uint64_t end_;  // of the records
  std::uint64_t at_ = kUnitHeaderBytes, frames_ = 0, bytes_ = 0;
  std::vector<std::byte> packet_;
};

}  // namespace

Result<std::unique_ptr<SegmentReader>> SegmentReader::open(const std::string& path) {
  ASSIGN_OR_RETURN(auto source, open_file(path));
  return open(std::move(source));
}

Result<std::unique_ptr<SegmentReader>> SegmentReader::open(std::unique_ptr<Source> source) {
  ASSIGN_OR_RETURN(const std::uint64_t facts_offset, check_unit(*source, kSegmentMagic));
  const std::uint64_t facts_end = source->size() - kUnitTrailerBytes;
  if (facts_offset == 0 || facts_offset == facts_end || facts_end - facts_offset > kMaxFactsBytes) {
    return Error(ErrorKind::corrupt, "segment without facts").in(source->name());
  }
  std::vector<std::byte> bytes(static_cast<std::size_t>(facts_end - facts_offset));
  RETURN_IF_ERROR(source->read_exactly(facts_offset, bytes));
  auto facts = decode_facts(bytes);
  if (!facts.ok()) return std::move(facts).error().in(source->name());
  return std::unique_ptr<SegmentReader>(new FileSegmentReader(std::move(source), *std::move(facts), facts_offset));
}

}  // namespace bagloom::dataset
