// An episode's statistics of LeRobot's five default features, which follow from its length and its place.
#pragma once

#include <array>
#include <cstdint>

#include "dataset/statistics.h"

namespace bagloom::dataset {

/// In the order of kDefaultFeatures.
std::array<FeatureStatistics, 5> default_statistics(std::uint64_t rows, std::uint32_t fps, std::uint64_t episode,
                                                    std::uint64_t first_row, std::int64_t task_index);

}  // namespace bagloom::dataset
