// Is this dataset what LeRobot will read? Every assertion of lerobot-format.md section 9 that needs no Python.
#pragma once

#include <cstdint>
#include <functional>
#include <string>
#include <vector>

#include "base/result.h"

namespace bagloom::dataset {

struct Problem {
  std::string check;     ///< "V73"
  char severity = 'L';   ///< L, S, T, W, Q as in section 9
  std::string where;     ///< file, and row or episode or frame
  std::string what;
};

struct VerifyReport {
  std::uint64_t checks = 0;          ///< how many assertions were tried
  std::uint64_t episodes = 0, rows = 0, pictures = 0;   ///< pictures: decoded
  std::vector<Problem> problems;     ///< at most 20 a check; ok means that none is worse than Q
  bool ok() const;
};

struct VerifyOptions {
  bool decode = true;                ///< decode every video in random order
  std::uint64_t seed = 1;
  std::function<void(std::uint64_t done, std::uint64_t total)> progress;
  std::function<bool()> stop;        ///< asked between pictures
};

/// Error only where nothing can be checked (not a dataset: unreadable; v2.1: unsupported, named). Memory does not grow with rows.
Result<VerifyReport> verify_dataset(const std::string& root, const VerifyOptions& options);

}  // namespace bagloom::dataset
