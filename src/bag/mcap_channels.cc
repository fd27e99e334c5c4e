#include "bag/mcap_channels.h"

#include <algorithm>

#include "bag/mcap_record.h"

namespace bagloom::bag::mcap {
namespace {

/// Of all schemas together, and of all connections' copies of them: a small file could declare any number.
constexpr std::uint64_t kMostSchemaBytes = 64u << 20;

std::string_view trimmed(std::string_view text) {
  constexpr std::string_view kBlank = " \t\r'\"";
  const std::size_t begin = text.find_first_not_of(kBlank);
  if (begin == std::string_view::npos) return {};
  return text.substr(begin, text.find_last_not_of(kBlank) - begin + 1);
}

/// Whether one of a topic's publishers kept its last messages for late subscribers: ROS 2's latching. The text is YAML, in which
/// durability is a number or a name.
bool is_transient_local(std::string_view profiles) {
  constexpr std::string_view kKey = "durability:";
  for (std::size_t at = profiles.find(kKey); at != std::string_view::npos; at = profiles.find(kKey, at)) {
    at += kKey.size();
    const std::string_view value = trimmed(profiles.substr(at, profiles.find_first_of("\n,}", at) - at));
    if (value == "1" || value == "transient_local") return true;
  }
  return false;
}

bool is_true(std::string_view text) { return text == "1" || text == "true" || text == "True"; }

struct Channel {
  std::uint16_t schema = 0;
  Connection facts;
};

void take_metadata(std::string_view key, std::string_view value, Connection& facts) {
  if (key == "latching") facts.latching = is_true(value);
  if (key == "offered_qos_profiles") facts.latching = is_transient_local(value);
  if (key == "md5sum") facts.md5sum = value;
}

Result<Channel> parse_channel(Bytes content) {
  Cursor at(content);
  Channel channel;
  ASSIGN_OR_RETURN(channel.facts.id, at.u16());
  ASSIGN_OR_RETURN(channel.schema, at.u16());
  ASSIGN_OR_RETURN(channel.facts.topic, read_string(at));
  ASSIGN_OR_RETURN(channel.facts.encoding, read_string(at));
  ASSIGN_OR_RETURN(const std::uint32_t bytes, at.u32());
  ASSIGN_OR_RETURN(const Bytes map, at.take(bytes));
  for (Cursor entries(map); entries.remaining() > 0;) {
    ASSIGN_OR_RETURN(const std::string_view key, read_string(entries));
    ASSIGN_OR_RETURN(const std::string_view value, read_string(entries));
    take_metadata(key, value, channel.facts);
  }
  return channel;
}

}  // namespace

Result<Connection> read_channel(Bytes content) {
  ASSIGN_OR_RETURN(Channel channel, parse_channel(content));
  return std::move(channel.facts);
}

void Channels::add_schema(Bytes content, std::uint64_t file_offset) {
  Cursor at(content);
  const auto id = at.u16();
  const auto name = read_string(at);
  const auto encoding = read_string(at);
  const auto data = read_string(at);
  if (!id || !name || !encoding || !data || *id == 0) {
    damage_.add(file_offset, "a schema record that cannot be read", true);
    return;
  }
  if (const auto known = schemas_.find(*id); known != schemas_.end()) {
    const Schema& schema = known->second;
    if (schema.name != *name || schema.encoding != *encoding || schema.data != *data)
      damage_.add(file_offset, "schema " + std::to_string(*id) + " (" + schema.name + ") is given again, differently", true);
    return;
  }
  const std::uint64_t bytes = name->size() + encoding->size() + data->size() + 128;
  if (schema_bytes_ + bytes > kMostSchemaBytes) {
    damage_.add(file_offset, "more schemas than are kept: this one is left out", true);
    return;
  }
  schema_bytes_ += bytes;
  schemas_.emplace(*id, Schema{std::string(*name), std::string(*encoding), std::string(*data)});
}

void Channels::add_channel(Bytes content, std::uint64_t file_offset) {
  auto channel = parse_channel(content);
  if (!channel.ok()) {
    damage_.add(file_offset, "a channel record that cannot be read: " + channel.error().message(), true);
    return;
  }
  const std::uint32_t slot = connections_.slot_of(channel->facts.id);
  const auto known = schema_of_slot_.find(slot);
  const Connection& before = connections_.slots()[slot].facts;
  if (known != schema_of_slot_.end() && (known->second != channel->schema || before.encoding != channel->facts.encoding))
    damage_.add(file_offset, "channel " + std::to_string(before.id) + " is given again, differently", true, before.topic);
  schema_of_slot_.emplace(slot, channel->schema);
  connections_.announce(std::move(channel->facts), file_offset, damage_);  // types are given by resolve
}

bool Channels::is_unknown(std::uint32_t slot) const {
  const auto schema = schema_of_slot_.find(slot);
  return schema == schema_of_slot_.end() || (schema->second != 0 && !schemas_.contains(schema->second));
}

void Channels::resolve() {
  std::uint64_t copied = 0;
  for (const auto& [slot, id] : schema_of_slot_) {
    const Connection& facts = connections_.slots()[slot].facts;
    const auto schema = schemas_.find(id);
    if (schema == schemas_.end()) {
      connections_.define(slot, "", "", "");
      if (id != 0)
        damage_.add(0, "channel " + std::to_string(facts.id) + " names schema " + std::to_string(id) + ", which is not there",
                    false, facts.topic);
      continue;
    }
    const bool too_many = copied + schema->second.data.size() > kMostSchemaBytes;
    if (too_many) damage_.add(0, "the channels' definitions together are too large: not kept", false, facts.topic);
    copied += too_many ? 0 : schema->second.data.size();
    connections_.define(slot, schema->second.name, schema->second.encoding, too_many ? std::string() : schema->second.data);
  }
}

}  // namespace bagloom::bag::mcap
