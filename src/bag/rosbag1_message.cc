#include "bag/rosbag1_message.h"

namespace bagloom::bag {

Result<RecordHead> read_message_head(ReadAhead& window, const MessagePlace& place) {
  const auto corrupt = [&place](const std::string& what) {
    return Error(ErrorKind::corrupt, "at " + hex(place.offset) + " in the chunk: " + what);
  };
  auto read = read_record_head(window, place.base + place.offset);
  if (!read.ok()) {
    if (read.error().kind() != ErrorKind::corrupt) return std::move(read).error();
    return corrupt("no message record");
  }
  const RecordHead& head = *read;
  if (head.op != kOpMessage) return corrupt("a record of another kind (op " + hex(head.op) + ")");
  const auto id = head.fields.u32("conn");
  if (id != place.connection) return corrupt("a message of another connection");
  if (head.fields.time("time") != place.time) return corrupt("a message of another time");
  if (head.end() > place.end)
    return corrupt("a message that declares " + std::to_string(head.data_bytes) + " bytes, more than there are");
  return *read;
}

}  // namespace bagloom::bag
