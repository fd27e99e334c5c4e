// meta/bagloom/ in the dataset: where it came from. All other files of the dataset depend on inputs, recipe and library versions
// alone.
#pragma once

#include <cstdint>
#include <string>

#include "convert/convert.h"
#include "convert/job_setup.h"

namespace bagloom::convert {

/// Writes recipe.yaml, job.json (what made this dataset; compared by a later run) and report.json (losses, failures, memory)
/// below `dataset`.
Status write_provenance(const std::string& dataset, const JobSetup& setup, const Report& report);

/// Of all files below `dataset`'s data, videos and meta but those that write_provenance writes: what a finished job's report
/// records as `dataset_bytes`.
std::uint64_t written_bytes(const std::string& dataset);

/// Fills counts, losses, failures and peak from the report that the finished job left; `dataset_bytes` stays 0 where it has none.
Status read_report(const std::string& output, Report& report);

}  // namespace bagloom::convert
