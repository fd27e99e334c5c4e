// The BagReader of ROS 1 bags, format 2.0.
#pragma once

#include "bag/bag_reader.h"

namespace bagloom::bag {

/// Errors: unreadable (cut within its header, encrypted), io. Damage behind the header is in BagInfo.
Result<std::unique_ptr<BagReader>> open_rosbag1(std::unique_ptr<Source> source, const OpenOptions& options);

}  // namespace bagloom::bag
