#include <arrow/array/builder_binary.h>
#include <arrow/array/builder_primitive.h>
#include <arrow/memory_pool.h>
#include <arrow/record_batch.h>
#include <arrow/table_builder.h>
#include <arrow/type.h>
#include <arrow/util/key_value_metadata.h>

#include <nlohmann/json.hpp>

#include "dataset/arrow_status.h"
#include "dataset/meta_tables.h"
#include "dataset/parquet_output.h"

namespace bagloom::dataset {
namespace {

constexpr std::int64_t kRowsAtOnce = 4096;

/// What pandas would have written: LeRobot reads the text as the frame's index (lerobot-format.md 4.1).
std::string pandas_metadata() {
  using Json = nlohmann::ordered_json;
  const Json column_index = {{"name", nullptr},
                             {"field_name", nullptr},
                             {"pandas_type", "unicode"},
                             {"numpy_type", "object"},
                             {"metadata", {{"encoding", "UTF-8"}}}};
  const Json task_index = {{"name", "task_index"},
                           {"field_name", "task_index"},
                           {"pandas_type", "int64"},
                           {"numpy_type", "int64"},
                           {"metadata", nullptr}};
  const Json task = {
      {"name", "task"}, {"field_name", "task"}, {"pandas_type", "unicode"}, {"numpy_type", "object"}, {"metadata", nullptr}};
  Json all = Json::object();
  all["index_columns"] = Json::array({"task"});
  all["column_indexes"] = Json::array({column_index});
  all["columns"] = Json::array({task_index, task});
  all["attributes"] = Json::object();
  all["creator"] = {{"library", "pyarrow"}, {"version", "21.0.0"}};
  all["pandas_version"] = "2.3.1";
  return all.dump();
}

/// Writes `rows` rows, kRowsAtOnce at a time; `append` adds row i to the builders.
template <class Append>
Status write_rows(const std::string& path, const std::shared_ptr<arrow::Schema>& schema, std::size_t rows, Append&& append) {
  return without_exceptions(path, [&]() -> Status {
    ASSIGN_OR_RETURN(auto output, ParquetOutput::create(path, schema, {}));
    std::unique_ptr<arrow::RecordBatchBuilder> builder;
    ASSIGN_OR_ARROW_ERROR(builder, arrow::RecordBatchBuilder::Make(schema, arrow::system_memory_pool()), path);
    std::int64_t pending = 0;
    const auto flush = [&]() -> Status {
      std::shared_ptr<arrow::RecordBatch> batch;
      ASSIGN_OR_ARROW_ERROR(batch, builder->Flush(), path);
      pending = 0;
      return output->write(*batch);
    };
    for (std::size_t i = 0; i < rows; ++i) {
      RETURN_IF_ARROW_ERROR(append(*builder, i), path);
      if (++pending == kRowsAtOnce) RETURN_IF_ERROR(flush());
    }
    RETURN_IF_ERROR(flush());
    return output->finish();
  });
}

}  // namespace

Status write_tasks(const std::string& path, const std::vector<std::string>& tasks) {
  const auto schema = arrow::schema({arrow::field("task_index", arrow::int64()), arrow::field("task", arrow::utf8())},
                                    arrow::key_value_metadata({"pandas"}, {pandas_metadata()}));
  return write_rows(path, schema, tasks.size(), [&](arrow::RecordBatchBuilder& row, std::size_t i) -> arrow::Status {
    ARROW_RETURN_NOT_OK(row.GetFieldAs<arrow::Int64Builder>(0)->Append(static_cast<std::int64_t>(i)));
    return row.GetFieldAs<arrow::StringBuilder>(1)->Append(tasks[i]);
  });
}

Status write_provenance(const std::string& path, const std::vector<EpisodeProvenance>& episodes) {
  const auto schema = arrow::schema({arrow::field("episode_index", arrow::int64()), arrow::field("recording", arrow::utf8()),
                                     arrow::field("start_ns", arrow::int64()), arrow::field("end_ns", arrow::int64()),
                                     arrow::field("rows", arrow::int64()), arrow::field("held", arrow::int64()),
                                     arrow::field("task", arrow::utf8())});
  return write_rows(path, schema, episodes.size(), [&](arrow::RecordBatchBuilder& row, std::size_t i) -> arrow::Status {
    const EpisodeProvenance& episode = episodes[i];
    ARROW_RETURN_NOT_OK(row.GetFieldAs<arrow::Int64Builder>(0)->Append(static_cast<std::int64_t>(i)));
    ARROW_RETURN_NOT_OK(row.GetFieldAs<arrow::StringBuilder>(1)->Append(episode.recording));
    ARROW_RETURN_NOT_OK(row.GetFieldAs<arrow::Int64Builder>(2)->Append(episode.start_ns));
    ARROW_RETURN_NOT_OK(row.GetFieldAs<arrow::Int64Builder>(3)->Append(episode.end_ns));
    ARROW_RETURN_NOT_OK(row.GetFieldAs<arrow::Int64Builder>(4)->Append(static_cast<std::int64_t>(episode.rows)));
    ARROW_RETURN_NOT_OK(row.GetFieldAs<arrow::Int64Builder>(5)->Append(static_cast<std::int64_t>(episode.held)));
    return row.GetFieldAs<arrow::StringBuilder>(6)->Append(episode.task);
  });
}

}  // namespace bagloom::dataset
