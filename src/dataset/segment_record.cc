#include "dataset/segment_record.h"

#include "base/cursor.h"
#include "dataset/unit_format.h"

namespace bagloom::dataset {
namespace {

void append_bytes(std::vector<std::byte>& out, Bytes bytes) {
  append_number(out, static_cast<std::uint32_t>(bytes.size()));
  out.insert(out.end(), bytes.begin(), bytes.end());
}

Result<Bytes> take_bytes(Cursor& cursor) {
  ASSIGN_OR_RETURN(const std::uint32_t n, cursor.u32());
  return cursor.take(n);
}

}  // namespace

std::vector<std::byte> encode_facts(const SegmentFacts& facts) {
  std::vector<std::byte> out;
  append_bytes(out, as_bytes(facts.stream.codec));
  append_bytes(out, as_bytes(facts.stream.pix_fmt));
  append_bytes(out, facts.stream.extradata);
  append_number(out, facts.stream.width);
  append_number(out, facts.stream.height);
  append_number(out, facts.stream.fps);
  append_number(out, static_cast<std::uint8_t>(facts.by_reference ? 1 : 0));
  append_number(out, facts.frames);
  append_number(out, facts.packet_bytes);
  append_number(out, facts.histogram.pictures);
  for (const auto& channel : facts.histogram.counts) {
    for (const std::uint64_t count : channel) append_number(out, count);
  }
  append_number(out, facts.mismatch ? facts.mismatch->time : 0);
  append_bytes(out, as_bytes(facts.mismatch ? facts.mismatch->what : ""));
  // Of depth, behind them: each distance that occurs, with its count.
  for (std::size_t value = 0; value < facts.histogram.millimetres.size(); ++value) {
    if (facts.histogram.millimetres[value] == 0) continue;
    append_number(out, static_cast<std::uint16_t>(value));
    append_number(out, facts.histogram.millimetres[value]);
  }
  return out;
}

Result<SegmentFacts> decode_facts(Bytes bytes) {
  Cursor cursor(bytes);
  SegmentFacts facts;
  ASSIGN_OR_RETURN(const Bytes codec, take_bytes(cursor));
  ASSIGN_OR_RETURN(const Bytes pix_fmt, take_bytes(cursor));
  ASSIGN_OR_RETURN(const Bytes extradata, take_bytes(cursor));
  facts.stream.codec = as_text(codec);
  facts.stream.pix_fmt = as_text(pix_fmt);
  facts.stream.extradata.assign(extradata.begin(), extradata.end());
  ASSIGN_OR_RETURN(facts.stream.width, cursor.u32());
  ASSIGN_OR_RETURN(facts.stream.height, cursor.u32());
  ASSIGN_OR_RETURN(facts.stream.fps, cursor.u32());
  ASSIGN_OR_RETURN(const std::uint8_t by_reference, cursor.u8());
  if (by_reference > 1) return Error(ErrorKind::corrupt, "segment facts: flag " + std::to_string(by_reference));
  facts.by_reference = by_reference == 1;
  ASSIGN_OR_RETURN(facts.frames, cursor.u64());
  ASSIGN_OR_RETURN(facts.packet_bytes, cursor.u64());
  ASSIGN_OR_RETURN(facts.histogram.pictures, cursor.u64());
  for (auto& channel : facts.histogram.counts) {
    for (std::uint64_t& count : channel) {
      ASSIGN_OR_RETURN(count, cursor.u64());
    }
  }
  ASSIGN_OR_RETURN(const TimeNs time, cursor.number<TimeNs>());
  ASSIGN_OR_RETURN(const Bytes what, take_bytes(cursor));
  if (!what.empty()) facts.mismatch = media::FormatMismatch{time, std::string(as_text(what))};
  if (cursor.remaining() > 0) facts.histogram.millimetres.resize(65536);
  while (cursor.remaining() > 0) {
    ASSIGN_OR_RETURN(const std::uint16_t value, cursor.u16());
    ASSIGN_OR_RETURN(facts.histogram.millimetres[value], cursor.u64());
  }
  return facts;
}

}  // namespace bagloom::dataset
