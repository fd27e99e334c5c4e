// What a rosbag2 database says beside its messages: topics, types, definitions (bag-formats.md 4.2).
#pragma once

#include <unordered_map>
#include <vector>

#include "bag/bag_reader.h"
#include "bag/damage_log.h"
#include "bag/rosbag2_database.h"

namespace bagloom::bag {

struct Rosbag2Schema {
  int version = 1;                                              ///< 1 to 4
  std::vector<Connection> connections;                          ///< without counts and times
  std::unordered_map<std::int64_t, std::uint32_t> by_topic_id;  ///< into `connections`
  std::uint64_t bytes = 0;                                      ///< that they take, about
};

/// Errors: unreadable (no rosbag2 recording: which table or column it lacks, a newer schema version), over_limit (more than
/// `most_bytes`; 0: any), io. A damaged table of definitions is `damage`, and its topics have none.
Result<Rosbag2Schema> read_schema(Database& database, std::uint64_t most_bytes, DamageLog& damage);

/// Whether all publishers' profiles in this YAML text say transient_local, the word of ROS 2 for latched. The text is a list, or
/// a string with it; durability is a word or rmw's number.
bool is_latched(std::string_view offered_qos_profiles);

}  // namespace bagloom::bag
