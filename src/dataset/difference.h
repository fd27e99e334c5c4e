// Whether two datasets hold the same, and where they first differ.
#pragma once

#include <cstdint>
#include <optional>
#include <string>

#include "base/result.h"

namespace bagloom::dataset {

/// Of the relative paths and bytes of all files but meta/bagloom/, which tells of the run. Errors: unreadable (no dataset), io.
struct DatasetHash {
  std::string hash;
  std::uint64_t bytes = 0;  ///< of these files
};
Result<DatasetHash> hash_dataset(const std::string& folder);

/// In words: "data/chunk-000/file-000.parquet: row 17, column action", "videos/...mp4: frame 40 (row 40)", a file that only one
/// has; tables first, then packets, then the rest. Nothing where they are the same. Error: io, corrupt.
Result<std::optional<std::string>> first_difference(const std::string& one, const std::string& other);

}  // namespace bagloom::dataset
