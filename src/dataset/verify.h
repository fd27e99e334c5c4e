// Is this dataset what LeRobot will read? Every assertion of lerobot-format.md section 9 that needs no Python.
#pragma once

#include <cstdint>
#include <functional>
#include <string>
#include <utility>
#include <vector>

#include "base/result.h"

namespace bagloom::dataset {

struct Problem {
  std::string check;    ///< "V73"
  char severity = 'L';  ///< L, S, T, W, Q as in section 9
  std::string where;    ///< file relative to the dataset, and row or episode or frame
  std::string what;
};

/// Who needs what of a memory limit (bytes). Empty without one.
struct VerifyMemory {
  std::uint64_t limit = 0;
  std::uint64_t start_peak = 0;  ///< reached before: it is not taken back
  std::uint64_t expected_peak = 0, smallest_limit = 0;
  /// base, code, meta, episodes; and one after another table, statistics, video.
  std::vector<std::pair<std::string, std::uint64_t>> accounts;
};

struct VerifyReport {
  std::uint64_t checks = 0;                            ///< how many assertions were tried
  std::uint64_t episodes = 0, rows = 0, pictures = 0;  ///< pictures: decoded
  std::vector<Problem> problems;                       ///< at most 20 a check and severity; ok means that none is worse than Q
  std::uint64_t unlisted = 0;                          ///< problems beyond those 20, counted only
  std::vector<std::string> notes;  ///< what could not be checked, and why; never a fault of the dataset by itself
  VerifyMemory memory;
  bool ok() const;
};

struct VerifyOptions {
  bool decode = true;  ///< decode every video in random order
  std::uint64_t seed = 1;
  std::uint64_t memory_limit = 0;                                         ///< peak resident bytes of this process; 0: none
  std::function<void(std::uint64_t done, std::uint64_t total)> progress;  ///< in pictures; only while videos are decoded
  std::function<bool()> stop;  ///< asked between pictures and between batches of rows; true gives Error(stopped)
  std::uint64_t table_bytes = std::uint64_t{1} << 30;  ///< that Arrow may allocate for an open table; without memory_limit
};

/// Error only where nothing can be checked (not a dataset: unreadable; v2.1: unsupported, named) or on `stop` (stopped);
/// over_limit: the memory limit is too small; names the smallest that does.
/// The dataset is only read and may be hostile. Memory grows with episodes (about 100 bytes each, and one feature's statistics),
/// never with rows; Parquet buffers are capped at `table_bytes`.
Result<VerifyReport> verify_dataset(const std::string& root, const VerifyOptions& options);

}  // namespace bagloom::dataset
