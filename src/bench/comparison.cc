// The rows held against each other.
#include <algorithm>
#include <cmath>
#include <cstdio>

#include "bench/bench.h"

namespace bagloom::bench {
namespace {

template <class T>
void minimum_median_maximum(std::vector<T> values, T (&into)[3]) {
  std::sort(values.begin(), values.end());
  into[0] = values.front();
  const T lower = values[(values.size() - 1) / 2], upper = values[values.size() / 2];
  into[1] = lower + (upper - lower) / 2;
  into[2] = values.back();
}

std::vector<Spread> spreads(const std::vector<Row>& rows) {
  std::vector<Spread> result;
  for (const Row& row : rows) {
    if (!row.ok() || !row.measured) continue;
    if (std::any_of(result.begin(), result.end(),
                    [&](const Spread& spread) { return spread.name == row.method.name() && spread.isolation == row.isolation; }))
      continue;
    std::vector<double> seconds;
    std::vector<std::uint64_t> increases, peaks;
    for (const Row& other : rows) {
      if (!other.ok() || !other.measured || !(other.method == row.method) || other.isolation != row.isolation) continue;
      seconds.push_back(other.seconds);
      increases.push_back(other.increase);
      peaks.push_back(other.peak);
    }
    Spread spread;
    spread.name = row.method.name();
    spread.isolation = row.isolation;
    spread.count = static_cast<std::uint32_t>(seconds.size());
    minimum_median_maximum(seconds, spread.seconds);
    minimum_median_maximum(increases, spread.increase);
    minimum_median_maximum(peaks, spread.peak);
    result.push_back(std::move(spread));
  }
  return result;
}

double less(std::uint64_t mine, std::uint64_t others) {
  return others == 0 ? 0 : 1 - static_cast<double>(mine) / static_cast<double>(others);
}

std::string percent_less(double share) {
  char text[32];
  std::snprintf(text, sizeof text, "%.*f %% %s", std::abs(share) > 0.99 && std::abs(share) < 1 ? 1 : 0, std::abs(share) * 100,
                share < 0 ? "more" : "less");
  return text;
}

std::string display(const BenchReport& report, const std::string& name) {
  for (const Row& row : report.rows)
    if (row.method.name() == name) return row.method.display_name();
  return name;
}

Comparison against(const BenchReport& report, const Spread& mine, const Spread& other, const char* kind) {
  Comparison comparison;
  comparison.kind = kind;
  comparison.isolation = mine.isolation;
  comparison.name = mine.name;
  comparison.other = other.name;
  comparison.less_by_increase = less(mine.increase[1], other.increase[1]);
  comparison.less_by_peak = less(mine.peak[1], other.peak[1]);
  comparison.times_as_fast = mine.seconds[1] > 0 ? other.seconds[1] / mine.seconds[1] : 0;
  char fast[32];
  std::snprintf(fast, sizeof fast, "%.2f", comparison.times_as_fast);
  comparison.text = display(report, mine.name) + " against " + display(report, other.name) + ": " +
                    percent_less(comparison.less_by_increase) + " memory by increase, " + percent_less(comparison.less_by_peak) +
                    " by peak; " + fast + " times as fast";
  return comparison;
}

std::optional<std::uint64_t> rows_of(const BenchReport& report, const std::string& name) {
  for (const Row& row : report.rows)
    if (row.ok() && row.method.name() == name && row.rows) return row.rows;
  return std::nullopt;
}

/// The old script's warning.
void note_other_rows(BenchReport& report, const std::string& name, const std::string& original) {
  const auto mine = rows_of(report, name), others = rows_of(report, original);
  if (!mine || !others || *others == 0) return;
  const double differs = std::abs(static_cast<double>(*mine) - static_cast<double>(*others)) / static_cast<double>(*others);
  if (differs <= 0.01) return;
  const std::string note = display(report, name) + " made " + std::to_string(*mine) + " rows, " + display(report, original) +
                           " " + std::to_string(*others) + ": they are more than 1 % apart";
  if (std::find(report.notes.begin(), report.notes.end(), note) == report.notes.end()) report.notes.push_back(note);
}

}  // namespace

bool BenchReport::good() const {
  return difference.empty() && std::none_of(rows.begin(), rows.end(), [](const Row& row) { return row.status == "failed"; });
}

std::uint64_t BenchReport::smallest_limit() const {
  std::uint64_t smallest = 0;
  if (!difference.empty()) return 0;
  for (const Row& row : rows) {
    if (row.status != "failed") continue;
    if (row.smallest_limit == 0) return 0;
    smallest = std::max(smallest, row.smallest_limit);
  }
  return smallest;
}

void compare_rows(BenchReport& report) {
  report.comparisons.clear();
  report.repeats = spreads(report.rows);
  for (const char* isolation : {"process", "shared"}) {
    const Spread* original = nullptr;
    const Spread* first_chunked = nullptr;
    for (const Spread& spread : report.repeats)
      if (spread.name == "full" && spread.isolation == isolation) original = &spread;
    for (const Spread& spread : report.repeats) {
      const bool external = spread.isolation == "external" && std::string(isolation) == "process";
      if (spread.isolation != isolation && !external) continue;
      if (original != nullptr && &spread != original) {
        report.comparisons.push_back(against(report, spread, *original, "against_original"));
        note_other_rows(report, spread.name, original->name);
      }
    }
    for (const Spread& spread : report.repeats) {
      if (spread.isolation != isolation || !spread.name.starts_with("chunked:")) continue;
      if (first_chunked != nullptr)
        report.comparisons.push_back(against(report, spread, *first_chunked, "chunk_sizes"));
      else
        first_chunked = &spread;
    }
  }
}

}  // namespace bagloom::bench
