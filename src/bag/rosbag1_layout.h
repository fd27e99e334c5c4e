// A ROS 1 bag's layout (bag-formats.md 1.5, 1.6).
#pragma once

#include "bag/layout.h"
#include "bag/rosbag1_file_header.h"

namespace bagloom::bag {

struct Rosbag1Layout : Layout {
  FileHeader header;
};

/// Reads headers and index records; inflates only what has no index. What is damaged goes into info.damage.
/// Errors: unreadable (header), io, over_limit.
Result<Rosbag1Layout> read_layout(const Source& source, const OpenOptions& options);

/// The entries of one chunk that was not walked, by place, read again. Errors: io; corrupt where the file changed.
Result<std::vector<ChunkEntry>> load_entries(const Source& source, Layout& layout, std::uint32_t chunk);

}  // namespace bagloom::bag
