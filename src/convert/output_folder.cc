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

/// All files of a dataset that bagloom makes (docs/output.md). `*` is any name; `#` are digits.
constexpr std::array<std::string_view, 10> kFiles{"data/chunk-#/file-#.parquet",
                                                  "videos/*/chunk-#/file-#.mp4",
                                                  "meta/episodes/chunk-#/file-#.parquet",
                                                  "meta/info.json",
                                                  "meta/stats.json",
                                                  "meta/tasks.parquet",
                                                  "meta/bagloom/episodes.parquet",
                                                  "meta/bagloom/job.json",
                                                  "meta/bagloom/report.json",
                                                  "meta/bagloom/recipe.yaml"};

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

/// Whether the name is what one part of kFiles says.
bool fits(std::string_view name, std::string_view part) {
  if (part == "*") return true;
  const std::size_t digits = part.find('#');
  if (digits == std::string_view::npos) return name == part;
  const std::string_view before = part.substr(0, digits), behind = part.substr(digits + 1);
  if (name.size() <= before.size() + behind.size() || !name.starts_with(before) || !name.ends_with(behind)) return false;
  name = name.substr(before.size(), name.size() - before.size() - behind.size());
  return name.find_first_not_of("0123456789") == std::string_view::npos;
}

/// Whether `path`, relative to OUT, is one of kFiles, or a folder on the way to one.
bool is_of_dataset(const fs::path& path, bool folder) {
  return std::any_of(kFiles.begin(), kFiles.end(), [&](std::string_view file) {
    const fs::path wanted(file);
    auto part = wanted.begin();
    for (const fs::path& name : path) {
      if (part == wanted.end() || !fits(name.string(), part->string())) return false;
      ++part;
    }
    return folder == (part != wanted.end());
  });
}

/// The first path in a dataset's folder, by name, that no dataset has: file, folder, or a symbolic link, which bagloom makes none
/// of. Empty where there is none.
Result<std::string> first_foreign(const std::string& dataset) {
  std::string first;
  std::error_code code;
  for (fs::recursive_directory_iterator at(dataset, code), end; !code && at != end; at.increment(code)) {
    const fs::file_status status = at->symlink_status(code);
    if (code) break;
    const fs::path path = at->path().lexically_relative(dataset);
    const bool folder = fs::is_directory(status);
    if ((folder || fs::is_regular_file(status)) && is_of_dataset(path, folder)) continue;
    if (folder) at.disable_recursion_pending();
    if (first.empty() || path.string() < first) first = path.string();
  }
  if (code) return Error(ErrorKind::io, "cannot be listed: " + code.message()).in(dataset);
  return first;
}

}  // namespace

Result<std::string> resolved_output(const std::string& output) {
  constexpr int kMostLinks = 40;  // as the kernel
  std::string text = output;
  for (int links = 0;; ++links) {
    while (text.size() > 1 && text.back() == '/') text.pop_back();
    std::error_code code;
    const fs::path link(text);
    if (!fs::is_symlink(fs::symlink_status(link, code))) return links == 0 ? output : text;
    const fs::path target = fs::read_symlink(link, code);
    if (code || links == kMostLinks)
      return Error(ErrorKind::invalid, "is a symbolic link that cannot be followed").in(output).fix("choose another output");
    text = (link.parent_path() / target).string();
  }
}

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
  ASSIGN_OR_RETURN(std::string text, resolved_output(options.output));
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
    return Error(ErrorKind::invalid, "holds '" + foreign + "', which bagloom did not make")
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
