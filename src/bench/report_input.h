// What the page is drawn from: the object of `bagloom bench --json`, read with patience. Figures that were not measured are not
// there.
#pragma once

#include <cstdint>
#include <nlohmann/json.hpp>
#include <optional>
#include <string>
#include <string_view>
#include <vector>

#include "base/result.h"
#include "bench/report_thinning.h"

namespace bagloom::bench {

/// One element of methods[]: one run of one method.
struct ReportRun {
  std::string name, display_name, isolation, status, error, dataset_hash;
  std::string counters;                      ///< which of the kernel's counters gave the figures
  std::vector<std::string> may_have_missed;  ///< one sentence each
  std::uint64_t repeat = 1;
  std::optional<double> seconds, frames, frames_per_second, megabytes_per_second;
  std::optional<double> initial_bytes, peak_bytes, increase_bytes, tree_peak_bytes, file_bytes, predicted_bytes;
  std::vector<std::pair<std::string, double>> stages;  ///< seconds, in the order of the run
  std::vector<ReportSample> timeline;                  ///< in order of time, thinned

  bool ok() const { return status == "ok"; }
};

struct ReportInput {
  nlohmann::json whole;  ///< the object itself, for what is only shown
  std::vector<ReportRun> runs;

  /// Whether a run with figures has this isolation.
  bool has(std::string_view isolation) const;
};

/// Errors: invalid (no JSON, not schema 1, no methods).
Result<ReportInput> read_report_input(std::string_view bench_json);

// Members of an object that may lack them, or hold something else there.
std::string text_of(const nlohmann::json& object, const char* key);              ///< "" where there is no string
std::optional<double> number_of(const nlohmann::json& object, const char* key);  ///< no number: nothing
const nlohmann::json& member(const nlohmann::json& object, const char* key);     ///< null where there is none

}  // namespace bagloom::bench
