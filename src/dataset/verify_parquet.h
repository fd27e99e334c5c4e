// Parquet for verify: one column at a time, in batches, from files that may be anything.
#pragma once

#include <arrow/io/type_fwd.h>
#include <arrow/type_fwd.h>

#include <cstdint>
#include <functional>
#include <memory>
#include <string>
#include <vector>

#include "base/result.h"

namespace parquet::arrow {
class FileReader;
}

namespace bagloom::dataset::verify {

/// What Arrow may allocate for an open table.
struct TableMemory {
  std::uint64_t most = std::uint64_t{1} << 30;  ///< a footer or page header may declare any size
  std::uint64_t refused = 0;                    ///< the largest block that went beyond it; 0: none
};

/// An open Parquet file. Errors: unreadable (cannot be opened), corrupt (Arrow's words).
class Table {
 public:
  /// `memory` outlives the table.
  static Result<std::unique_ptr<Table>> open(const std::string& path, TableMemory& memory);
  ~Table();

  std::uint64_t rows() const;
  /// Rows of each row group.
  std::vector<std::uint64_t> row_groups() const;
  /// Bytes of the largest column chunk, not compressed, as the footer says.
  std::uint64_t largest_column_chunk() const;
  const std::shared_ptr<arrow::Schema>& schema() const { return schema_; }
  /// Index of the top-level column of this name; -1: none.
  int column(const std::string& name) const;
  /// A value of the footer's key-value metadata; empty: none.
  std::string metadata(const std::string& key) const;

  /// Calls `visit` with the column's values in order, at most `batch_rows` at a time, and the first row's number in the file.
  Status visit_column(int column, std::int64_t batch_rows,
                      const std::function<Status(const arrow::Array& values, std::uint64_t first_row)>& visit);

 private:
  explicit Table(TableMemory& memory);
  std::unique_ptr<arrow::MemoryPool> pool_;  // outlives what was taken from it
  std::shared_ptr<arrow::io::RandomAccessFile> file_;
  std::unique_ptr<parquet::arrow::FileReader> reader_;
  std::shared_ptr<arrow::Schema> schema_;
};

}  // namespace bagloom::dataset::verify
