// The rows of the data files, column by column. lerobot-format.md 3.2.
#include "dataset/verify_rows.h"

#include <arrow/array.h>

#include <algorithm>
#include <array>
#include <cmath>
#include <set>

#include "dataset/verify_columns.h"
#include "dataset/verify_grid.h"
#include "dataset/verify_internal.h"
#include "dataset/verify_parquet.h"

namespace bagloom::dataset::verify {
namespace {

/// Nulls of a default column are V42's; everything else is `check`'s.
Status each_integer(Context& context, const char* name,
                    const std::function<void(const TableFile&, std::uint64_t row, std::int64_t value)>& visit) {
  const Feature* feature = context.feature(name);
  if (feature == nullptr) return {};
  return each_batch(context, *feature, [&](const TableFile& file, const arrow::Array& values, std::uint64_t first) -> Status {
    if (!is_integer_type(*values.type())) return {};  // V41 has it
    auto found = integers(values);
    for (std::size_t i = 0; i < found.size(); ++i) {
      if (context.expect(found[i].has_value(), "V42", 'L', [&] {
            return Where{row_of(file, first + i), std::string("column ") + name + " is null"};
          })) {
        visit(file, first + i, *found[i]);
      }
    }
    return {};
  });
}

Status check_index(Context& context) {
  return each_integer(context, "index", [&](const TableFile& file, std::uint64_t row, std::int64_t value) {
    context.expect(value == static_cast<std::int64_t>(row), "V43", 'S', [&] {
      return Where{row_of(file, row), "index is " + std::to_string(value) + ", wanted " + std::to_string(row)};
    });
  });
}

Status check_frame_index(Context& context) {
  RunCursor cursor(context.runs);
  return each_integer(context, "frame_index", [&](const TableFile& file, std::uint64_t row, std::int64_t value) {
    const Run* run = cursor.at(row);
    if (run == nullptr) return;
    auto wanted = static_cast<std::int64_t>(row - run->first_row);
    context.expect(value == wanted, "V45", 'S', [&] {
      return Where{row_of(file, row) + ", episode " + std::to_string(run->episode),
                   "frame_index is " + std::to_string(value) + ", wanted " + std::to_string(wanted)};
    });
  });
}

/// V46, V53.
Status check_timestamps(Context& context) {
  const Feature* feature = context.feature("timestamp");
  if (feature == nullptr || context.fps == 0) return {};
  RunCursor cursor(context.runs);
  std::uint64_t inexact = 0, before_row = 0;
  double before = 0;
  bool before_good = false;
  std::string inexact_at;
  RETURN_IF_ERROR(
      each_batch(context, *feature, [&](const TableFile& file, const arrow::Array& values, std::uint64_t first) -> Status {
        if (fit_of(*values.type(), "float32", std::array<std::int64_t, 1>{1}) == Fit::no) return {};
        Flat flat = flatten(values, std::array<std::int64_t, 1>{1}, true);
        for (std::size_t i = 0; i < flat.values.size(); ++i) {
          std::uint64_t row = first + i;
          double value = flat.values[i];
          if (!context.expect(!values.IsNull(static_cast<std::int64_t>(i)), "V42", 'L', [&] {
                return Where{row_of(file, row), "column timestamp is null"};
              })) {
            before_good = false;
            continue;
          }
          const Run* run = cursor.at(row);
          if (run == nullptr) continue;
          std::uint64_t k = row - run->first_row;
          double wanted = static_cast<double>(k) / static_cast<double>(context.fps);
          bool good = context.expect(std::abs(value - wanted) <= 1e-6 * std::max(1.0, wanted), "V46", 'L', [&] {
            return Where{row_of(file, row) + ", episode " + std::to_string(run->episode) + " frame " + std::to_string(k),
                         "timestamp is " + shown(value) + ", wanted " + shown(wanted)};
          });
          if (good && static_cast<float>(value) != static_cast<float>(wanted) && inexact++ == 0) inexact_at = row_of(file, row);
          if (good && k > 0 && before_good && before_row + 1 == row) {
            double period = 1.0 / static_cast<double>(context.fps);
            context.expect(std::abs(value - before - period) <= 1e-4, "V53", 'Q', [&] {
              return Where{row_of(file, row),
                           "timestamp is " + shown(value - before) + " s after the row before, wanted " + shown(period)};
            });
          }
          before = value;
          before_row = row;
          before_good = good;
        }
        return {};
      }));
  if (inexact > 0) {
    context.problem("V46", 'Q', inexact_at,
                    std::to_string(inexact) + " timestamps, this the first, are not float32(k / fps) to the bit");
  }
  return {};
}

/// V47, and V66's sets.
Status check_task_index(Context& context) {
  RunCursor cursor(context.runs);
  std::set<std::int64_t> seen;
  const Run* current = nullptr;
  auto compare = [&] {
    if (current == nullptr || !context.episodes_ok || !context.tasks_ok) return;
    auto e = static_cast<std::uint64_t>(current->episode);
    if (e >= context.episodes.size()) return;
    const auto& wanted = context.episodes[e].tasks;
    context.expect(std::equal(seen.begin(), seen.end(), wanted.begin(), wanted.end()), "V66", 'T', [&] {
      std::string found, listed;
      for (std::int64_t task : seen) found += (found.empty() ? "" : ", ") + std::to_string(task);
      for (std::int64_t task : wanted) listed += (listed.empty() ? "" : ", ") + std::to_string(task);
      return Where{"meta/episodes episode " + std::to_string(e),
                   "its rows have task_index " + found + ", its tasks are those of " + listed};
    });
  };
  auto total = static_cast<std::int64_t>(context.tasks_ok ? context.tasks.size() : 0);
  RETURN_IF_ERROR(each_integer(context, "task_index", [&](const TableFile& file, std::uint64_t row, std::int64_t value) {
    bool valid = !context.tasks_ok || (value >= 0 && value < total);
    context.expect(valid, "V47", 'L', [&] {
      return Where{row_of(file, row),
                   "task_index is " + std::to_string(value) + ", there are " + std::to_string(total) + " tasks"};
    });
    const Run* run = cursor.at(row);
    if (run != current) {
      compare();
      seen.clear();
      current = run;
    }
    if (valid && context.tasks_ok) seen.insert(value);
  }));
  if (!context.found("V47")) compare();
  return {};
}

/// V42, V48 for everything that is not a default column.
Status check_values(Context& context, std::size_t index) {
  const Feature& feature = context.features[index];
  auto per_row = static_cast<std::int64_t>(std::max<std::uint64_t>(feature.elements, 1));
  return each_batch(context, feature, [&](const TableFile& file, const arrow::Array& values, std::uint64_t first) -> Status {
    std::string column = "column " + in_quotes(feature.name);
    if (feature.kind == Kind::text) {
      for (std::int64_t i = 0; i < values.length(); ++i) {
        context.expect(!values.IsNull(i), "V42", 'L', [&] {
          return Where{row_of(file, first + static_cast<std::uint64_t>(i)), column + " is null"};
        });
      }
      return {};
    }
    Flat flat = flatten(values, feature.shape, true);
    context.tried(static_cast<std::uint64_t>(values.length()) * 2);
    if (flat.null_row) context.problem("V42", 'L', row_of(file, first + *flat.null_row), column + " has a null");
    if (flat.length_row) {
      context.problem(
          "V42", 'L', row_of(file, first + *flat.length_row),
          column + " has " + std::to_string(flat.length_found) + " values, wanted " + std::to_string(flat.length_wanted));
    }
    if (flat.null_row || flat.length_row) context.unusable[index] = true;
    for (std::size_t i = 0; i < flat.values.size() && !flat.null_row && !flat.length_row; ++i) {
      if (std::isfinite(flat.values[i])) continue;
      context.problem(
          "V48", 'Q', row_of(file, first + i / static_cast<std::uint64_t>(per_row)),
          column + " element " + std::to_string(i % static_cast<std::uint64_t>(per_row)) + " is " + shown(flat.values[i]));
    }
    return {};
  });
}

/// Statistics of a column that is wrong by itself would only repeat that.
void leave_out_wrong_columns(Context& context) {
  struct Own {
    const char* name;
    const char* check;
    char severity;
  };
  for (auto [name, check, severity] : {Own{"index", "V43", 'S'}, Own{"episode_index", "V44", 'S'}, Own{"frame_index", "V45", 'S'},
                                       Own{"timestamp", "V46", 'L'}, Own{"task_index", "V47", 'L'}}) {
    for (std::size_t i = 0; i < context.features.size(); ++i) {
      if (context.features[i].name == name && (context.found(check, severity) || context.found("V42")))
        context.unusable[i] = true;
    }
  }
}

}  // namespace

Status each_batch(Context& context, const Feature& feature,
                  const std::function<Status(const TableFile&, const arrow::Array&, std::uint64_t first)>& visit) {
  auto elements = static_cast<std::int64_t>(feature.kind == Kind::image ? 1 << 16 : std::max<std::uint64_t>(feature.elements, 1));
  std::int64_t batch = std::clamp<std::int64_t>((1 << 18) / elements, 1, 4096);
  for (TableFile& file : context.data_files) {
    if (!file.readable) continue;
    auto opened = Table::open(context.full(file.path), context.room.tables);
    if (!opened.ok()) continue;
    int column = opened.value()->column(feature.name);
    if (column < 0) continue;
    Status status = opened.value()->visit_column(column, batch, [&](const arrow::Array& values, std::uint64_t first) -> Status {
      RETURN_IF_ERROR(context.stopped());
      return visit(file, values, file.first_row + first);
    });
    if (status.ok()) continue;
    if (status.error().kind() == ErrorKind::stopped) return status;
    context.problem("V04", 'L', file.path, "column " + in_quotes(feature.name) + " cannot be read: " + status.error().message());
    file.readable = false;
    context.data_ok = false;
    context.runs_ok = context.runs_match = false;
  }
  return {};
}

/// V44, V49.
Status check_episode_index(Context& context) {
  context.runs_ok = context.data_ok;
  const TableFile* current = nullptr;
  bool stepped_wrongly = false;
  RETURN_IF_ERROR(each_integer(context, "episode_index", [&](const TableFile& file, std::uint64_t row, std::int64_t value) {
    auto& runs = context.runs;
    std::int64_t last = runs.empty() ? -1 : runs.back().episode;
    bool new_file = &file != current;
    current = &file;
    if (stepped_wrongly) return;  // where rows belong is unknown from here on
    bool same = !runs.empty() && value == last;
    bool next = value == last + 1;
    if (!context.expect(same || next, "V44", 'S', [&] {
          return Where{row_of(file, row), "episode_index is " + std::to_string(value) + " after " +
                                              (runs.empty() ? "the start" : std::to_string(last))};
        })) {
      stepped_wrongly = true;
      context.runs_ok = false;
      return;
    }
    if (same && runs.back().first_row + runs.back().rows == row) {
      if (new_file) {
        context.problem("V49", 'T', file.path, "continues episode " + std::to_string(value) + " of the file before");
      }
      ++runs.back().rows;
    } else {
      runs.push_back({value, row, 1, static_cast<std::uint32_t>(&file - context.data_files.data())});
    }
  }));
  if (context.feature("episode_index") == nullptr || context.found("V42")) context.runs_ok = false;
  if (context.runs_ok && context.episodes_ok) {
    auto wanted = static_cast<std::int64_t>(context.episodes.size()) - 1;
    std::int64_t found = context.runs.empty() ? -1 : context.runs.back().episode;
    context.expect(found == wanted, "V44", 'S', [&] {
      return Where{"data", "the last row's episode_index is " + std::to_string(found) + ", meta/episodes ends at " +
                               std::to_string(wanted)};
    });
  }
  context.runs_match = context.runs_ok && context.episodes_ok && context.runs.size() == context.episodes.size();
  for (std::size_t e = 0; context.runs_match && e < context.runs.size(); ++e) {
    context.runs_match = static_cast<std::int64_t>(context.runs[e].rows) == context.episodes[e].length;
  }
  return {};
}

Status check_data_rows(Context& context) {
  for (const TableFile& file : context.data_files) {
    if (file.readable) continue;
    context.note("rows were not checked: " + file.path + " cannot be opened, so that numbers of rows are unknown");
    return {};
  }
  RETURN_IF_ERROR(check_episode_index(context));
  if (!context.runs_ok) context.note("rows were not compared with episodes: episode_index does not say where episodes begin");
  RETURN_IF_ERROR(check_index(context));
  RETURN_IF_ERROR(check_task_index(context));
  RETURN_IF_ERROR(check_frame_index(context));
  RETURN_IF_ERROR(check_timestamps(context));
  leave_out_wrong_columns(context);
  for (std::size_t i = 0; i < context.features.size(); ++i) {
    const Feature& feature = context.features[i];
    if (feature.is_default || !feature.has_column() || feature.shape.empty() || context.unusable[i]) continue;
    if (feature.kind == Kind::image) {
      RETURN_IF_ERROR(check_images(context, feature, i));
    } else if (feature.kind == Kind::language) {
      context.note("feature " + in_quotes(feature.name) + " (language): its values were not looked at");
    } else if (feature.kind != Kind::unknown) {
      RETURN_IF_ERROR(check_values(context, i));
    }
  }
  return {};
}

}  // namespace bagloom::dataset::verify
