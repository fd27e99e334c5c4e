#include "bag/mcap_record.h"

namespace bagloom::bag::mcap {

Result<Record> read_record(ReadAhead& window, std::uint64_t offset) {
  ASSIGN_OR_RETURN(const Bytes head, window.peek(offset, kRecordHeadBytes));
  if (head.size() < kRecordHeadBytes) return Error(ErrorKind::corrupt, "the record at " + hex(offset) + " is cut");
  Record record;
  record.offset = offset;
  record.op = static_cast<std::uint8_t>(head[0]);
  record.data_offset = offset + kRecordHeadBytes;
  record.data_bytes = Cursor::load<std::uint64_t>(head.subspan(1));
  if (record.op == 0) return Error(ErrorKind::corrupt, "no record at " + hex(offset));
  return record;
}

Result<Bytes> read_content(ReadAhead& window, const Record& record, std::uint64_t most) {
  if (record.data_bytes > most)
    return Error(ErrorKind::corrupt,
                 "the record at " + hex(record.offset) + " declares " + std::to_string(record.data_bytes) + " bytes");
  if (!record.fits(window.limit())) return Error(ErrorKind::corrupt, "the record at " + hex(record.offset) + " is cut");
  ASSIGN_OR_RETURN(const Bytes content, window.peek(record.data_offset, record.data_bytes));
  if (content.size() < record.data_bytes) return Error(ErrorKind::corrupt, "the file shrank while it was read");
  return content;
}

Result<std::string_view> read_string(Cursor& at) {
  ASSIGN_OR_RETURN(const std::uint32_t bytes, at.u32());
  ASSIGN_OR_RETURN(const Bytes text, at.take(bytes));
  return as_text(text);
}

MessageFields load_message_fields(Bytes content) {
  return {Cursor::load<std::uint16_t>(content), Cursor::load<std::uint64_t>(content.subspan(6))};
}

}  // namespace bagloom::bag::mcap
