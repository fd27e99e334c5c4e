#include "bag/rosbag1_connection.h"

namespace bagloom::bag {

std::optional<Connection> read_connection(const RecordHead& head, Bytes data) {
  const auto id = head.fields.u32("conn");
  // The record header's topic counts: the one in the data is from before remapping and may be absent.
  const auto topic = head.fields.text("topic");
  if (!id || !topic) return std::nullopt;
  const HeaderFields fields(data);
  Connection facts;
  facts.id = *id;
  facts.topic = *topic;
  facts.type = fields.text("type").value_or("");
  facts.md5sum = fields.text("md5sum").value_or("");
  facts.definition = fields.text("message_definition").value_or("");
  facts.latching = fields.text("latching").value_or("0") == "1";
  return facts;
}

void announce(const RecordHead& head, Bytes data, std::uint64_t file_offset, ConnectionTable& connections, DamageLog& damage) {
  auto facts = read_connection(head, data);
  if (!facts) {
    damage.add(file_offset, "a connection record without number or topic", true);
    return;
  }
  if (auto whole = HeaderFields(data).check(); !whole.ok())
    damage.add(file_offset, "connection header: " + whole.error().message(), false, facts->topic);
  connections.announce(std::move(*facts), file_offset, damage);
}

}  // namespace bagloom::bag
