// Which files there are. lerobot-format.md 1.1.
#include <algorithm>
#include <filesystem>
#include <system_error>

#include "dataset/verify_internal.h"
#include "dataset/verify_parquet.h"

namespace bagloom::dataset::verify {
namespace {

namespace fs = std::filesystem;

/// Names in a folder, sorted as strings (LeRobot's order). Links are followed; what cannot be listed is empty.
std::vector<std::string> names_in(const std::string& folder, bool folders) {
  std::vector<std::string> names;
  std::error_code error;
  for (fs::directory_iterator it(folder, error), end; !error && it != end; it.increment(error)) {
    std::error_code ignored;
    if (it->is_directory(ignored) == folders) names.push_back(it->path().filename().string());
  }
  std::sort(names.begin(), names.end());
  return names;
}

/// The number in `prefix` digits `suffix`, at least three digits; -1: another name.
std::int64_t number_in(std::string_view name, std::string_view prefix, std::string_view suffix) {
  if (!name.starts_with(prefix) || !name.ends_with(suffix) || name.size() < prefix.size() + suffix.size()) return -1;
  std::string_view digits = name.substr(prefix.size(), name.size() - prefix.size() - suffix.size());
  if (digits.size() < 3 || digits.size() > 9) return -1;
  std::int64_t number = 0;
  for (char c : digits) {
    if (c < '0' || c > '9') return -1;
    number = number * 10 + (c - '0');
  }
  return number;
}

/// V05, V06: the tables under `family`, as LeRobot's glob `family/*/*.parquet` finds them.
std::vector<TableFile> tables_under(Context& context, const std::string& family) {
  std::vector<TableFile> tables;
  for (const std::string& folder : names_in(context.full(family), true)) {
    for (const std::string& name : names_in(context.full(family + "/" + folder), false)) {
      if (!name.ends_with(".parquet")) continue;
      TableFile table;
      table.path = family + "/" + folder + "/" + name;
      table.chunk = number_in(folder, "chunk-", "");
      table.file = number_in(name, "file-", ".parquet");
      bool known = table.chunk >= 0 && table.file >= 0;
      bool three_digits = known && folder.size() == 9 && name.size() == 16;
      context.expect(three_digits, "V05", 'S', [&] {
        return Where{table.path, "LeRobot reads this as rows of the dataset; wanted chunk-NNN/file-NNN.parquet only"};
      });
      if (known) tables.push_back(std::move(table));
    }
  }
  for (std::size_t i = 1; i < tables.size(); ++i) {
    const TableFile &before = tables[i - 1], &after = tables[i];
    context.expect(std::pair(before.chunk, before.file) < std::pair(after.chunk, after.file), "V06", 'S', [&] {
      return Where{after.path, "LeRobot reads this after " + before.path + ": paths sort as text"};
    });
  }
  return tables;
}

/// V04: each opens; sets rows.
void open_all(Context& context, std::vector<TableFile>& tables) {
  std::uint64_t rows = 0;
  for (TableFile& file : tables) {
    context.tried();
    auto table = Table::open(context.full(file.path), context.room.tables);
    file.first_row = rows;
    if (!table.ok()) {
      context.problem("V04", 'L', file.path, "cannot be opened: " + table.error().message());
      continue;
    }
    file.readable = true;
    file.rows = table.value()->rows();
    file.largest_column_chunk = table.value()->largest_column_chunk();
    rows += file.rows;
  }
}

bool has_file_below(const std::string& folder) {
  std::error_code error;
  fs::recursive_directory_iterator it(folder, error), end;  // links to folders are not followed
  for (; !error && it != end; it.increment(error)) {
    std::error_code ignored;
    if (!it->is_directory(ignored)) return true;
  }
  return false;
}

void look_for_leftovers(Context& context, const std::string& folder, const std::vector<std::string>& names) {
  for (const std::string& name : names) {
    bool leftover = name.ends_with(".tmp") || name.ends_with(".part") || name.ends_with(".partial") || name.ends_with("~");
    context.expect(!leftover, "V08", 'Q', [&] { return Where{folder + "/" + name, "looks like a temporary file"}; });
  }
}

}  // namespace

void list_files(Context& context) {
  context.data_files = tables_under(context, "data");
  context.episode_files = tables_under(context, "meta/episodes");
  context.expect(!context.data_files.empty(), "V04", 'L', [] { return Where{"data", "has no data/chunk-NNN/file-NNN.parquet"}; });
  if (context.total_episodes.value_or(1) > 0) {
    context.expect(!context.episode_files.empty(), "V02", 'L', [] {
      return Where{"meta/episodes", "has no chunk-NNN/file-NNN.parquet"};
    });
  }
  open_all(context, context.data_files);
  open_all(context, context.episode_files);

  for (const std::string& key : names_in(context.full("videos"), true)) {
    auto& files = context.video_files[key];
    for (const std::string& folder : names_in(context.full("videos/" + key), true)) {
      std::string path = "videos/" + key + "/" + folder;
      auto names = names_in(context.full(path), false);
      look_for_leftovers(context, path, names);
      for (const std::string& name : names) {
        if (name.ends_with(".mp4")) files.push_back(path + "/" + name);
      }
    }
  }
  look_for_leftovers(context, "meta", names_in(context.full("meta"), false));
  for (const std::string& folder : names_in(context.full("data"), true)) {
    look_for_leftovers(context, "data/" + folder, names_in(context.full("data/" + folder), false));
  }
  // LeRobot leaves empty images/<camera>/ folders behind (lerobot-format.md 0.1 point 9): only files in them count.
  context.expect(!has_file_below(context.full("images")), "V08", 'Q', [] {
    return Where{"images", "has files: pictures that were not encoded, or a crashed recording"};
  });
}

}  // namespace bagloom::dataset::verify
