#include "convert/feature_columns.h"

#include <algorithm>
#include <array>
#include <cstdio>

namespace bagloom::convert {
namespace {

/// Elements of other names may stand in another publisher's messages: each part aligns with those that have its own.
bool same_rules(const FeatureColumn& column, const recipe::VectorPart& part) {
  return column.topic == part.topic && column.match == part.match && column.tolerance.kind == part.tolerance.kind &&
         column.tolerance.ns == part.tolerance.ns && column.parts.front().part.select == part.select;
}

}  // namespace

FeatureColumns columns_of(const recipe::Recipe& recipe) {
  FeatureColumns result;
  for (const recipe::Feature& feature : recipe.features) {
    if (feature.camera) {
      FeatureColumn column;
      column.feature = feature.name;
      column.topic = feature.camera->topic;
      column.match = feature.camera->match;
      column.tolerance = feature.camera->tolerance;
      column.camera = true;
      column.camera_index = result.cameras++;
      column.camera_rules = *feature.camera;
      result.columns.push_back(std::move(column));
      continue;
    }
    const std::size_t first = result.columns.size();
    for (const recipe::VectorPart& part : feature.vector->parts) {
      auto at = std::find_if(result.columns.begin() + static_cast<std::ptrdiff_t>(first), result.columns.end(),
                             [&](const FeatureColumn& column) { return same_rules(column, part); });
      if (at == result.columns.end()) {
        FeatureColumn column;
        column.feature = feature.name;
        column.topic = part.topic;
        column.match = part.match;
        column.tolerance = part.tolerance;
        at = result.columns.insert(result.columns.end(), std::move(column));
      }
      at->parts.push_back({part, result.row_width, {}, false});
      result.row_width += part.width;
    }
  }
  return result;
}

TimeNs tolerance_ns(const recipe::Tolerance& tolerance, TimeNs median_interval) {
  constexpr TimeNs kLeastForState = 20'000'000;
  switch (tolerance.kind) {
    case recipe::Tolerance::Kind::none: return -1;
    case recipe::Tolerance::Kind::fixed: return tolerance.ns;
    case recipe::Tolerance::Kind::period: return median_interval;
    case recipe::Tolerance::Kind::state:
      return std::max(kLeastForState, median_interval > INT64_MAX / 2 ? INT64_MAX : 2 * median_interval);
  }
  return 0;
}

std::string rule_text(recipe::Match match, TimeNs tolerance) {
  std::string text = match == recipe::Match::hold ? "hold" : "nearest";
  if (tolerance < 0) return text;
  std::array<char, 48> within{};
  std::snprintf(within.data(), within.size(), " within %.1f ms", static_cast<double>(tolerance) / 1e6);
  return text + within.data();
}

}  // namespace bagloom::convert
