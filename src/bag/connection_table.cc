#include "bag/connection_table.h"

namespace bagloom::bag {

std::uint32_t ConnectionTable::slot_of(std::uint32_t id) {
  const auto [place, is_new] = by_id_.try_emplace(id, static_cast<std::uint32_t>(slots_.size()));
  if (is_new) {
    slots_.emplace_back();
    slots_.back().facts.id = id;
  }
  return place->second;
}

std::optional<std::uint32_t> ConnectionTable::find(std::uint32_t id) const {
  const auto place = by_id_.find(id);
  return place == by_id_.end() ? std::nullopt : std::optional(place->second);
}

void ConnectionTable::announce(Connection facts, std::uint64_t file_offset, DamageLog& damage) {
  Slot& slot = slots_[slot_of(facts.id)];
  if (slot.announced) {
    if (slot.facts.topic != facts.topic || slot.facts.type != facts.type)
      damage.add(file_offset,
                 "connection " + std::to_string(facts.id) + " is announced again as " + facts.topic + " (" + facts.type + ")",
                 true, slot.facts.topic);
    return;
  }
  slot.announced = true;
  ++announced_;
  for (const std::string* text : {&facts.topic, &facts.type, &facts.md5sum, &facts.definition_encoding, &facts.encoding})
    text_bytes_ += 2 * (text->size() < 16 ? 0 : text->size() + 17);
  text_bytes_ += facts.definition.size() + 17;
  // Chunks that stand before the record are counted already.
  facts.messages = slot.facts.messages;
  facts.bytes = slot.facts.bytes;
  facts.start = slot.facts.start;
  facts.end = slot.facts.end;
  slot.facts = std::move(facts);
}

void ConnectionTable::define(std::uint32_t slot, std::string type, std::string encoding, std::string definition) {
  Connection& facts = slots_[slot].facts;
  text_bytes_ += 2 * (type.size() + encoding.size()) + definition.size() + 17;
  facts.type = std::move(type);
  facts.definition_encoding = std::move(encoding);
  facts.definition = std::move(definition);
}

}  // namespace bagloom::bag
