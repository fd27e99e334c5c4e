// Connection records, op 0x07 (bag-formats.md 1.3).
#pragma once

#include "bag/connection_table.h"
#include "bag/rosbag1_record.h"

namespace bagloom::bag {

/// Takes a connection record into the table. `file_offset` is for the damage log.
void announce(const RecordHead& head, Bytes data, std::uint64_t file_offset, ConnectionTable& connections, DamageLog& damage);

}  // namespace bagloom::bag
