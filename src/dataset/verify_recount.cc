// V93: statistics of numeric features, computed again from the data in two passes over one column.
#include <arrow/array.h>

#include <algorithm>
#include <cmath>

#include "dataset/verify_columns.h"
#include "dataset/verify_numbers.h"
#include "dataset/verify_rows.h"
#include "dataset/verify_stats.h"

namespace bagloom::dataset::verify {
namespace {

constexpr std::uint64_t kMaxWidth = 512;          // 5,000 bins of 8 bytes a component, for an episode and for all
constexpr std::uint64_t kMaxMoments = 2'000'000;  // episodes x components, 48 bytes each
// LeRobot adds float32 columns up in float32 (lerobot-format.md 5.5): its own mean and variance are off by parts of the
// magnitude.
constexpr double kFloat32Sums = 1e-5;

struct Measured {
  const Context& context;
  const Feature& feature;
  const StatTable& table;
  std::uint64_t group;
  bool global;
};

void compare_one(Context& context, const Measured& of, std::uint64_t c, const Moments& moments, const Spread& spread,
                 const StatTable& episodes) {
  if (moments.count == 0) return;  // nothing finite: V48 has it
  auto found = [&](std::size_t stat) { return of.table.at(stat, of.group, c); };
  auto report = [&](const char* check, char severity, std::size_t stat, const std::string& wanted) {
    context.problem(check, severity, stat_where(of.feature, of.global, of.group),
                    stat_name(of.table, stat, c) + " is " + shown(found(stat)) + ", the data give " + wanted);
  };
  context.tried(9);
  bool float32 = of.feature.dtype == "float32";
  auto same = [&](double a, double b) { return a == b || (float32 && static_cast<float>(a) == static_cast<float>(b)); };
  bool other_check = of.global && of.feature.is_default && of.feature.name != "task_index";  // V97's
  if (!other_check) {
    if (!same(found(kMinStat), moments.min)) report("V93", 'S', kMinStat, shown(moments.min));
    if (!same(found(kMaxStat), moments.max)) report("V93", 'S', kMaxStat, shown(moments.max));
  }
  double mean = moments.mean(), deviation = spread.std();
  double scale = std::max(std::abs(moments.min), std::abs(moments.max));
  double mean_error = std::abs(found(kMeanStat) - mean);
  if (mean_error > 1e-6 * std::max(std::abs(mean), deviation) + 1e-12 * scale) {
    report("V93", mean_error <= kFloat32Sums * scale ? 'Q' : 'S', kMeanStat, shown(mean));
  }
  double std_error = std::abs(found(kStdStat) - deviation);
  if (std_error > 1e-6 * deviation + 1e-7 * scale) {
    double variance_error = std::abs(found(kStdStat) * found(kStdStat) - deviation * deviation);
    report("V93", variance_error <= kFloat32Sums * scale * scale ? 'Q' : 'S', kStdStat, shown(deviation));
  }
  for (std::size_t s = kFirstQuantile; s < kStatNames.size(); ++s) {
    auto [low, high] = spread.bracket(kQuantileOf[s]);
    double room = slack(scale);
    if (found(s) >= low - room && found(s) <= high + room) continue;
    auto close = [&](double value) { return std::abs(found(s) - value) <= room; };
    bool aggregated = of.global && episodes.complete && (close(weighted_mean(episodes, s, c)) || close(envelope(episodes, s, c)));
    if (!aggregated)
      report(of.global ? "V96" : "V93", 'S', s, shown(std::max(low, moments.min)) + " to " + shown(std::min(high, moments.max)));
  }
}

/// Calls `visit` for each number of the column with its row and component.
template <class Visit>
Status each_number(Context& context, const Feature& feature, Visit&& visit) {
  const std::uint64_t width = feature.components(), per_row = feature.elements;
  return each_batch(context, feature, [&](const TableFile&, const arrow::Array& values, std::uint64_t first) -> Status {
    Flat flat = flatten(values, feature.shape, true);
    for (std::size_t i = 0; i < flat.values.size(); ++i) visit(first + i / per_row, i % width, flat.values[i]);
    return {};
  });
}

}  // namespace

double weighted_mean(const StatTable& table, std::size_t stat, std::uint64_t component) {
  double sum = 0, count = 0;
  for (std::uint64_t g = 0; g < table.groups; ++g) {
    double n = table.at(kCountStat, g, 0);
    sum += n * table.at(stat, g, component);
    count += n;
  }
  return count > 0 ? sum / count : 0;
}

double envelope(const StatTable& table, std::size_t stat, std::uint64_t component) {
  bool upper = kQuantileOf[stat] > 0.5;
  double value = table.groups > 0 ? table.at(stat, 0, component) : 0;
  for (std::uint64_t g = 1; g < table.groups; ++g) {
    double other = table.at(stat, g, component);
    value = upper ? std::max(value, other) : std::min(value, other);
  }
  return value;
}

Result<bool> recount(Context& context, std::size_t feature_index, const StatTable& global, const StatTable& episodes) {
  const Feature& feature = context.features[feature_index];
  if (!context.data_ok || context.unusable[feature_index] || (!global.complete && !episodes.complete)) return false;
  const std::uint64_t width = feature.components();
  const bool by_episode = context.runs_match && episodes.complete;
  const std::uint64_t groups = by_episode ? context.runs.size() : 0;
  if (width > kMaxWidth || groups > kMaxMoments / width) {
    context.note("feature " + in_quotes(feature.name) + ": statistics were not recomputed: " + std::to_string(width) +
                 " components in " + std::to_string(groups) + " episodes would take too much memory");
    return false;
  }
  std::vector<Moments> whole(width), parts(groups * width);
  {
    RunCursor cursor(context.runs);
    RETURN_IF_ERROR(each_number(context, feature, [&](std::uint64_t row, std::uint64_t c, double value) {
      whole[c].add(value);
      if (!by_episode) return;
      if (const Run* run = cursor.at(row)) parts[static_cast<std::size_t>(run - context.runs.data()) * width + c].add(value);
    }));
  }
  std::vector<Spread> all(width), part(width);
  for (std::uint64_t c = 0; c < width; ++c) all[c].begin(whole[c]);
  RunCursor cursor(context.runs);
  const Run* current = nullptr;
  auto finish_part = [&] {
    if (current == nullptr) return;
    auto group = static_cast<std::uint64_t>(current - context.runs.data());
    for (std::uint64_t c = 0; c < width; ++c) {
      compare_one(context, {context, feature, episodes, group, false}, c, parts[group * width + c], part[c], episodes);
    }
  };
  RETURN_IF_ERROR(each_number(context, feature, [&](std::uint64_t row, std::uint64_t c, double value) {
    all[c].add(value);
    if (!by_episode) return;
    const Run* run = cursor.at(row);
    if (run != current) {
      finish_part();
      current = run;
      if (run != nullptr) {
        auto group = static_cast<std::uint64_t>(run - context.runs.data());
        for (std::uint64_t i = 0; i < width; ++i) part[i].begin(parts[group * width + i]);
      }
    }
    if (current != nullptr) part[c].add(value);
  }));
  if (!context.data_ok) return false;  // a page that could not be read: V04 has it
  finish_part();
  for (std::uint64_t c = 0; c < width && global.complete; ++c) {
    compare_one(context, {context, feature, global, 0, true}, c, whole[c], all[c], episodes);
  }
  return true;
}

}  // namespace bagloom::dataset::verify
