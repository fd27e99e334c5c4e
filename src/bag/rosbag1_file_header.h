// The first line and the file header record of a ROS 1 bag (bag-formats.md 1.1, 1.2).
#pragma once

#include <string_view>

#include "base/result.h"
#include "base/source.h"

namespace bagloom::bag {

inline constexpr std::string_view kRosbag1Magic = "#ROSBAG V2.0\n";

struct FileHeader {
  std::uint64_t index_pos = 0;  ///< 0: the file was never closed
  std::uint32_t connection_count = 0;
  std::uint32_t chunk_count = 0;
  std::uint64_t end = 0;  ///< where the first chunk begins: never assumed
};

/// Errors: unreadable (cut within the header, encrypted, no file header record), io.
Result<FileHeader> read_file_header(const Source& source);

}  // namespace bagloom::bag
