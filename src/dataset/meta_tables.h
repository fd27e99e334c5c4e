// The Parquet files of meta/: episodes, tasks, and bagloom's own. lerobot-format.md section 4.
#pragma once

#include <string>
#include <vector>

#include "base/result.h"
#include "dataset/assembly.h"

namespace bagloom::dataset {

/// meta/tasks.parquet: the row number is the task index, and the pandas index is the text.
Status write_tasks(const std::string& path, const std::vector<std::string>& tasks);

/// meta/bagloom/episodes.parquet.
Status write_provenance(const std::string& path, const std::vector<EpisodeProvenance>& episodes);

struct EpisodesTable {
  std::vector<std::string> paths;               ///< relative to the dataset
  std::vector<media::RgbHistogram> histograms;  ///< of all episodes, for each camera feature
};

/// meta/episodes/chunk-*/file-*.parquet: 10 to 100 rows a row group, files of at most the data files' target. The statistics of
/// one episode are held at a time. Error: internal where `input.files` do not hold each episode once in every family, or
/// statistics are missing.
Result<EpisodesTable> write_episodes(const std::string& dataset, const MetaInput& input);

}  // namespace bagloom::dataset
