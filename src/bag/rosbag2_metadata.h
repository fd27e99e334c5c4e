// metadata.yaml of a rosbag2 folder (bag-formats.md 4.1): a hint that is compared with the files and never trusted.
#pragma once

#include <cstdint>
#include <optional>
#include <set>
#include <string>
#include <string_view>
#include <vector>

#include "base/result.h"
#include "base/time.h"

namespace bagloom::bag {

struct Rosbag2Metadata {
  int version = 0;
  std::string storage;             ///< "sqlite3", "mcap"
  std::string compression_mode;    ///< "", "FILE", "MESSAGE": in capitals, whatever the file says; NONE is ""
  std::vector<std::string> paths;  ///< relative_file_paths, as written
  std::optional<std::uint64_t> messages;
  std::optional<TimeNs> start, duration;
  std::set<std::string> latched_topics;  ///< all of whose publishers are transient_local
};

/// A whole metadata.yaml may have so many bytes.
inline constexpr std::uint64_t kMostMetadataBytes = 16 << 20;

/// Reads event by event: nothing but what is in the struct is kept. Errors: corrupt (no YAML, or without
/// rosbag2_bagfile_information).
Result<Rosbag2Metadata> parse_rosbag2_metadata(std::string_view text);

}  // namespace bagloom::bag
