// Between the parts of verify_dataset, for src/dataset/verify*.cc only.
#pragma once

#include <array>
#include <cstdint>
#include <map>
#include <memory>
#include <nlohmann/json_fwd.hpp>
#include <optional>
#include <string>
#include <string_view>
#include <utility>
#include <vector>

#include "base/result.h"
#include "dataset/verify.h"
#include "dataset/verify_memory.h"

namespace bagloom::dataset::verify {

using Json = nlohmann::ordered_json;  // features: the order of keys is the order of columns

inline constexpr std::array<const char*, 10> kStatNames = {"min", "max", "mean", "std", "count",
                                                           "q01", "q10", "q50",  "q90", "q99"};
inline constexpr std::size_t kCountStat = 4;

enum class Kind { number, text, image, video, language, unknown };

/// One entry of info.json's features, as far as it could be understood.
struct Feature {
  std::string name, dtype;
  Kind kind = Kind::unknown;
  std::vector<std::int64_t> shape;  ///< empty: not usable (reported)
  std::uint64_t elements = 0;       ///< product of the shape
  bool is_default = false;          ///< one of LeRobot's five
  bool depth = false;
  std::uint32_t height = 0, width = 0, channels = 0;  ///< visual features; 0: not known
  const Json* info = nullptr;                         ///< the `info` block, if it is an object; points into Context::info
  bool visual() const { return kind == Kind::image || kind == Kind::video; }
  bool has_column() const { return kind != Kind::video; }
  bool has_stats() const { return kind == Kind::number || visual(); }
  /// Components of its statistics: channels, or the last dimension (all others are reduced). 0: not known.
  std::uint64_t components() const;
  std::vector<std::int64_t> stat_shape() const;
};

/// A parquet file of data/ or meta/episodes/ whose name is as it must be.
struct TableFile {
  std::string path;  ///< relative to the dataset
  std::int64_t chunk = 0, file = 0;
  std::uint64_t first_row = 0, rows = 0;  ///< rows of all files in path order; set when the file was opened
  bool readable = false;
  std::uint64_t largest_column_chunk = 0;  ///< bytes, not compressed, as the footer says
};

struct Episode {
  std::int64_t length = -1, from = -1, to = -1, data_chunk = -1, data_file = -1;
  std::vector<std::int64_t> tasks;  ///< task_index of each text that the tasks table has, ascending
};
struct VideoSpan {
  std::int64_t chunk = -1, file = -1;
  double from_s = 0, to_s = 0;
};
/// Rows of one episode as they lie in the data files.
struct Run {
  std::int64_t episode = 0;
  std::uint64_t first_row = 0, rows = 0;
  std::uint32_t file = 0;  ///< index into Context::data_files; the first one
};

struct Where {
  std::string where, what;
};

struct Context {
  explicit Context(const std::string& dataset, const VerifyOptions& verify_options)
      : root(dataset), options(verify_options), room(verify_options.memory_limit) {
    room.tables.most = options.table_bytes;
  }

  std::string root;
  const VerifyOptions& options;
  VerifyReport report;
  MemoryRoom room;

  std::shared_ptr<Json> info, stats;
  std::vector<Feature> features;
  std::int64_t fps = 0;  ///< 0: not usable
  std::int64_t chunks_size = 1000, data_mib = 100, video_mib = 200;
  std::optional<std::int64_t> total_episodes, total_frames, total_tasks;

  std::vector<TableFile> data_files, episode_files;
  std::map<std::string, std::vector<std::string>> video_files;  ///< by folder name: paths relative to the dataset, sorted

  std::vector<std::string> tasks;
  bool tasks_ok = false;

  std::vector<Episode> episodes;
  std::map<std::string, std::vector<VideoSpan>> spans;  ///< by video feature: one an episode
  bool episodes_ok = false;                             ///< all columns that are needed could be read

  std::vector<Run> runs;
  bool rows_known = false;     ///< every data file opens, so that report.rows is the number of rows
  bool data_ok = false;        ///< every data file opens and has the declared columns
  bool runs_ok = false;        ///< episode_index steps as it must: `runs` is usable
  bool runs_match = false;     ///< ... and run e is episode e with the length that the table says
  std::vector<bool> unusable;  ///< by feature: its column has nulls or wrong lengths; statistics are not recomputed

  // Findings. `tried` counts assertions, which are otherwise silent when they hold.
  void tried(std::uint64_t count = 1) { report.checks += count; }
  void problem(const char* check, char severity, std::string where, std::string what);
  /// One assertion; `describe` is called only when it does not hold and gives Where.
  template <class Describe>
  bool expect(bool holds, const char* check, char severity, Describe&& describe) {
    tried();
    if (holds) return true;
    Where text = describe();
    problem(check, severity, std::move(text.where), std::move(text.what));
    return false;
  }
  void note(std::string text) { report.notes.push_back(std::move(text)); }
  /// A problem with this check (and severity, unless 0) is in the report.
  bool found(std::string_view check, char severity = 0) const;
  Status stopped() const;  ///< Error(stopped) when the caller asks for it

  std::string full(const std::string& relative) const;
  const Feature* feature(std::string_view name) const;

 private:
  std::map<std::pair<std::string, char>, std::uint32_t> listed_;
};

// The parts, in their order. Each returns an Error only for `stop` or where nothing more can be checked.
Status read_info(Context& context);            ///< V01, V10-V12, V19, V20
void check_features(Context& context);         ///< V13-V16, V18, V22
void list_files(Context& context);             ///< V02-V06, V08
void check_tasks(Context& context);            ///< V25, V30-V33
Status check_episode_table(Context& context);  ///< V60, V61, V65, V66 (texts), V23
Status check_data_schema(Context& context);    ///< V04, V40, V41, V52
Status check_data_rows(Context& context);      ///< V42-V49, V51, V53, V66 (sets)
void check_structure(Context& context);        ///< V07, V09, V24, V50, V62-V64, V67, V84, V85
Status check_episode_index(Context& context);  ///< V44, V49: fills `runs`; first of check_data_rows
Status check_images(Context& context, const Feature& feature, std::size_t feature_index);
Status check_videos(Context& context);      ///< V17, V21, V70-V83, V86
Status check_statistics(Context& context);  ///< V68, V69, V90-V97

// Small things that several parts need.
Result<std::shared_ptr<Json>> read_json(const std::string& path, std::uint64_t max_bytes);
/// A value for people: short, primitives only in full.
std::string shown(const Json& value);
std::string shown(double value);
/// Text from the dataset, for a report line: control characters escaped, cut at 80 bytes.
std::string in_quotes(std::string_view text);
std::string row_of(const TableFile& file, std::uint64_t global_row);
/// Of the mp4 that holds an episode, relative to the dataset.
std::string video_path(const std::string& key, const VideoSpan& span);
/// A regular file (links followed): a pipe would block an open.
bool is_file(const std::string& path);

}  // namespace bagloom::dataset::verify
