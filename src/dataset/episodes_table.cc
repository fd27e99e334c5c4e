// meta/episodes: one row an episode, with its files, its place in them and its statistics. lerobot-format.md 4.2.
#include <arrow/array/builder_binary.h>
#include <arrow/array/builder_nested.h>
#include <arrow/array/builder_primitive.h>
#include <arrow/memory_pool.h>
#include <arrow/record_batch.h>
#include <arrow/table_builder.h>
#include <arrow/type.h>

#include <algorithm>
#include <cstdio>

#include "dataset/arrow_status.h"
#include "dataset/columns.h"
#include "dataset/default_statistics.h"
#include "dataset/meta_tables.h"
#include "dataset/output_file.h"
#include "dataset/parquet_output.h"

namespace bagloom::dataset {
namespace {

// LeRobot's own writer flushes ten. Parquet holds about 66 kB of metadata a row group until the file is closed, twice at its end,
// so small rows share one.
constexpr std::int64_t kLeastARowGroup = 10, kMostARowGroup = 100;
constexpr std::uint64_t kRowGroupBytes = 256 * 1024;

/// Where an episode lies in one family of files.
struct Place {
  std::int64_t chunk = -1, file = -1;
  std::uint64_t first_row = 0;  ///< rows of earlier episodes in the same file
};
/// [0]: data; [1 + c]: camera c, empty where it has no mp4. One Place an episode.
using Places = std::vector<std::vector<Place>>;

Result<Places> places_of(const MetaInput& input) {
  Places places(1, std::vector<Place>(input.episodes.size()));
  for (const FeatureSpec& feature : input.spec.features) {
    if (feature.is_camera()) places.emplace_back(feature.is_video() ? input.episodes.size() : 0);
  }
  for (const FilePlan& plan : input.files) {
    const std::size_t family = plan.family == FilePlan::Family::data ? 0 : std::size_t{1} + plan.camera;
    if (family >= places.size() || plan.end_episode > places[family].size())
      return Error(ErrorKind::internal, "file of no episode").in(plan.path);
    std::uint64_t rows = 0;
    for (std::uint32_t e = plan.first_episode; e < plan.end_episode; ++e) {
      if (places[family][e].chunk >= 0)
        return Error(ErrorKind::internal, "episode " + std::to_string(e) + " is in two files").in(plan.path);
      places[family][e] = {plan.chunk, plan.file, rows};
      rows += input.episodes[e].rows;
    }
  }
  for (const auto& family : places) {
    const auto missing = std::find_if(family.begin(), family.end(), [](const Place& place) { return place.chunk < 0; });
    if (missing != family.end())
      return Error(ErrorKind::internal, "episode " + std::to_string(missing - family.begin()) + " is in no file");
  }
  return places;
}

constexpr const char* kStatistics[] = {"min", "max", "mean", "std", "count", "q01", "q10", "q50", "q90", "q99"};

std::shared_ptr<arrow::DataType> list_of(std::shared_ptr<arrow::DataType> type) {
  return arrow::list(arrow::field("element", std::move(type)));
}

std::shared_ptr<arrow::Schema> episodes_schema(const DatasetSpec& spec) {
  arrow::FieldVector fields;
  const auto add = [&](const std::string& name, std::shared_ptr<arrow::DataType> type) {
    fields.push_back(arrow::field(name, std::move(type)));
  };
  add("episode_index", arrow::int64());
  add("tasks", list_of(arrow::utf8()));
  for (const char* name : {"length", "data/chunk_index", "data/file_index", "dataset_from_index", "dataset_to_index"})
    add(name, arrow::int64());
  for (const FeatureSpec& feature : spec.features) {
    if (!feature.is_video()) continue;
    add("videos/" + feature.name + "/chunk_index", arrow::int64());
    add("videos/" + feature.name + "/file_index", arrow::int64());
    add("videos/" + feature.name + "/from_timestamp", arrow::float64());
    add("videos/" + feature.name + "/to_timestamp", arrow::float64());
  }
  const auto add_statistics = [&](const std::string& feature, bool camera) {
    const auto numbers = list_of(arrow::float64());
    for (const std::string statistic : kStatistics) {
      const bool count = statistic == "count";
      add("stats/" + feature + "/" + statistic, count ? list_of(arrow::int64()) : camera ? list_of(list_of(numbers)) : numbers);
    }
  };
  for (const FeatureSpec& feature : spec.features) add_statistics(feature.name, feature.is_camera());
  for (const std::string_view feature : kDefaultFeatures) add_statistics(std::string(feature), false);
  add("meta/episodes/chunk_index", arrow::int64());
  add("meta/episodes/file_index", arrow::int64());
  return arrow::schema(fields);
}

/// Appends one row, column after column in the schema's order.
class RowAppender {
 public:
  explicit RowAppender(arrow::RecordBatchBuilder& row) : row_(row) {}

