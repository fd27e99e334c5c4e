// What the episodes table says of the data files and of which files there are. lerobot-format.md 1.2, 4.2.
#include <algorithm>
#include <filesystem>
#include <set>
#include <system_error>

#include "dataset/verify_internal.h"
#include "dataset/verify_parquet.h"

namespace bagloom::dataset::verify {
namespace {

using Pair = std::pair<std::int64_t, std::int64_t>;

std::string of_episode(std::size_t e) { return "meta/episodes episode " + std::to_string(e); }
std::string text_of(Pair pair) { return "(" + std::to_string(pair.first) + ", " + std::to_string(pair.second) + ")"; }

/// V62, V63, and the last part of V24.
void check_ranges(Context& context) {
  std::int64_t next = 0;
  for (std::size_t e = 0; e < context.episodes.size(); ++e) {
    const Episode& episode = context.episodes[e];
    context.expect(episode.length >= 1, "V62", 'S', [&] {
      return Where{of_episode(e), "length is " + std::to_string(episode.length)};
    });
    bool plain = episode.from >= 0 && episode.to >= episode.from;
    context.expect(plain && episode.to - episode.from == episode.length, "V62", 'S', [&] {
      return Where{of_episode(e), "dataset_from_index " + std::to_string(episode.from) + " to dataset_to_index " +
                                      std::to_string(episode.to) + ", length " + std::to_string(episode.length)};
    });
    context.expect(episode.from == next, "V63", 'S', [&] {
      return Where{of_episode(e), "dataset_from_index is " + std::to_string(episode.from) + ", wanted " + std::to_string(next)};
    });
    next = episode.to;
  }
  if (context.runs_ok) {
    std::size_t common = std::min(context.runs.size(), context.episodes.size());
    for (std::size_t e = 0; e < common; ++e) {
      context.expect(static_cast<std::int64_t>(context.runs[e].rows) == context.episodes[e].length, "V62", 'S', [&] {
        return Where{of_episode(e), "length is " + std::to_string(context.episodes[e].length) + ", data has " +
                                        std::to_string(context.runs[e].rows) + " rows of it"};
      });
    }
  }
}

/// V24.
void check_totals(Context& context) {
  std::uint64_t rows = 0;
  for (const TableFile& file : context.data_files) rows += file.rows;
  context.report.rows = rows;
  context.report.episodes = context.episodes.size();
  context.rows_known = !context.data_files.empty() && std::all_of(context.data_files.begin(), context.data_files.end(),
                                                                  [](const TableFile& file) { return file.readable; });
  if (!context.total_frames) return;
  if (context.rows_known) {
    context.expect(static_cast<std::uint64_t>(*context.total_frames) == rows, "V24", 'S', [&] {
      return Where{"meta/info.json",
                   "total_frames is " + std::to_string(*context.total_frames) + ", data has " + std::to_string(rows) + " rows"};
    });
  }
  if (context.episodes_ok && !context.episodes.empty()) {
    std::int64_t last = context.episodes.back().to;
    context.expect(last == *context.total_frames, "V24", 'S', [&] {
      return Where{"meta/info.json", "total_frames is " + std::to_string(*context.total_frames) +
                                         ", the last dataset_to_index is " + std::to_string(last)};
    });
  }
}

/// V07, V64 and V67 for data files.
void check_data_places(Context& context) {
  std::set<Pair> present, used;
  for (const TableFile& file : context.data_files) present.insert({file.chunk, file.file});
  Pair before{0, 0};
  for (std::size_t e = 0; e < context.episodes.size(); ++e) {
    Pair place{context.episodes[e].data_chunk, context.episodes[e].data_file};
    used.insert(place);
    bool there = context.expect(present.contains(place), "V07", 'L', [&] {
      return Where{of_episode(e), "its data file " + text_of(place) + " is not there"};
    });
    if (context.runs_ok && e < context.runs.size() && there) {
      const TableFile& file = context.data_files[context.runs[e].file];
      context.expect(place == Pair(file.chunk, file.file), "V64", 'T', [&] {
        return Where{of_episode(e), "data/chunk_index, data/file_index are " + text_of(place) + ", its rows are in " + file.path};
      });
    }
    context.expect(e == 0 || before <= place, "V67", 'S', [&] {
      return Where{of_episode(e),
                   "its data file " + text_of(place) + " comes before that of the episode before " + text_of(before)};
    });
    before = place;
  }
  for (const TableFile& file : context.data_files) {
    context.expect(used.contains({file.chunk, file.file}), "V07", 'Q', [&] {
      return Where{file.path, "no episode names this file"};
    });
  }
}

/// V07, V67, V84 for mp4s; that a named one exists is V70's.
void check_video_places(Context& context) {
  for (const auto& [key, files] : context.video_files) {
    const Feature* feature = context.feature(key);
    bool known = feature != nullptr && feature->kind == Kind::video;
    context.expect(known || files.empty(), "V07", 'Q', [&key = key] {
      return Where{"videos/" + key, "is no video feature of meta/info.json"};
    });
  }
  for (const auto& [key, spans] : context.spans) {
    std::set<std::string> used;
    Pair before{0, 0};
    for (std::size_t e = 0; e < spans.size(); ++e) {
      Pair place{spans[e].chunk, spans[e].file};
      used.insert(video_path(key, spans[e]));
      context.expect(e == 0 || before <= place, "V67", 'S', [&, &key = key] {
        return Where{of_episode(e),
                     "its mp4 of " + key + " " + text_of(place) + " comes before that of the episode before " + text_of(before)};
      });
      before = place;
    }
    auto present = context.video_files.find(key);
    if (present != context.video_files.end()) {
      for (const std::string& path : present->second) {
        context.expect(used.contains(path), "V07", 'Q', [&] { return Where{path, "no episode names this file"}; });
      }
    }
    context.expect(used.size() <= 1, "V84", 'Q', [&key = key, count = used.size()] {
      return Where{"videos/" + key,
                   "has " + std::to_string(count) + " mp4s: StreamingLeRobotDataset reads wrong pictures from more than one"};
    });
  }
}

/// V09.
void check_numbers(Context& context) {
  auto check = [&](const std::string& where, std::int64_t file) {
    context.expect(file < context.chunks_size, "V09", 'Q', [&] {
      return Where{where,
                   "file_index " + std::to_string(file) + " is not below chunks_size " + std::to_string(context.chunks_size)};
    });
  };
  for (const TableFile& file : context.data_files) check(file.path, file.file);
  for (const TableFile& file : context.episode_files) check(file.path, file.file);
  for (const auto& [key, spans] : context.spans) {
    std::int64_t most = 0;
    for (const VideoSpan& span : spans) most = std::max(most, span.file);
    check("videos/" + key, most);
  }
}

/// V85: a file over its target is right only where one episode alone is that large.
void check_sizes(Context& context) {
  auto check = [&](const std::string& path, std::uint64_t episodes, std::int64_t mib) {
    std::error_code error;
    auto bytes = std::filesystem::file_size(context.full(path), error);
    if (error || episodes <= 1) return;
    context.expect(bytes / (1 << 20) < static_cast<std::uint64_t>(mib), "V85", 'Q', [&] {
      return Where{path, "has " + std::to_string(bytes) + " bytes and " + std::to_string(episodes) + " episodes; the target is " +
                             std::to_string(mib) + " MiB"};
    });
  };
  std::map<Pair, std::uint64_t> in_data;
  for (const Episode& episode : context.episodes) ++in_data[{episode.data_chunk, episode.data_file}];
  for (const TableFile& file : context.data_files) check(file.path, in_data[{file.chunk, file.file}], context.data_mib);
  for (const auto& [key, spans] : context.spans) {
    std::map<std::string, std::uint64_t> in_video;
    for (const VideoSpan& span : spans) ++in_video[video_path(key, span)];
    for (const auto& [path, episodes] : in_video) check(path, episodes, context.video_mib);
  }
}

/// V50: each row group has rows of one episode only. An episode may have several: no reader needs one (architecture.md section
/// 4).
void check_row_groups(Context& context) {
  std::size_t run = 0;
  for (const TableFile& file : context.data_files) {
    if (!file.readable) continue;
    auto opened = Table::open(context.full(file.path), context.room.tables);
    if (!opened.ok()) continue;
    std::uint64_t row = file.first_row;
    auto groups = opened.value()->row_groups();
    for (std::size_t g = 0; g < groups.size(); ++g) {
      std::string where = file.path + " row group " + std::to_string(g);
      context.expect(groups[g] > 0, "V50", 'Q', [&] { return Where{where, "is empty"}; });
      if (groups[g] == 0 || !context.runs_ok) continue;
      while (run < context.runs.size() && row >= context.runs[run].first_row + context.runs[run].rows) ++run;
      if (run == context.runs.size()) break;
      context.expect(row + groups[g] <= context.runs[run].first_row + context.runs[run].rows, "V50", 'Q', [&] {
        return Where{where, "goes on beyond the end of episode " + std::to_string(context.runs[run].episode)};
      });
      row += groups[g];
    }
  }
}

}  // namespace

std::string video_path(const std::string& key, const VideoSpan& span) {
  auto digits = [](std::int64_t number) {
    std::string text = std::to_string(number);
    return text.size() < 3 ? std::string(3 - text.size(), '0') + text : text;
  };
  return "videos/" + key + "/chunk-" + digits(span.chunk) + "/file-" + digits(span.file) + ".mp4";
}

void check_structure(Context& context) {
  check_totals(context);
  check_row_groups(context);
  check_numbers(context);
  if (!context.episodes_ok) {
    context.note("the episodes table could not be read in full: episodes were not compared with data and videos");
    return;
  }
  check_ranges(context);
  check_data_places(context);
  check_video_places(context);
  check_sizes(context);
}

}  // namespace bagloom::dataset::verify
