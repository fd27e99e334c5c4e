// meta/: tables, statistics, and info.json last, so that a reader never sees a dataset that is half there.
#include <algorithm>
#include <nlohmann/json.hpp>

#include "dataset/assembly.h"
#include "dataset/dataset_statistics.h"
#include "dataset/meta_json.h"
#include "dataset/meta_tables.h"
#include "dataset/output_file.h"
#include "dataset/quantile_bins.h"
#include "dataset/unit.h"

namespace bagloom::dataset {
namespace {

Status check_input(const MetaInput& input) {
  const auto wrong = [](const std::string& what) { return Error(ErrorKind::internal, what).in("meta"); };
  if (input.episodes.empty()) return wrong("no episodes");
  if (input.spec.fps == 0 || input.spec.chunks_size == 0) return wrong("fps and chunks_size must be positive");
  if (input.task_indices.size() != input.episodes.size() || input.provenance.size() != input.episodes.size()) {
    return wrong("tasks and provenance are needed for each episode");
  }
  for (std::size_t e = 0; e < input.episodes.size(); ++e) {
    const EpisodeUnits& episode = input.episodes[e];
    const std::string place = "episode " + std::to_string(e);
    if (episode.rows == 0) return wrong(place + " has no rows");
    if (input.task_indices[e] < 0 || static_cast<std::size_t>(input.task_indices[e]) >= input.tasks.size()) {
      return wrong(place + " has a task that is not in the table");
    }
  }
  return {};
}

/// Parquet's strings must be UTF-8, but Arrow does not look.
Status check_texts(const MetaInput& input) {
  nlohmann::json texts = input.tasks;
  for (const EpisodeProvenance& episode : input.provenance) {
    texts.push_back(episode.recording);
    texts.push_back(episode.task);
  }
  try {
    static_cast<void>(texts.dump());
  } catch (const std::exception&) {
    return Error(ErrorKind::invalid, "a task or the name of a recording is not UTF-8").in("meta");
  }
  return {};
}

Status write_text(const std::string& path, const std::string& text) {
  ASSIGN_OR_RETURN(auto file, OutputFile::create(path));
  RETURN_IF_ERROR(file->write(as_bytes(text)));
  return file->commit(true);
}

}  // namespace

Status write_meta(const std::string& dataset, const MetaInput& input) {
  RETURN_IF_ERROR(check_input(input));
  RETURN_IF_ERROR(check_texts(input));
  DatasetTotals totals{.episodes = input.episodes.size(), .rows = 0, .tasks = input.tasks.size()};
  for (const EpisodeUnits& episode : input.episodes) totals.rows += episode.rows;
  ASSIGN_OR_RETURN(const std::string info, info_json(input.spec, totals));

  const std::string meta = dataset + "/meta";
  RETURN_IF_ERROR(make_parent_folders(meta + "/bagloom/episodes.parquet"));
  ASSIGN_OR_RETURN(const EpisodesTable episodes, write_episodes(dataset, input));
  RETURN_IF_ERROR(write_tasks(meta + "/tasks.parquet", input.tasks));
  RETURN_IF_ERROR(write_provenance(meta + "/bagloom/episodes.parquet", input.provenance));
  ASSIGN_OR_RETURN(const NamedStatistics statistics, dataset_statistics(dataset, input, episodes.histograms));
  ASSIGN_OR_RETURN(const std::string stats, stats_json(input.spec, statistics));
  RETURN_IF_ERROR(write_text(meta + "/stats.json", stats));

  // All that info.json speaks of is durable before info.json is. The files are synced by those who wrote them.
  std::vector<std::string> paths = episodes.paths;
  for (const FilePlan& plan : input.files) paths.push_back(plan.path);
  paths.push_back("meta/bagloom/episodes.parquet");
  RETURN_IF_ERROR(sync_folders_of(dataset, paths));
  RETURN_IF_ERROR(write_text(meta + "/info.json", info));
  return sync_path(meta);
}

// Measured on x86-64 with Arrow 26 (tests/dataset/memory_test.cc), allocator configured as src/memory does: two vectors of 28 and
// one of 1 take 9.4 MiB in the first call, 6.4 of them pages of Arrow's and Parquet's code, and 3.0 to 3.8 after it; two of 400
// take 25.0. Within a conversion, that comes to other pages of them, up to 12.
std::uint64_t assembly_bytes(const DatasetSpec& spec) {
  std::uint64_t width = 9, widest = 1;  // 9: the default columns, int64 counted twice
  std::uint64_t pictures = 0;  // of a row group: those of all cameras, one of each too many, and what Parquet holds of one column
  for (const FeatureSpec& feature : spec.features) {
    if (feature.image) {
      pictures = std::max<std::uint64_t>(pictures, 3 * kImageGroupBytes);
      pictures += 4ull * feature.video->width * feature.video->height * (feature.depth ? 2 : 3);
    }
    width += feature.width;
    widest = std::max<std::uint64_t>(widest, feature.width);
  }
  const std::uint64_t row_group = kMaxBlockRows * sizeof(float) * (width + 2 * widest);  // all columns, and one being encoded
  const std::uint64_t statistics = widest * QuantileBins::kBins * sizeof(std::uint64_t);
  return (12ull << 20) + std::max(row_group + pictures, statistics);
}

// Measured (tests/dataset/memory_test.cc): 1.1 MiB in the first call, 2.2 MiB for 30,720 rows and 7.9 for 122,880, because
// libavformat keeps each packet's place until the mp4's index is written.
std::uint64_t video_file_bytes(std::uint64_t rows) { return (2ull << 20) + rows * 96; }

}  // namespace bagloom::dataset
