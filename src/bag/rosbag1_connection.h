// Connection records, op 0x07 (bag-formats.md 1.3).
#pragma once

#include <optional>

#include "bag/connection_table.h"
#include "bag/rosbag1_record.h"

namespace bagloom::bag {

/// What a connection record says. None: it has no number or no topic.
std::optional<Connection> read_connection(const RecordHead& head, Bytes data);

/// Takes a connection record into the table. `file_offset` is for the damage log.
void announce(const RecordHead& head, Bytes data, std::uint64_t file_offset, ConnectionTable& connections, DamageLog& damage);

}  // namespace bagloom::bag
