// Which files of a folder are a rosbag2 recording, and which recordings a folder holds (bag-formats.md 4.1).
#pragma once

#include <optional>
#include <string>
#include <vector>

#include "bag/damage_log.h"
#include "bag/rosbag2_metadata.h"

namespace bagloom::bag {

struct Rosbag2Folder {
  std::vector<std::string> files;  ///< paths of the storage files, in the natural order of their names (`_2` before `_10`)
  std::optional<Rosbag2Metadata> metadata;
  std::string metadata_path;  ///< empty: there is none
  bool file_is_missing = false;
};

/// With metadata.yaml: the files that it lists, wherever its paths lead in the folder, and those of the same storage that it does
/// not list; without: all storage files. What does not fit is `damage`. Errors: unreadable (no storage file; databases and MCAP
/// files without metadata.yaml that says which), io.
Result<Rosbag2Folder> examine_rosbag2_folder(const std::string& path, DamageLog& damage);

/// Paths of the recordings that lie in a folder, by name: the folder itself where it is a rosbag2 recording; else its *.bag,
/// *.mcap and *.db3 files (compressed ones too) and the folders below it that are rosbag2 recordings. A folder without
/// metadata.yaml is a split recording where its databases have one name and numbers (`run_0.db3`, `run_1.db3`); so are MCAP
/// files, where the name is the folder's, since many people keep recordings that have nothing to do with each other as
/// `episode_0.mcap`, `episode_1.mcap`. Error: unreadable (not a folder).
Result<std::vector<std::string>> recordings_in_folder(const std::string& path);

}  // namespace bagloom::bag
