// meta/bagloom/ in the dataset: where it came from. All other files of the dataset depend on inputs, recipe and library versions
// alone.
#pragma once

#include <string>

#include "convert/convert.h"
#include "convert/job_setup.h"

namespace bagloom::convert {

/// Writes recipe.yaml, job.json (what made this dataset; compared by a later run) and report.json (losses, failures, memory)
/// below `dataset`.
Status write_provenance(const std::string& dataset, const JobSetup& setup, const Report& report);

/// Fills counts, losses, failures and peak from the report that the finished job left.
Status read_report(const std::string& output, Report& report);

}  // namespace bagloom::convert
