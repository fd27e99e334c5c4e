// Reading statistics: meta/stats.json and the stats/ columns of the episodes table. lerobot-format.md 4.2, 5.1.
#include <arrow/array.h>
#include <arrow/type.h>

#include <algorithm>
#include <cmath>
#include <nlohmann/json.hpp>

#include "dataset/verify_columns.h"
#include "dataset/verify_parquet.h"
#include "dataset/verify_stats.h"

namespace bagloom::dataset::verify {
namespace {

constexpr const char* kFile = "meta/stats.json";

/// The numbers of nested arrays of exactly this shape; false: another shape, or something that is no finite number.
bool read_array(const Json& value, std::span<const std::int64_t> shape, std::vector<double>& out) {
  if (shape.empty()) {
    if (value.is_boolean())
      out.push_back(value.get<bool>() ? 1 : 0);  // extremes of a bool feature
    else if (value.is_number())
      out.push_back(value.get<double>());
    else
      return false;
    return std::isfinite(out.back());
  }
  if (!value.is_array() || value.size() != static_cast<std::uint64_t>(shape[0])) return false;
  for (const Json& item : value) {
    if (!read_array(item, shape.subspan(1), out)) return false;
  }
  return true;
}

std::string text_of(const std::vector<std::int64_t>& shape) {
  std::string text = "[";
  for (std::int64_t size : shape) text += (text.size() > 1 ? ", " : "") + std::to_string(size);
  return text + "]";
}

}  // namespace

double StatTable::scale(std::uint64_t group, std::uint64_t component) const {
  return std::max(std::abs(at(kMinStat, group, component)), std::abs(at(kMaxStat, group, component)));
}

std::string stat_where(const Feature& feature, bool global, std::uint64_t group) {
  return (global ? std::string(kFile) : "meta/episodes episode " + std::to_string(group)) + " stats of " +
         in_quotes(feature.name);
}

std::string stat_name(const StatTable& table, std::size_t stat, std::uint64_t component) {
  std::string name = kStatNames[stat];
  return table.width > 1 && stat != kCountStat ? name + "[" + std::to_string(component) + "]" : name;
}

StatTable read_global_stats(Context& context, const Feature& feature) {
  StatTable table;
  table.groups = 1;
  table.width = feature.components();
  const Json& stats = *context.stats;
  std::string where = stat_where(feature, true, 0);
  auto entry = stats.find(feature.name);
  if (!context.expect(entry != stats.end() && entry->is_object(), "V90", 'T', [&] { return Where{where, "are missing"}; }))
    return table;
  table.complete = true;
  for (std::size_t s = 0; s < kStatNames.size(); ++s) {
    std::vector<std::int64_t> shape = s == kCountStat ? std::vector<std::int64_t>{1} : feature.stat_shape();
    auto value = entry->find(kStatNames[s]);
    bool good = value != entry->end() && read_array(*value, shape, table.values[s]);
    if (good && s == kCountStat) good = (*value)[0].is_number_integer() && table.values[s][0] > 0;
    context.expect(good, "V90", 'T', [&] {
      return Where{where, std::string(kStatNames[s]) + " is " + (value == entry->end() ? "missing" : shown(*value)) +
                              ", wanted " +
                              (s == kCountStat ? "[a positive integer]" : "finite numbers of shape " + text_of(shape))};
    });
    table.complete = table.complete && good;
  }
  return table;
}

Result<StatTable> read_episode_stats(Context& context, const Feature& feature) {
  StatTable table;
  table.groups = context.episodes.size();
  table.width = feature.components();
  table.complete = context.episodes_ok;
  for (std::size_t s = 0; s < kStatNames.size(); ++s) {
    std::string name = "stats/" + feature.name + "/" + kStatNames[s];
    std::vector<std::int64_t> shape = s == kCountStat ? std::vector<std::int64_t>{1} : feature.stat_shape();
    std::vector<double>& out = table.values[s];
    for (const TableFile& file : context.episode_files) {
      RETURN_IF_ERROR(context.stopped());
      if (!file.readable) continue;
      auto opened = Table::open(context.full(file.path), context.room.tables);
      if (!opened.ok()) continue;
      int column = opened.value()->column(name);
      if (!context.expect(column >= 0, "V69", 'T', [&] {
            return Where{file.path, "column " + in_quotes(name) + " is missing"};
          })) {
        table.complete = false;
        continue;
      }
      const auto& type = *opened.value()->schema()->field(column)->type();
      if (!context.expect(is_list_of_numbers(type, shape.size(), s == kCountStat), "V68", 'T', [&] {
            return Where{file.path,
                         "column " + in_quotes(name) + " is " + type.ToString() + ", wanted lists of shape " + text_of(shape)};
          })) {
        table.complete = false;
        continue;
      }
      Status status = opened.value()->visit_column(column, 256, [&](const arrow::Array& values, std::uint64_t first) -> Status {
        Flat flat = flatten(values, shape, false);
        context.tried(static_cast<std::uint64_t>(values.length()));
        std::uint64_t row = file.first_row + first;
        if (flat.null_row) {
          context.problem("V68", 'T', row_of(file, row + *flat.null_row), in_quotes(name) + " has a null");
        } else if (flat.length_row) {
          context.problem(
              "V68", 'T', row_of(file, row + *flat.length_row),
              in_quotes(name) + " has a list of " + std::to_string(flat.length_found) + ", wanted shape " + text_of(shape));
        } else {
          for (std::size_t i = 0; i < flat.values.size(); ++i) {
            bool good = std::isfinite(flat.values[i]) && (s != kCountStat || flat.values[i] > 0);
            if (good) continue;
            context.problem("V68", 'T', row_of(file, row + i * static_cast<std::uint64_t>(values.length()) / flat.values.size()),
                            in_quotes(name) + " is " + shown(flat.values[i]));
            table.complete = false;
          }
        }
        if (flat.null_row || flat.length_row) table.complete = false;
        out.insert(out.end(), flat.values.begin(), flat.values.end());
        return {};
      });
      if (!status.ok()) {
        context.problem("V04", 'L', file.path, "column " + in_quotes(name) + " cannot be read: " + status.error().message());
        table.complete = false;
      }
    }
    if (out.size() != table.groups * (s == kCountStat ? 1 : table.width)) table.complete = false;
  }
  return table;
}

}  // namespace bagloom::dataset::verify
