// Statistics among themselves and against the data. lerobot-format.md 5.
#include "dataset/verify_stats.h"

#include <algorithm>
#include <cmath>
#include <nlohmann/json.hpp>

#include "dataset/verify_grid.h"

namespace bagloom::dataset::verify {
namespace {

constexpr const char* kFile = "meta/stats.json";
constexpr std::uint64_t kMaxBytes = 64 << 20;

/// V91, V92, V95 for one group of rows.
void check_order(Context& context, const Feature& feature, const StatTable& table, bool global, std::uint64_t group) {
  static constexpr std::array<std::size_t, 7> kAscending = {0, 5, 6, 7, 8, 9, 1};  // min, quantiles, max
  for (std::uint64_t c = 0; c < table.width; ++c) {
    auto value = [&](std::size_t stat) { return table.at(stat, group, c); };
    auto name = [&](std::size_t stat) { return stat_name(table, stat, c); };
    const double room = slack(table.scale(group, c));
    auto where = [&] { return stat_where(feature, global, group); };
    for (std::size_t i = 1; i < kAscending.size(); ++i) {
      std::size_t below = kAscending[i - 1], above = kAscending[i];
      context.expect(value(below) <= value(above) + room, "V91", 'S', [&] {
        return Where{where(), name(below) + " " + shown(value(below)) + " is above " + name(above) + " " + shown(value(above))};
      });
    }
    const double low = value(kMinStat), high = value(kMaxStat);
    context.expect(value(kMeanStat) >= low - room && value(kMeanStat) <= high + room, "V92", 'S', [&] {
      return Where{where(), name(kMeanStat) + " " + shown(value(kMeanStat)) + " lies outside of min " + shown(low) + " to max " +
                                shown(high)};
    });
    context.expect(value(kStdStat) >= 0 && value(kStdStat) <= (high - low) / 2 + room, "V92", 'S', [&] {
      return Where{where(), name(kStdStat) + " is " + shown(value(kStdStat)) + ", possible are 0 to " + shown((high - low) / 2)};
    });
    if (!feature.visual() || feature.depth) continue;
    // LeRobot 0.4 and 0.5 square pixels in 8 bits (its issue 3682). Numbers are computed again from the data; pictures are not.
    context.expect(value(kStdStat) != 0 || !(low < high), "V92", 'S', [&] {
      return Where{where(), name(kStdStat) + " is 0, though pictures go from " + shown(low) + " to " + shown(high)};
    });
    context.expect(low >= -1e-6 && high <= 1 + 1e-6, "V95", 'S', [&] {
      return Where{where(), "min to max is " + shown(low) + " to " + shown(high) + ", pictures are scaled to 0 to 1"};
    });
  }
}

/// V94 for pictures: LeRobot's sample, every picture, or (its streaming encoder) every picture's downsampled pixels.
bool visual_count(const Feature& feature, std::uint64_t rows, std::uint64_t sampled, double count) {
  auto is = [&](std::uint64_t number) { return count == static_cast<double>(number); };
  return is(sampled) || is(rows) || is(rows * sampled_pixels(feature.width, feature.height));
}

void check_counts(Context& context, const Feature& feature, const StatTable& global, const StatTable& episodes) {
  std::uint64_t all_sampled = 0;
  for (std::size_t e = 0; e < context.episodes.size(); ++e) {
    auto rows = static_cast<std::uint64_t>(std::max<std::int64_t>(0, context.episodes[e].length));
    all_sampled += sampled_pictures(rows);
    if (!episodes.complete) continue;
    double count = episodes.at(kCountStat, e, 0);
    bool good =
        feature.visual() ? visual_count(feature, rows, sampled_pictures(rows), count) : count == static_cast<double>(rows);
    context.expect(good, "V94", 'S', [&] {
      return Where{stat_where(feature, false, e), "count is " + shown(count) + " of " + std::to_string(rows) + " rows"};
    });
  }
  if (!global.complete || !context.episodes_ok || !context.rows_known) return;
  double count = global.at(kCountStat, 0, 0);
  std::uint64_t rows = context.report.rows;
  bool good = feature.visual() ? visual_count(feature, rows, all_sampled, count) : count == static_cast<double>(rows);
  context.expect(good, "V94", 'S', [&] {
    return Where{stat_where(feature, true, 0), "count is " + shown(count) + " of " + std::to_string(rows) + " rows"};
  });
}

/// V96 where the data themselves were not counted again (pictures): the whole from its parts.
void check_aggregate(Context& context, const Feature& feature, const StatTable& global, const StatTable& episodes) {
  if (!global.complete || !episodes.complete || episodes.groups == 0) return;
  auto compare = [&](std::size_t stat, std::uint64_t c, double low, double high, double room) {
    double found = global.at(stat, 0, c);
    context.expect(found >= low - room && found <= high + room, "V96", 'S', [&] {
      return Where{stat_where(feature, true, 0), stat_name(global, stat, c) + " is " + shown(found) + ", the episodes' give " +
                                                     shown(low) + (low == high ? "" : " to " + shown(high))};
    });
  };
  for (std::uint64_t c = 0; c < global.width; ++c) {
    const double room = slack(global.scale(0, c));
    double low = episodes.at(kMinStat, 0, c), high = episodes.at(kMaxStat, 0, c);
    double mean = weighted_mean(episodes, kMeanStat, c), variance = 0, count = 0;
    for (std::uint64_t e = 0; e < episodes.groups; ++e) {
      low = std::min(low, episodes.at(kMinStat, e, c));
      high = std::max(high, episodes.at(kMaxStat, e, c));
      double n = episodes.at(kCountStat, e, 0), off = episodes.at(kMeanStat, e, c) - mean,
             deviation = episodes.at(kStdStat, e, c);
      variance += n * (deviation * deviation + off * off);
      count += n;
    }
    double deviation = std::sqrt(variance / count);
    compare(kMinStat, c, low, low, room);
    compare(kMaxStat, c, high, high, room);
    compare(kMeanStat, c, mean, mean, room);
    compare(kStdStat, c, deviation, deviation, room);
    for (std::size_t s = kFirstQuantile; s < kStatNames.size(); ++s) {
      // Exact, averaged or envelope: each lies between the episodes' own.
      double least = episodes.at(s, 0, c), most = least;
      for (std::uint64_t e = 1; e < episodes.groups; ++e) {
        least = std::min(least, episodes.at(s, e, c));
        most = std::max(most, episodes.at(s, e, c));
      }
      compare(s, c, least, most, room + (high - low) / 5000);
    }
  }
}

/// V97: what the default features' extremes must be.
void check_default(Context& context, const Feature& feature, const StatTable& global) {
  if (!feature.is_default || !global.complete || !context.episodes_ok || !context.rows_known || context.report.rows == 0) return;
  auto expect = [&](std::size_t stat, double wanted) {
    double found = global.at(stat, 0, 0);
    context.expect(std::abs(found - wanted) <= 1e-6 * std::max(1.0, std::abs(wanted)), "V97", 'S', [&] {
      return Where{stat_where(feature, true, 0),
                   std::string(kStatNames[stat]) + " is " + shown(found) + ", wanted " + shown(wanted)};
    });
  };
  std::int64_t longest = 0;
  for (const Episode& episode : context.episodes) longest = std::max(longest, episode.length);
  if (feature.name == "task_index") return;
  expect(kMinStat, 0);
  if (feature.name == "index") expect(kMaxStat, static_cast<double>(context.report.rows - 1));
  if (feature.name == "episode_index") expect(kMaxStat, static_cast<double>(context.episodes.size()) - 1);
  if (feature.name == "frame_index") expect(kMaxStat, static_cast<double>(longest - 1));
  if (feature.name == "timestamp" && context.fps > 0) {
    expect(kMaxStat, static_cast<double>(longest - 1) / static_cast<double>(context.fps));
  }
}

/// V03, V90.
void read_file(Context& context) {
  if (!context.expect(is_file(context.full(kFile)), "V03", 'T', [] {
        return Where{kFile, "is not there: training fails without it"};
      }))
    return;
  auto stats = read_json(context.full(kFile), kMaxBytes);
  bool good = context.expect(stats.ok() && stats.value()->is_object(), "V90", 'T', [&] {
    return Where{kFile, stats.ok() ? "is " + shown(*stats.value()) + ", wanted an object" : stats.error().message()};
  });
  if (good) context.stats = stats.value();
}

}  // namespace

Status check_statistics(Context& context) {
  read_file(context);
  for (std::size_t i = 0; i < context.features.size(); ++i) {
    const Feature& feature = context.features[i];
    if (!feature.has_stats() || feature.shape.empty() || feature.components() == 0) continue;
    StatTable global;
    if (context.stats) global = read_global_stats(context, feature);
    ASSIGN_OR_RETURN(const StatTable episodes, read_episode_stats(context, feature));
    if (global.complete) check_order(context, feature, global, true, 0);
    for (std::uint64_t e = 0; episodes.complete && e < episodes.groups; ++e) check_order(context, feature, episodes, false, e);
    check_counts(context, feature, global, episodes);
    check_default(context, feature, global);
    bool recounted = false;
    if (feature.kind == Kind::number) {
      ASSIGN_OR_RETURN(recounted, recount(context, i, global, episodes));
      if (!recounted) context.note("feature " + in_quotes(feature.name) + ": statistics were not computed again from the data");
    }
    if (!recounted) check_aggregate(context, feature, global, episodes);
  }
  return {};
}

}  // namespace bagloom::dataset::verify
