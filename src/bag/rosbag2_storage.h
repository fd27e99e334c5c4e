// The BagReader of one rosbag2 database (`X.db3`, bag-formats.md 4.2).
#pragma once

#include "bag/bag_reader.h"

namespace bagloom::bag {

/// `log`: the write-ahead log that a recorder left which died, or null; messages may stand only there. Errors: unreadable (no
/// rosbag2 database), over_limit, io. What is damaged is in BagInfo.
Result<std::unique_ptr<BagReader>> open_rosbag2_storage(std::unique_ptr<Source> database, std::unique_ptr<Source> log,
                                                        const OpenOptions& options);

/// The same for a file in a folder, with what a dead recorder left beside it: `X.db3-wal` is read, an unfinished `X.db3-journal`
/// is said.
Result<std::unique_ptr<BagReader>> open_rosbag2_storage_file(std::unique_ptr<Source> database, const OpenOptions& options);

}  // namespace bagloom::bag
