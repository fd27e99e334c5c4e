#include "dataset/dataset_statistics.h"

#include <arrow/io/file.h>
#include <arrow/memory_pool.h>
#include <parquet/column_reader.h>
#include <parquet/file_reader.h>
#include <parquet/properties.h>

#include <algorithm>
#include <memory>

#include "dataset/arrow_status.h"

namespace bagloom::dataset {
namespace {

constexpr std::int64_t kBatchNumbers = 16384;

/// Gives whole rows of one leaf column, at most about kBatchNumbers numbers at a time.
template <class ParquetType, class Visitor>
Status visit_column(const std::string& path, int leaf, const DataColumn& column, Visitor&& visit) {
  using Number = typename ParquetType::c_type;
  arrow::MemoryPool* pool = arrow::system_memory_pool();
  std::shared_ptr<arrow::io::ReadableFile> file;
  ASSIGN_OR_ARROW_ERROR(file, arrow::io::ReadableFile::Open(path, pool), path);
  parquet::ReaderProperties properties(pool);
  properties.enable_buffered_stream();
  const auto reader = parquet::ParquetFileReader::Open(file, properties);
  const auto metadata = reader->metadata();
  if (leaf >= metadata->num_columns() || metadata->schema()->Column(leaf)->physical_type() != ParquetType::type_num) {
    return Error(ErrorKind::corrupt, "has no column " + column.name + " of this type").in(path);
  }
  const std::int64_t batch = std::max<std::int64_t>(1, kBatchNumbers / column.width) * column.width;
  std::vector<Number> numbers(static_cast<std::size_t>(batch));
  std::vector<std::int16_t> definition(numbers.size()), repetition(numbers.size());
  for (int g = 0; g < metadata->num_row_groups(); ++g) {
    const auto group = reader->RowGroup(g);
    const auto base = group->Column(leaf);
    auto* typed = static_cast<parquet::TypedColumnReader<ParquetType>*>(base.get());
    std::int64_t seen = 0;
    while (typed->HasNext()) {
      std::int64_t filled = 0;
      while (filled < batch && typed->HasNext()) {
        std::int64_t values = 0;
        const std::int64_t levels =
            typed->ReadBatch(batch - filled, definition.data(), repetition.data(), numbers.data() + filled, &values);
        if (levels != values) return Error(ErrorKind::corrupt, column.name + " holds nulls").in(path);
        filled += values;
      }
      if (filled % column.width != 0) return Error(ErrorKind::corrupt, column.name + " holds part of a row").in(path);
      seen += filled;
      visit(std::span<const Number>(numbers.data(), static_cast<std::size_t>(filled)));
    }
    if (seen != metadata->RowGroup(g)->num_rows() * column.width) {
      return Error(ErrorKind::corrupt,
                   column.name + " holds " + std::to_string(seen) + " numbers in row group " + std::to_string(g))
          .in(path);
    }
  }
  RETURN_IF_ARROW_ERROR(file->Close(), path);
  return {};
}

}  // namespace

Result<FeatureStatistics> column_statistics(const std::vector<std::string>& files, int leaf, const DataColumn& column) {
  VectorStatistics statistics(column.width);
  std::vector<double> converted;
  for (const bool second : {false, true}) {
    const auto take = [&](auto numbers) { second ? statistics.count(numbers) : statistics.measure(numbers); };
    for (const std::string& path : files) {
      RETURN_IF_ERROR(without_exceptions(path, [&]() -> Status {
        if (!column.integer) return visit_column<parquet::FloatType>(path, leaf, column, take);
        return visit_column<parquet::Int64Type>(path, leaf, column, [&](std::span<const std::int64_t> numbers) {
          converted.assign(numbers.begin(), numbers.end());
          take(std::span<const double>(converted));
        });
      }));
    }
  }
  return statistics.finish();
}

Result<NamedStatistics> dataset_statistics(const std::string& dataset, const MetaInput& input,
                                           const std::vector<media::RgbHistogram>& histograms) {
  std::vector<std::string> files;
  for (const FilePlan& plan : input.files) {
    if (plan.family == FilePlan::Family::data) files.push_back(dataset + "/" + plan.path);
  }
  NamedStatistics all;
  const std::vector<DataColumn> columns = data_columns(input.spec);
  std::size_t column = 0, leaf = 0, camera = 0;
  const auto add_column = [&]() -> Status {
    ASSIGN_OR_RETURN(auto statistics, column_statistics(files, static_cast<int>(leaf), columns[column]));
    all.emplace_back(columns[column].name, std::move(statistics));
    ++column;
    ++leaf;
    return {};
  };
  for (const FeatureSpec& feature : input.spec.features) {
    if (!feature.is_camera()) {
      RETURN_IF_ERROR(add_column());
      continue;
    }
    if (feature.image) {
      ++column;
      leaf += 2;
    }
    all.emplace_back(feature.name, statistics_of(histograms[camera++]));
  }
  while (column < columns.size()) RETURN_IF_ERROR(add_column());
  return all;
}

}  // namespace bagloom::dataset
