// Runs one method in this process and measures it from inside.
#pragma once

#include <array>
#include <string>
#include <vector>

#include "bench/memory_watch.h"
#include "bench/method.h"
#include "bench/stage_profile.h"
#include "convert/convert.h"
#include "convert/stage_seconds.h"

namespace bagloom::bench {

struct MethodRun {
  double seconds = 0;
  std::array<double, convert::kStageNames.size()> stages{};  ///< of threads
  std::uint64_t rows = 0, episodes = 0;
  std::uint64_t dataset_bytes = 0;  ///< 0 where none is written
  std::uint32_t threads = 0;
  MemoryUse memory;
  std::optional<StageProfile> profile;
};

/// `options` are those of convert: one recording, `output` (nothing stands there), `write`. With `profile`, who had the memory at
/// the highest sample. Errors: convert's.
Result<MethodRun> run_method(const Method& method, const convert::Options& options, PeakFrom peak, bool profile = false);

/// JSON text, and back: how a process of its own reports. Error: corrupt.
std::string to_json(const MethodRun& run);
Result<MethodRun> method_run_from_json(const std::string& text);

}  // namespace bagloom::bench
