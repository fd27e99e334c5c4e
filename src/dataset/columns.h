// The columns of a data file and the features of info.json: the user's vectors and cameras, then LeRobot's five.
#pragma once

#include <array>
#include <cstdint>
#include <string>
#include <string_view>
#include <vector>

#include "dataset/spec.h"

namespace bagloom::dataset {

/// Always present, always last (lerobot-format.md 2.3).
enum class DefaultFeature { timestamp, frame_index, episode_index, index, task_index };
inline constexpr std::array<std::string_view, 5> kDefaultFeatures = {"timestamp", "frame_index", "episode_index", "index",
                                                                     "task_index"};

/// One column of a data file. Each has one Parquet leaf, but that a picture's has two.
struct DataColumn {
  std::string name;
  bool integer = false;     ///< int64, else float32
  std::uint32_t width = 1;  ///< 1: a scalar column, else a list of this fixed size
  bool vector = false;      ///< one of the spec's, not a default feature
  bool image = false;       ///< struct<bytes, path>
};
std::vector<DataColumn> data_columns(const DatasetSpec& spec);

/// The JSON text that `datasets` reads from the key `huggingface` (lerobot-format.md 3.3).
std::string huggingface_metadata(const std::vector<DataColumn>& columns);

}  // namespace bagloom::dataset
