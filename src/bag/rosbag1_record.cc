#include "bag/rosbag1_record.h"

#include <algorithm>

#include "base/cursor.h"

namespace bagloom::bag {
namespace {

/// Long enough for the header of every record but a connection with a very long topic.
constexpr std::uint64_t kUsualHeadBytes = 192;

Error cut(std::uint64_t offset) {
  return Error(ErrorKind::corrupt, "the record at " + hex(offset) + " is cut within its header");
}

/// Parses a header from `bytes`, which hold it whole.
Result<RecordHead> parse_head(Bytes bytes, std::uint64_t offset) {
  const auto header_bytes = Cursor::load<std::uint32_t>(bytes);
  if (bytes.size() < 8 + std::uint64_t{header_bytes}) return cut(offset);
  RecordHead head;
  head.offset = offset;
  head.fields = HeaderFields(bytes.subspan(4, header_bytes));
  if (auto whole = head.fields.check(); !whole.ok())
    return Error(ErrorKind::corrupt, "no record at " + hex(offset) + " (" + whole.error().message() + ")");
  const auto op = head.fields.u8("op");
  if (!op) return Error(ErrorKind::corrupt, "the record at " + hex(offset) + " has no op");
  head.op = *op;
  head.data_offset = offset + 4 + header_bytes + 4;
  head.data_bytes = Cursor::load<std::uint32_t>(bytes.subspan(4 + std::size_t{header_bytes}));
  return head;
}

}  // namespace

Result<RecordHead> read_record_head(ReadAhead& window, std::uint64_t offset) {
  ASSIGN_OR_RETURN(Bytes bytes, window.peek(offset, kUsualHeadBytes));
  if (bytes.size() < 4) return cut(offset);
  const auto header_bytes = Cursor::load<std::uint32_t>(bytes);
  if (header_bytes == 0 || header_bytes > kMaxHeaderBytes)
    return Error(ErrorKind::corrupt, "no record at " + hex(offset) + " (header length " + std::to_string(header_bytes) + ")");
  const std::uint64_t wanted = 4 + std::uint64_t{header_bytes} + 4;
  if (bytes.size() < wanted) {
    ASSIGN_OR_RETURN(bytes, window.peek(offset, wanted));
    if (bytes.size() < wanted) return cut(offset);
  }
  return parse_head(bytes, offset);
}

Result<WholeRecord> read_whole_record(ReadAhead& window, const RecordHead& head) {
  ASSIGN_OR_RETURN(const Bytes bytes, window.peek(head.offset, head.end() - head.offset));
  if (bytes.size() < head.end() - head.offset)
    return Error(ErrorKind::corrupt, "the record at " + hex(head.offset) + " is cut within its data");
  ASSIGN_OR_RETURN(const RecordHead again, parse_head(bytes, head.offset));
  if (again.end() != head.end()) return Error(ErrorKind::corrupt, "the file changed while it was read");
  return WholeRecord{again, bytes.subspan(static_cast<std::size_t>(again.data_offset - again.offset))};
}

}  // namespace bagloom::bag
