// The BagReader of a rosbag2 recording: its storage files (databases or MCAP), compressed or not, as one
// (bag-formats.md 4.3, 4.4).
#pragma once

#include "bag/bag_reader.h"

namespace bagloom::bag {

/// A folder with or without metadata.yaml. Files that cannot be read are damage while others can. One topic, type and definition
/// is one connection, whatever numbers it has in the files; messages have one order in time, also where files overlap; a latched
/// topic that stands only in the first file is in the recording once, where it was recorded. Errors: as those of the files.
Result<std::unique_ptr<BagReader>> open_rosbag2_folder(const std::string& path, const OpenOptions& options);

/// One storage file that is compressed whole. Errors: unreadable (no recording inside), temporary (no space to unpack it), io.
Result<std::unique_ptr<BagReader>> open_packed_storage(std::unique_ptr<Source> packed, const OpenOptions& options);

}  // namespace bagloom::bag