  arrow::Status integer(std::int64_t value) { return row_.GetFieldAs<arrow::Int64Builder>(column_++)->Append(value); }
  arrow::Status number(double value) { return row_.GetFieldAs<arrow::DoubleBuilder>(column_++)->Append(value); }
  arrow::Status texts(const std::vector<std::string>& values) {
    auto* list = row_.GetFieldAs<arrow::ListBuilder>(column_++);
    ARROW_RETURN_NOT_OK(list->Append());
    return static_cast<arrow::StringBuilder*>(list->value_builder())->AppendValues(values);
  }
  arrow::Status statistics(const FeatureStatistics& s, bool camera) {
    for (const auto* values : {&s.min, &s.max, &s.mean, &s.std}) ARROW_RETURN_NOT_OK(numbers(*values, camera));
    auto* count = row_.GetFieldAs<arrow::ListBuilder>(column_++);
    ARROW_RETURN_NOT_OK(count->Append());
    ARROW_RETURN_NOT_OK(static_cast<arrow::Int64Builder*>(count->value_builder())->Append(static_cast<std::int64_t>(s.count)));
    for (const auto* values : {&s.q01, &s.q10, &s.q50, &s.q90, &s.q99}) ARROW_RETURN_NOT_OK(numbers(*values, camera));
    return arrow::Status::OK();
  }

 private:
  arrow::Status numbers(const std::vector<double>& values, bool camera) {
    auto* list = row_.GetFieldAs<arrow::ListBuilder>(column_++);
    ARROW_RETURN_NOT_OK(list->Append());
    if (!camera) return static_cast<arrow::DoubleBuilder*>(list->value_builder())->AppendValues(values);
    auto* rows = static_cast<arrow::ListBuilder*>(list->value_builder());
    auto* columns = static_cast<arrow::ListBuilder*>(rows->value_builder());
    for (const double value : values) {
      ARROW_RETURN_NOT_OK(rows->Append());
      ARROW_RETURN_NOT_OK(columns->Append());
      ARROW_RETURN_NOT_OK(static_cast<arrow::DoubleBuilder*>(columns->value_builder())->Append(value));
    }
    return arrow::Status::OK();
  }

