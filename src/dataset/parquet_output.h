// One Parquet file, row group by row group. For this folder's sources only.
#pragma once

#include <arrow/type_fwd.h>

#include <memory>
#include <string>
#include <vector>

#include "base/result.h"

namespace bagloom::dataset {

/// Writes `<path>.tmp`, which gets its name when it is whole and synced. Same tables, same bytes: neither time nor library
/// version is in the file's footer but what Arrow puts into ARROW:schema. Not thread-safe; the destructor abandons.
class ParquetOutput {
 public:
  /// `dictionary` names the columns (paths of leaves) that repeat their values: only they get a dictionary. `packed` names those
  /// that are compressed already.
  static Result<std::unique_ptr<ParquetOutput>> create(const std::string& path, const std::shared_ptr<arrow::Schema>& schema,
                                                       const std::vector<std::string>& dictionary,
                                                       const std::vector<std::string>& packed = {});
  virtual ~ParquetOutput() = default;
  /// Writes the rows as one row group; nothing where there are none.
  virtual Status write(const arrow::RecordBatch& rows) = 0;
  virtual Status finish() = 0;
};

}  // namespace bagloom::dataset
