// The first messages of a recording's topics, without reading its whole index.
#pragma once

#include <cstddef>
#include <functional>
#include <vector>

#include "bag/bag_reader.h"

namespace bagloom::bag {

/// By connection: which group it counts for.
using ConnectionGroups = std::vector<std::size_t>;
inline constexpr std::size_t kNoGroup = ~std::size_t{0};

/// Visits the first `most` messages of each group, in the order of MessageRef, and ends once all groups have theirs. Errors: as
/// BagReader::scan.
Status visit_first(BagReader& reader, const ConnectionGroups& group_of, std::size_t most,
                   const std::function<void(const MessageRef&)>& visit);

/// Appends the `first` messages of the chosen connections, and then up to `elsewhere` others, each in a chunk (or record) that
/// none before it stands in: a damaged chunk may hold all the first ones. Errors: as BagReader::scan; what was found before
/// stays.
Status find_first(BagReader& reader, const ConnectionSet& which, std::size_t first, std::size_t elsewhere,
                  std::vector<MessageRef>& found);

}  // namespace bagloom::bag
