#include "bag/rosbag1_connection.h"

namespace bagloom::bag {

std::uint32_t ConnectionTable::slot_of(std::uint32_t id) {
  const auto [place, is_new] = by_id_.try_emplace(id, static_cast<std::uint32_t>(slots_.size()));
  if (is_new) {
    slots_.emplace_back();
    slots_.back().facts.id = id;
  }
  return place->second;
}

void ConnectionTable::announce(const RecordHead& head, Bytes data, std::uint64_t file_offset, DamageLog& damage) {
  const auto id = head.fields.u32("conn");
  // The record header's topic counts: the one in the data is from before remapping and may be absent.
  const auto topic = head.fields.text("topic");
  if (!id || !topic) {
    damage.add(file_offset, "a connection record without number or topic", true);
    return;
  }
  const HeaderFields fields(data);
  if (auto whole = fields.check(); !whole.ok())
    damage.add(file_offset, "connection header: " + whole.error().message(), false, std::string(*topic));
  Slot& slot = slots_[slot_of(*id)];
  const std::string type(fields.text("type").value_or(""));
  if (slot.announced) {
    if (slot.facts.topic != *topic || slot.facts.type != type)
      damage.add(file_offset,
                 "connection " + std::to_string(*id) + " is announced again as " + std::string(*topic) + " (" + type + ")", true,
                 slot.facts.topic);
    return;
  }
  slot.announced = true;
  ++announced_;
  slot.facts.topic = *topic;
  slot.facts.type = type;
  slot.facts.md5sum = fields.text("md5sum").value_or("");
  slot.facts.definition = fields.text("message_definition").value_or("");
  for (const std::string* text : {&slot.facts.topic, &slot.facts.type, &slot.facts.md5sum})
    text_bytes_ += 2 * (text->size() < 16 ? 0 : text->size() + 17);
  text_bytes_ += slot.facts.definition.size() + 17;
  slot.facts.latching = fields.text("latching").value_or("0") == "1";
}

}  // namespace bagloom::bag
