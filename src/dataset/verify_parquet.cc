#include "dataset/verify_parquet.h"

#include <arrow/array.h>
#include <arrow/io/file.h>
#include <arrow/memory_pool.h>
#include <arrow/record_batch.h>
#include <arrow/type.h>
#include <arrow/util/key_value_metadata.h>
#include <parquet/arrow/reader.h>
#include <parquet/arrow/schema.h>
#include <parquet/exception.h>
#include <parquet/file_reader.h>
#include <parquet/metadata.h>

#include <algorithm>

#include "dataset/verify_internal.h"

namespace bagloom::dataset::verify {
namespace {

constexpr std::int64_t kBufferBytes = 256 * 1024;  // instead of whole column chunks

Error corrupt(const std::string& words) {
  std::string line = words.substr(0, 300);
  for (char& c : line) {
    if (static_cast<unsigned char>(c) < 0x20) c = ' ';
  }
  return {ErrorKind::corrupt, line};
}

Status checked(const arrow::Status& status) {
  if (status.ok()) return {};
  return corrupt(status.message());
}

/// Arrow and Parquet throw in places; no exception leaves this file.
template <class Body>
auto guarded(Body&& body) -> decltype(body()) {
  try {
    return body();
  } catch (const std::exception& error) {
    return corrupt(error.what());
  }
}

void leaves_of(const parquet::arrow::SchemaField& field, std::vector<int>& out) {
  if (field.is_leaf()) out.push_back(field.column_index);
  for (const auto& child : field.children) leaves_of(child, out);
}

/// The system's allocator up to a bound, and what went beyond it.
class BoundedPool : public arrow::MemoryPool {
 public:
  explicit BoundedPool(TableMemory& memory) : memory_(memory) {}
  arrow::Status Allocate(std::int64_t size, std::int64_t alignment, std::uint8_t** out) override {
    ARROW_RETURN_NOT_OK(fits(size));
    return inner_->Allocate(size, alignment, out);
  }
  arrow::Status Reallocate(std::int64_t old_size, std::int64_t new_size, std::int64_t alignment, std::uint8_t** block) override {
    ARROW_RETURN_NOT_OK(fits(new_size));  // both blocks stand there while one is copied
    return inner_->Reallocate(old_size, new_size, alignment, block);
  }
  void Free(std::uint8_t* block, std::int64_t size, std::int64_t alignment) override { inner_->Free(block, size, alignment); }
  std::int64_t bytes_allocated() const override { return inner_->bytes_allocated(); }
  std::int64_t max_memory() const override { return inner_->max_memory(); }
  std::int64_t total_bytes_allocated() const override { return inner_->total_bytes_allocated(); }
  std::int64_t num_allocations() const override { return inner_->num_allocations(); }
  std::string backend_name() const override { return inner_->backend_name(); }

 private:
  arrow::Status fits(std::int64_t size) {
    const auto wanted = static_cast<std::uint64_t>(std::max<std::int64_t>(size, 0));
    if (static_cast<std::uint64_t>(inner_->bytes_allocated()) + wanted <= memory_.most) return arrow::Status::OK();
    memory_.refused = std::max(memory_.refused, wanted);
    return arrow::Status::OutOfMemory("needs a block of ", size, " bytes: more than a table may take");
  }

