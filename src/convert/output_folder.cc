#include "convert/output_folder.h"

#include <algorithm>
#include <array>
#include <filesystem>
#include <string_view>

#include "convert/durable_files.h"
#include "convert/staging.h"

namespace bagloom::convert {
namespace fs = std::filesystem;
namespace {

/// All that a dataset's folder holds.
constexpr std::array<std::string_view, 3> kDatasetFolders{"data", "meta", "videos"};

/// The folder that OUT will stand in, without symbolic links; empty where the system does not tell.
fs::path parent_of(const fs::path& output) {
  std::error_code code;
  const fs::path parent = fs::weakly_canonical(fs::absolute(output, code).parent_path(), code);
  return code ? fs::path() : parent;
}

bool is_file(const fs::path& path) {
  std::error_code code;
  return fs::is_regular_file(path, code);
}

/// Whether `path` is `folder` or lies below it. Both without symbolic links.
bool lies_in(const fs::path& path, const fs::path& folder) {
  return std::mismatch(folder.begin(), folder.end(), path.begin(), path.end()).first == folder.end();
}

/// The first entry of a dataset's folder, by name, that no dataset has; empty where there is none.
Result<std::string> first_foreign(const std::string& dataset) {
  std::string first;
  std::error_code code;
  for (fs::directory_iterator at(dataset, code), end; !code && at != end; at.increment(code)) {
    const std::string name = at->path().filename().string();
    const bool ours = std::find(kDatasetFolders.begin(), kDatasetFolders.end(), name) != kDatasetFolders.end();
    if (!ours && (first.empty() || name < first)) first = name;
  }
  if (code) return Error(ErrorKind::io, "cannot be listed: " + code.message()).in(dataset);
  return first;
}

}  // namespace

OutputState examine_output(const std::string& output, const std::string& job) {
  OutputState state;
  state.exists = exists(output);
  if (!state.exists) return state;
  const auto made_by = read_small_file(output + "/meta/bagloom/job.json", 1ull << 30);
  state.ours = made_by.ok();
  state.same_job = made_by.ok() && *made_by == job;
  return state;
}

Status check_place(const Options& options) {
  const auto refuse = [&](const std::string& what, const std::string& remedy) {
    return Error(ErrorKind::invalid, what).in(options.output).fix(remedy);
  };
  std::string text = options.output;
  while (text.size() > 1 && text.back() == '/') text.pop_back();
  const fs::path output(text);
  if (output.filename().empty() || output.filename() == "." || output.filename() == "..")
    return refuse("is no name for a dataset", "give the output folder by its name");
  const fs::path parent = parent_of(output);
  if (parent.empty()) return {};  // what is wrong there is said when the folder is made
  for (fs::path folder = parent;; folder = folder.parent_path()) {
    if (is_file(folder / "meta" / "info.json"))
      return refuse("lies in the dataset " + folder.string(), "choose a folder outside of it");
    if (is_file(folder / "lock") && is_file(folder / "job.json") && folder.extension() == ".bagloom")
      return refuse("lies in the working folder of another output, " + folder.string(), "choose a folder outside of it");
    if (folder == folder.parent_path()) break;
  }
  const fs::path place = parent / output.filename();
  for (const std::string& bag : options.bags) {
    std::error_code code;
    const fs::path recording = fs::weakly_canonical(bag, code);
    // What --overwrite replaces and what a job clears are removed with all that is in them.
    if (!code && (lies_in(recording, place) || lies_in(recording, staging_folder(place.string()))))
      return refuse("holds the recording " + bag, "choose another output");
  }
  return {};
}

Status check_replaceable(const Options& options, const OutputState& state) {
  if (!state.exists) return {};
  if (state.ours && options.overwrite) {
    ASSIGN_OR_RETURN(const std::string foreign, first_foreign(options.output));
    if (foreign.empty()) return {};
    return Error(ErrorKind::invalid, "holds '" + foreign + "', which is no part of the dataset")
        .in(options.output)
        .fix("move it away: --overwrite replaces the whole folder");
  }
  if (state.ours)
    return Error(ErrorKind::invalid, "holds a dataset that bagloom made from other recordings or settings")
        .in(options.output)
        .fix("choose another output, or add --overwrite to replace it");
  return Error(ErrorKind::invalid, "exists and was not made by bagloom: it is left alone")
      .in(options.output)
      .fix("choose another output");
}

}  // namespace bagloom::convert
