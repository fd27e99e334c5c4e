#include "bag/mcap_message.h"

namespace bagloom::bag::mcap {

Result<Record> read_message(ReadAhead& window, const MessagePlace& place) {
  const auto corrupt = [&place](const std::string& what) {
    return Error(ErrorKind::corrupt, "at " + hex(place.offset) + " in the chunk: " + what);
  };
  auto record = read_record(window, place.base + place.offset);
  if (!record.ok()) {
    if (record.error().kind() != ErrorKind::corrupt) return std::move(record).error();
    return corrupt("no message record");
  }
  if (record->op != kOpMessage) return corrupt("a record of another kind (opcode " + hex(record->op) + ")");
  if (!record->fits(place.end))
    return corrupt("a message that declares " + std::to_string(record->data_bytes) + " bytes, more than there are");
  if (record->data_bytes < kMessageFieldsBytes) return corrupt("a message of " + std::to_string(record->data_bytes) + " bytes");
  ASSIGN_OR_RETURN(const Bytes head, window.peek(record->data_offset, kMessageFieldsBytes));
  if (head.size() < kMessageFieldsBytes) return corrupt("a message that is cut");
  const MessageFields fields = load_message_fields(head);
  if (fields.channel != place.connection) return corrupt("a message of another channel");
  if (!is_time(fields.log_time) || static_cast<TimeNs>(fields.log_time) != place.time)
    return corrupt("a message of another time");
  return *record;
}

}  // namespace bagloom::bag::mcap