  TableMemory& memory_;
  arrow::MemoryPool* inner_ = arrow::system_memory_pool();
};

}  // namespace

Table::Table(TableMemory& memory) : pool_(std::make_unique<BoundedPool>(memory)) {}
Table::~Table() = default;

Result<std::unique_ptr<Table>> Table::open(const std::string& path, TableMemory& memory) {
  if (!is_file(path)) return Error(ErrorKind::unreadable, "is not there");
  return guarded([&]() -> Result<std::unique_ptr<Table>> {
    std::unique_ptr<Table> table(new Table(memory));
    auto file = arrow::io::ReadableFile::Open(path, table->pool_.get());
    if (!file.ok()) return Error(ErrorKind::unreadable, corrupt(file.status().message()).message());
    table->file_ = file.MoveValueUnsafe();
    std::uint8_t magic[4] = {};
    auto got = table->file_->ReadAt(0, 4, magic);
    if (!got.ok() || *got != 4 || std::string_view(reinterpret_cast<const char*>(magic), 4) != "PAR1") {
      return corrupt("does not begin with PAR1: not a Parquet file");
    }
    parquet::ReaderProperties reading(table->pool_.get());
    reading.enable_buffered_stream();
    reading.set_buffer_size(kBufferBytes);
    reading.set_page_checksum_verification(true);  // of pages that carry one
    parquet::arrow::FileReaderBuilder builder;
    RETURN_IF_ERROR(checked(builder.Open(table->file_, reading)));
    parquet::ArrowReaderProperties properties(/*use_threads=*/false);
    properties.set_pre_buffer(false);
    builder.memory_pool(table->pool_.get())->properties(properties);
    RETURN_IF_ERROR(checked(builder.Build(&table->reader_)));
    RETURN_IF_ERROR(checked(table->reader_->GetSchema(&table->schema_)));
    auto metadata = table->reader_->parquet_reader()->metadata();
    std::int64_t rows = 0;
    for (int group = 0; group < metadata->num_row_groups(); ++group) {
      std::int64_t of_group = metadata->RowGroup(group)->num_rows();
      if (of_group < 0 || of_group > (std::int64_t{1} << 40))
        return corrupt("a row group declares " + std::to_string(of_group) + " rows");
      rows += of_group;
      // Other readers refuse such a file; this one would take the schema's word.
      for (int column = 0; column < metadata->num_columns(); ++column) {
        const auto declared = metadata->RowGroup(group)->ColumnChunk(column)->type();
        const auto* described = metadata->schema()->Column(column);
        if (declared != described->physical_type())
          return corrupt("row group " + std::to_string(group) + " declares " + parquet::TypeToString(declared) + " for column " +
                         described->path()->ToDotString() + ", the schema " + parquet::TypeToString(described->physical_type()));
      }
    }
    if (rows != metadata->num_rows()) {
      return corrupt("declares " + std::to_string(metadata->num_rows()) + " rows; its row groups have " + std::to_string(rows));
    }
    return table;
  });
}

std::uint64_t Table::rows() const { return static_cast<std::uint64_t>(reader_->parquet_reader()->metadata()->num_rows()); }

std::vector<std::uint64_t> Table::row_groups() const {
  auto metadata = reader_->parquet_reader()->metadata();
  std::vector<std::uint64_t> rows;
  for (int group = 0; group < metadata->num_row_groups(); ++group) {
    rows.push_back(static_cast<std::uint64_t>(metadata->RowGroup(group)->num_rows()));
  }
  return rows;
}

std::uint64_t Table::largest_column_chunk() const {
  auto metadata = reader_->parquet_reader()->metadata();
  std::int64_t largest = 0;
  for (int group = 0; group < metadata->num_row_groups(); ++group) {
    auto of_group = metadata->RowGroup(group);
    for (int i = 0; i < of_group->num_columns(); ++i)
      largest = std::max(largest, of_group->ColumnChunk(i)->total_uncompressed_size());
  }
  return static_cast<std::uint64_t>(largest);
}

int Table::column(const std::string& name) const {
  for (int i = 0; i < schema_->num_fields(); ++i) {
    if (schema_->field(i)->name() == name) return i;
  }
  return -1;
}

std::string Table::metadata(const std::string& key) const {
  auto pairs = reader_->parquet_reader()->metadata()->key_value_metadata();
  if (!pairs) return {};
  int index = pairs->FindKey(key);
  return index < 0 ? std::string() : pairs->value(index);
}

Status Table::visit_column(int column, std::int64_t batch_rows,
                           const std::function<Status(const arrow::Array&, std::uint64_t)>& visit) {
  return guarded([&]() -> Status {
    std::vector<int> leaves;
    const auto& fields = reader_->manifest().schema_fields;
    if (column < 0 || static_cast<std::size_t>(column) >= fields.size()) return Error(ErrorKind::internal, "no such column");
    leaves_of(fields[static_cast<std::size_t>(column)], leaves);
    std::vector<int> groups(static_cast<std::size_t>(reader_->num_row_groups()));
    for (std::size_t i = 0; i < groups.size(); ++i) groups[i] = static_cast<int>(i);
    reader_->set_batch_size(batch_rows);
    auto batches = reader_->GetRecordBatchReader(groups, leaves);
    if (!batches.ok()) return corrupt(batches.status().message());
    std::uint64_t row = 0;
    for (;;) {
      std::shared_ptr<arrow::RecordBatch> batch;
      RETURN_IF_ERROR(checked((*batches)->ReadNext(&batch)));
      if (!batch) break;
      if (batch->num_columns() != 1) return corrupt("column " + schema_->field(column)->name() + " did not come out alone");
      RETURN_IF_ERROR(checked(batch->column(0)->Validate()));
      RETURN_IF_ERROR(visit(*batch->column(0), row));
      row += static_cast<std::uint64_t>(batch->num_rows());
    }
    if (row != rows())
      return corrupt("has " + std::to_string(row) + " values in " + schema_->field(column)->name() + ", declares " +
                     std::to_string(rows()));
    return {};
  });
}

}  // namespace bagloom::dataset::verify
