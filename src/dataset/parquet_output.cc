#include "dataset/parquet_output.h"

#include <arrow/io/file.h>
#include <arrow/memory_pool.h>
#include <arrow/record_batch.h>
#include <arrow/table.h>
#include <arrow/type.h>
#include <parquet/arrow/writer.h>
#include <parquet/properties.h>
#include <unistd.h>

#include <cerrno>
#include <cstdio>

#include "dataset/arrow_status.h"
#include "dataset/output_file.h"

namespace bagloom::dataset {
namespace {

class FileParquetOutput : public ParquetOutput {
 public:
  explicit FileParquetOutput(std::string path) : path_(std::move(path)) {}

  ~FileParquetOutput() override {
    if (done_) return;
    // Arrow's writer closes itself when it goes, and may throw no more than that; what it leaves is not wanted.
    writer_.reset();
    if (sink_ && !sink_->closed()) static_cast<void>(sink_->Close());
    ::unlink((path_ + ".tmp").c_str());
  }

  Status open(const std::shared_ptr<arrow::Schema>& schema, const std::vector<std::string>& dictionary,
              const std::vector<std::string>& packed) {
    // The system's allocator gives large blocks back; Arrow's own pools keep them (architecture.md section 4).
    arrow::MemoryPool* pool = arrow::system_memory_pool();
    ASSIGN_OR_ARROW_ERROR(sink_, arrow::io::FileOutputStream::Open(path_ + ".tmp"), path_);
    parquet::WriterProperties::Builder properties;
    properties.memory_pool(pool)->compression(arrow::Compression::SNAPPY)->created_by("bagloom")->disable_dictionary();
    // Without, a flipped bit in a page is another number to every reader; with, `verify` and readers that look see it.
    properties.enable_page_checksum();
    for (const std::string& column : dictionary) properties.enable_dictionary(column);
    for (const std::string& column : packed) {
      properties.compression(column, arrow::Compression::UNCOMPRESSED);
      properties.disable_statistics(column);  // the smallest and largest picture would stand in the footer, twice a row group
    }
    auto arrow_properties = parquet::ArrowWriterProperties::Builder().store_schema()->build();
    ASSIGN_OR_ARROW_ERROR(writer_, parquet::arrow::FileWriter::Open(*schema, pool, sink_, properties.build(), arrow_properties),
                          path_);
    return {};
  }

  Status write(const arrow::RecordBatch& rows) override {
    if (rows.num_rows() == 0) return {};
    return without_exceptions(path_, [&]() -> Status {
      const auto table = arrow::Table::Make(rows.schema(), rows.columns(), rows.num_rows());
      RETURN_IF_ARROW_ERROR(writer_->WriteTable(*table, rows.num_rows()), path_);
      return {};
    });
  }

  Status finish() override {
    return without_exceptions(path_, [&]() -> Status {
      RETURN_IF_ARROW_ERROR(writer_->Close(), path_);
      RETURN_IF_ARROW_ERROR(sink_->Close(), path_);
      RETURN_IF_ERROR(sync_path(path_ + ".tmp"));
      if (std::rename((path_ + ".tmp").c_str(), path_.c_str()) != 0) return system_error(path_, "rename", errno);
      done_ = true;
      return {};
    });
  }

 private:
  std::string path_;
  std::shared_ptr<arrow::io::FileOutputStream> sink_;
  std::unique_ptr<parquet::arrow::FileWriter> writer_;
  bool done_ = false;
};

}  // namespace

Result<std::unique_ptr<ParquetOutput>> ParquetOutput::create(const std::string& path,
                                                             const std::shared_ptr<arrow::Schema>& schema,
                                                             const std::vector<std::string>& dictionary,
                                                             const std::vector<std::string>& packed) {
  return without_exceptions(path, [&]() -> Result<std::unique_ptr<ParquetOutput>> {
    auto output = std::make_unique<FileParquetOutput>(path);
    RETURN_IF_ERROR(output->open(schema, dictionary, packed));
    return std::unique_ptr<ParquetOutput>(std::move(output));
  });
}

}  // namespace bagloom::dataset
