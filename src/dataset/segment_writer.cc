#include <limits>

#include "dataset/segment_record.h"
#include "dataset/unit.h"
#include "dataset/unit_format.h"

namespace bagloom::dataset {
namespace {

class FileSegmentWriter : public SegmentWriter {
 public:
  FileSegmentWriter(std::string path, std::unique_ptr<UnitFile> unit) : path_(std::move(path)), unit_(std::move(unit)) {}

  Status add(const media::Packet& packet) override {
    if (packet.bytes.empty() || packet.bytes.size() > std::numeric_limits<std::uint32_t>::max()) {
      return invalid("packet of " + std::to_string(packet.bytes.size()) + " bytes");
    }
    RETURN_IF_ERROR(count(false, packet.bytes.size()));
    std::vector<std::byte> head;
    append_number(head, static_cast<std::uint8_t>(RecordKind::packet));
    append_number(head, static_cast<std::uint8_t>(packet.keyframe ? 1 : 0));
    append_number(head, static_cast<std::uint32_t>(packet.bytes.size()));
    RETURN_IF_ERROR(unit_->write(head));
    return unit_->write(packet.bytes);
  }

  Status add_reference(const MessageRef& message, std::uint64_t offset, std::uint64_t bytes) override {
    if (bytes == 0) return invalid("reference to no bytes");
    RETURN_IF_ERROR(count(true, bytes));
    std::vector<std::byte> record;
    append_number(record, static_cast<std::uint8_t>(RecordKind::reference));
    append_number(record, message.time);
    append_number(record, message.locator);
    append_number(record, message.connection);
    append_number(record, message.recording);
    append_number(record, offset);
    append_number(record, bytes);
    return unit_->write(record);
  }

  Status finish(const media::StreamParameters& stream, const media::RgbHistogram& histogram,
                const std::optional<media::FormatMismatch>& mismatch) override {
    if (facts_.frames == 0) return invalid("segment without pictures");
    facts_.stream = stream;
    facts_.histogram = histogram;
    facts_.mismatch = mismatch;
    const std::vector<std::byte> facts = encode_facts(facts_);
    if (facts.size() > kMaxFactsBytes) return invalid("stream parameters of " + std::to_string(facts.size()) + " bytes");
    const std::uint64_t facts_offset = unit_->length();
    RETURN_IF_ERROR(unit_->write(facts));
    return unit_->finish(facts_offset);
  }

 private:
  Error invalid(const std::string& what) const { return Error(ErrorKind::invalid, what).in(path_); }

  Status count(bool by_reference, std::uint64_t bytes) {
    if (facts_.frames > 0 && facts_.by_reference != by_reference) return invalid("packets and references in one segment");
    facts_.by_reference = by_reference;
    ++facts_.frames;
    facts_.packet_bytes += bytes;
    return {};
  }

  std::string path_;
  std::unique_ptr<UnitFile> unit_;
  SegmentFacts facts_;
};

}  // namespace

Result<std::unique_ptr<SegmentWriter>> SegmentWriter::create(const std::string& path) {
  ASSIGN_OR_RETURN(auto unit, UnitFile::create(path, kSegmentMagic));
  return std::unique_ptr<SegmentWriter>(new FileSegmentWriter(path, std::move(unit)));
}

}  // namespace bagloom::dataset
