// The BagReader of MCAP files (bag-formats.md section 3).
#pragma once

#include "bag/bag_reader.h"

namespace bagloom::bag {

/// Errors: unreadable (cut within its header), io, over_limit. Damage behind the header is in BagInfo.
Result<std::unique_ptr<BagReader>> open_mcap(std::unique_ptr<Source> source, const OpenOptions& options);

}  // namespace bagloom::bag
