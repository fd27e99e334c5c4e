// MCAP's schemas and channels as connections: one a channel id (bag-formats.md 3.6).
#pragma once

#include <string>
#include <unordered_map>
#include <vector>

#include "bag/connection_table.h"
#include "base/bytes.h"
#include "base/result.h"

namespace bagloom::bag::mcap {

/// What a channel record says; the type is its schema's. Error: corrupt.
Result<Connection> read_channel(Bytes content);

/// Takes schema and channel records wherever they stand; repeats are normal.
class Channels {
 public:
  /// Neither is owned.
  Channels(ConnectionTable& connections, DamageLog& damage) : connections_(connections), damage_(damage) {}

  /// A record's content. `file_offset` is for the damage log: the record may stand in an inflated chunk.
  void add_schema(Bytes content, std::uint64_t file_offset);
  void add_channel(Bytes content, std::uint64_t file_offset);

  /// Whether the channel of this slot, or its schema, was not seen yet.
  bool is_unknown(std::uint32_t slot) const;

  /// Once all records were seen: gives the connections their types and definitions.
  void resolve();

  /// Resident bytes beside the connections'.
  std::uint64_t bytes() const { return schema_bytes_; }

 private:
  struct Schema {
    std::string name;
    std::string encoding;
    std::string data;
  };

  ConnectionTable& connections_;
  DamageLog& damage_;
  std::unordered_map<std::uint16_t, Schema> schemas_;
  std::uint64_t schema_bytes_ = 0;
  std::unordered_map<std::uint32_t, std::uint16_t> schema_of_slot_;
};

}  // namespace bagloom::bag::mcap
