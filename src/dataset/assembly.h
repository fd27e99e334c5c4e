// From units to the dataset's files: which episode goes into which file (a pure function of sizes), and writing one file at a
// time.
#pragma once

#include <cstdint>
#include <functional>
#include <map>
#include <string>
#include <vector>

#include "base/message_ref.h"
#include "base/result.h"
#include "dataset/spec.h"
#include "dataset/statistics.h"

namespace bagloom::dataset {

/// A finished episode, as its record says. Paths are those of its units, in row order.
struct EpisodeUnits {
  std::uint64_t rows = 0;
  std::string task;
  std::vector<std::string> row_blocks;             ///< one every at most 4,096 rows
  std::vector<std::vector<std::string>> segments;  ///< for each camera feature, in the spec's order
  std::vector<std::uint64_t> video_bytes;          ///< for each camera feature: sum of packet or file bytes
  std::vector<media::RgbHistogram> histograms;     ///< for each camera feature
  std::vector<FeatureStatistics> vectors;          ///< for each vector feature
};

/// One file of the dataset: episodes [first, end) of the dataset's numbering.
struct FilePlan {
  enum class Family { data, video } family = Family::data;
  std::uint32_t camera = 0;  ///< index among the camera features
  std::uint32_t chunk = 0, file = 0;
  std::uint32_t first_episode = 0, end_episode = 0;
  std::string path;  ///< relative to the dataset: "data/chunk-000/file-000.parquet"
};

/// Cuts the row of episodes into files: whole episodes, up to the target sizes (data: rows x bytes a row, and pictures that
/// stand in the tables; video: packet bytes), a
/// new mp4 too where an episode that is not its file's first would end beyond 1024 s.
class FilePartition {
 public:
  explicit FilePartition(const DatasetSpec& spec);
  /// Appends the next episode; gives the files that are complete now (the episode did not fit into them).
  std::vector<FilePlan> add(std::uint64_t rows, const std::vector<std::uint64_t>& video_bytes);
  /// The files that are still open.
  std::vector<FilePlan> finish();

 private:
  struct Open {
    FilePlan plan;
    std::uint64_t bytes = 0, rows = 0;
    bool used = false;
  };
  void advance(Open& open) const;
  DatasetSpec spec_;
  std::uint64_t bytes_a_row_ = 0;
  std::uint32_t episodes_ = 0;
  std::vector<std::uint32_t> in_tables_;  ///< cameras whose pictures stand in the data files
  std::vector<Open> open_;
};

/// Where the bytes of a `copy` picture come from; `bytes` live until the callback's next call.
using FetchPicture = std::function<Result<Bytes>(const MessageRef&, std::uint64_t offset, std::uint64_t bytes)>;

inline constexpr std::uint64_t kImageGroupBytes = 8ull << 20;
/// Writes one data file (Parquet: one row group an episode, of at most 4,096 rows each) from row blocks, adding LeRobot's
/// columns; pictures of dtype `image` come from their segments, and a row group ends where they come to kImageGroupBytes.
/// `episodes` are the file's own; `first_episode` and `first_row` are their place in the dataset. Synced when it returns.
Status write_data_file(const std::string& path, const DatasetSpec& spec, const std::vector<EpisodeUnits>& episodes,
                       std::uint32_t first_episode, std::uint64_t first_row, const std::vector<std::int64_t>& task_indices);
/// Writes one mp4 from segments: packets copied, pts computed. Synced when it returns.
Status write_video_file(const std::string& path, const DatasetSpec& spec, std::uint32_t camera,
                        const std::vector<EpisodeUnits>& episodes, const FetchPicture& fetch);

/// One row of meta/bagloom/episodes.parquet.
struct EpisodeProvenance {
  std::string recording;
  TimeNs start_ns = 0, end_ns = 0;
  std::uint64_t rows = 0, held = 0;
  std::string task;
};

/// Everything that meta/ needs once all data files and mp4s are there.
struct MetaInput {
  DatasetSpec spec;
  std::vector<EpisodeUnits> episodes;  ///< unit paths are not read any more
  /// Where `episodes` hold no statistics, because those of many take much memory: gives an episode with them. Called once for
  /// each, in order.
  std::function<Result<EpisodeUnits>(std::size_t episode)> load;
  std::vector<std::string> tasks;          ///< first seen first
  std::vector<std::int64_t> task_indices;  ///< one an episode
  std::vector<FilePlan> files;
  std::vector<EpisodeProvenance> provenance;
};
/// Writes meta/episodes, meta/tasks.parquet, meta/stats.json (dataset-wide vectors by a second pass over the data files),
/// meta/bagloom/episodes.parquet, and meta/info.json last. Synced when it returns.
Status write_meta(const std::string& dataset, const MetaInput& input);

/// Resident bytes that the calls above may take beside their arguments.
std::uint64_t assembly_bytes(const DatasetSpec& spec);
/// write_video_file alone, beside its arguments and what `fetch` holds.
std::uint64_t video_file_bytes(std::uint64_t rows);

}  // namespace bagloom::dataset
