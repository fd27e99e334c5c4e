// meta/info.json and meta/stats.json as texts. lerobot-format.md 2 and 5.1.
#pragma once

#include <cstdint>
#include <string>

#include "base/result.h"
#include "dataset/dataset_statistics.h"
#include "dataset/spec.h"

namespace bagloom::dataset {

struct DatasetTotals {
  std::uint64_t episodes = 0, rows = 0, tasks = 0;
};
/// Error: invalid where a name is not UTF-8.
Result<std::string> info_json(const DatasetSpec& spec, const DatasetTotals& totals);

/// Error: internal where a number is not finite. Numbers are written so that they read back the same.
Result<std::string> stats_json(const DatasetSpec& spec, const NamedStatistics& statistics);

}  // namespace bagloom::dataset
