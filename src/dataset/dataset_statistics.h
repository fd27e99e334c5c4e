// Dataset-wide statistics: exact, by a second pass over the written data files and from the cameras' merged counts.
#pragma once

#include <string>
#include <utility>
#include <vector>

#include "base/result.h"
#include "dataset/assembly.h"
#include "dataset/columns.h"

namespace bagloom::dataset {

/// Of one column over all rows of `files` (paths, in the dataset's order). Reads a part of a row group at a time. Error: corrupt
/// where the files do not hold whole rows of this column.
Result<FeatureStatistics> column_statistics(const std::vector<std::string>& files, int leaf, const DataColumn& column);

/// Every feature in info.json's order. `histograms`: of all episodes, for each camera feature.
using NamedStatistics = std::vector<std::pair<std::string, FeatureStatistics>>;
Result<NamedStatistics> dataset_statistics(const std::string& dataset, const MetaInput& input,
                                           const std::vector<media::RgbHistogram>& histograms);

}  // namespace bagloom::dataset
