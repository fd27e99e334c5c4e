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

/// meta/episodes/chunk-*/file-*.parquet: ten rows a row group, files of at most the data files' target. Gives the paths, relative
/// to the dataset. Error: internal where `input.files` do not hold each episode once in every family.
Result<std::vector<std::string>> write_episodes(const std::string& dataset, const MetaInput& input);

}  // namespace bagloom::dataset