  arrow::RecordBatchBuilder& row_;
  int column_ = 0;
};

/// Uncompressed bytes of an episode's row: what the files are measured by.
std::uint64_t row_bytes(const DatasetSpec& spec, const EpisodeUnits& episode) {
  std::uint64_t numbers = 8 + 10 * 5;
  for (const FeatureSpec& feature : spec.features) {
    const std::uint64_t components = feature.is_camera() ? feature.channels() : feature.width;
    numbers += 9 * components + 1 + (feature.is_video() ? 4 : 0);
  }
  return numbers * 8 + episode.task.size() + 4;
}

Status check_statistics(const DatasetSpec& spec, const EpisodeUnits& episode, std::size_t number) {
  const auto wrong = [&](const std::string& what) {
    return Error(ErrorKind::internal, what).in("episode " + std::to_string(number)).in("meta");
  };
  std::size_t cameras = 0, vectors = 0;
  for (const FeatureSpec& feature : spec.features) ++(feature.is_camera() ? cameras : vectors);
  if (episode.histograms.size() != cameras || episode.vectors.size() != vectors) return wrong("lacks statistics");
  std::size_t vector = 0;
  for (const FeatureSpec& feature : spec.features)
    if (!feature.is_camera() && episode.vectors[vector++].min.size() != feature.width)
      return wrong("statistics of " + feature.name);
  return {};
}

struct EpisodeRow {
  const MetaInput& input;
  const Places& places;
  std::size_t episode;
  const EpisodeUnits& statistics;
  std::uint64_t first_row;
  std::int64_t chunk, file;  ///< of the table itself
};

arrow::Status append_episode(RowAppender row, const EpisodeRow& at) {
  const DatasetSpec& spec = at.input.spec;
  const EpisodeUnits& episode = at.input.episodes[at.episode];
  const std::int64_t task = at.input.task_indices[at.episode];
  ARROW_RETURN_NOT_OK(row.integer(static_cast<std::int64_t>(at.episode)));
  ARROW_RETURN_NOT_OK(row.texts({at.input.tasks[static_cast<std::size_t>(task)]}));
  ARROW_RETURN_NOT_OK(row.integer(static_cast<std::int64_t>(episode.rows)));
  ARROW_RETURN_NOT_OK(row.integer(at.places[0][at.episode].chunk));
  ARROW_RETURN_NOT_OK(row.integer(at.places[0][at.episode].file));
  ARROW_RETURN_NOT_OK(row.integer(static_cast<std::int64_t>(at.first_row)));
  ARROW_RETURN_NOT_OK(row.integer(static_cast<std::int64_t>(at.first_row + episode.rows)));
  for (std::size_t camera = 1; camera < at.places.size(); ++camera) {
    if (at.places[camera].empty()) continue;
    const Place& place = at.places[camera][at.episode];
    ARROW_RETURN_NOT_OK(row.integer(place.chunk));
    ARROW_RETURN_NOT_OK(row.integer(place.file));
    // One division each: sums of durations would drift.
    ARROW_RETURN_NOT_OK(row.number(static_cast<double>(place.first_row) / spec.fps));
    ARROW_RETURN_NOT_OK(row.number(static_cast<double>(place.first_row + episode.rows) / spec.fps));
  }
  std::size_t camera = 0, vector = 0;
  for (const FeatureSpec& feature : spec.features) {
    if (feature.is_camera()) {
      ARROW_RETURN_NOT_OK(row.statistics(statistics_of(at.statistics.histograms[camera++]), true));
    } else {
      ARROW_RETURN_NOT_OK(row.statistics(at.statistics.vectors[vector++], false));
    }
  }
  for (const FeatureStatistics& statistics : default_statistics(episode.rows, spec.fps, at.episode, at.first_row, task)) {
    ARROW_RETURN_NOT_OK(row.statistics(statistics, false));
  }
  ARROW_RETURN_NOT_OK(row.integer(at.chunk));
  return row.integer(at.file);
}

}  // namespace

Result<EpisodesTable> write_episodes(const std::string& dataset, const MetaInput& input) {
  std::size_t cameras = 0;
  for (const FeatureSpec& feature : input.spec.features) cameras += feature.is_camera() ? 1 : 0;
  ASSIGN_OR_RETURN(const Places places, places_of(input));
  const auto schema = episodes_schema(input.spec);
  const std::string where = dataset + "/meta/episodes";
  return without_exceptions(where, [&]() -> Result<EpisodesTable> {
    std::unique_ptr<arrow::RecordBatchBuilder> builder;
    ASSIGN_OR_ARROW_ERROR(builder, arrow::RecordBatchBuilder::Make(schema, arrow::system_memory_pool()), where);
    EpisodesTable table{{}, std::vector<media::RgbHistogram>(cameras)};
    std::unique_ptr<ParquetOutput> output;
    std::int64_t chunk = 0, file = 0, pending = 0;
    std::uint64_t bytes = 0, first_row = 0, pending_bytes = 0;
    const auto flush = [&]() -> Status {
      std::shared_ptr<arrow::RecordBatch> batch;
      ASSIGN_OR_ARROW_ERROR(batch, builder->Flush(), where);
      pending = 0;
      pending_bytes = 0;
      return output->write(*batch);
    };
    for (std::size_t e = 0; e < input.episodes.size(); ++e) {
      const std::uint64_t size = row_bytes(input.spec, input.episodes[e]);
      if (output && bytes + size >= input.spec.data_file_mib * 1024 * 1024) {
        RETURN_IF_ERROR(flush());
        RETURN_IF_ERROR(output->finish());
        output.reset();
        bytes = 0;
        if (++file == static_cast<std::int64_t>(input.spec.chunks_size)) {
          file = 0;
          ++chunk;
        }
      }
      if (!output) {
        char name[80];
        std::snprintf(name, sizeof name, "meta/episodes/chunk-%03lld/file-%03lld.parquet", static_cast<long long>(chunk),
                      static_cast<long long>(file));
        table.paths.emplace_back(name);
        RETURN_IF_ERROR(make_parent_folders(dataset + "/" + name));
        ASSIGN_OR_RETURN(output, ParquetOutput::create(dataset + "/" + name, schema, {}));
      }
      EpisodeUnits loaded;
      if (input.load) {
        ASSIGN_OR_RETURN(loaded, input.load(e));
      }
      const EpisodeUnits& statistics = input.load ? loaded : input.episodes[e];
      RETURN_IF_ERROR(check_statistics(input.spec, statistics, e));
      RETURN_IF_ARROW_ERROR(append_episode(RowAppender(*builder), {input, places, e, statistics, first_row, chunk, file}), where);
      for (std::size_t camera = 0; camera < cameras; ++camera) table.histograms[camera].add(statistics.histograms[camera]);
      bytes += size;
      first_row += input.episodes[e].rows;
      pending_bytes += size;
      if (++pending == kMostARowGroup || (pending >= kLeastARowGroup && pending_bytes >= kRowGroupBytes))
        RETURN_IF_ERROR(flush());
    }
    if (output) {
      RETURN_IF_ERROR(flush());
      RETURN_IF_ERROR(output->finish());
    }
    return table;
  });
}

}  // namespace bagloom::dataset
