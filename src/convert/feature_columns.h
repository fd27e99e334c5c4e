// From the recipe's features to the plan's columns and the places of numbers in a row.
#pragma once

#include <cstdint>
#include <string>
#include <vector>

#include "align/plan.h"
#include "recipe/recipe.h"

namespace bagloom::convert {

/// One part of a vector feature, and where its numbers stand in a row block's row.
struct PartPlace {
  recipe::VectorPart part;
  std::uint32_t offset = 0;
  /// What messages that name the part's elements must name them, where it takes them by place (element_names.h); empty: not
  /// known.
  std::vector<std::string> expected;
  bool expected_by_recipe = false;  ///< those are the recipe's own names, else the first message's
};

/// A topic of a feature with its rules: a column of the plan. Parts of one feature that share topic, rules
/// and selected names share a column.
struct FeatureColumn {
  std::string feature;
  std::string topic;
  recipe::Match match = recipe::Match::nearest;
  recipe::Tolerance tolerance;
  bool camera = false;
  std::uint32_t camera_index = 0;      ///< among the cameras, in recipe order
  recipe::CameraFeature camera_rules;  ///< cameras
  std::vector<PartPlace> parts;        ///< vectors
};

struct FeatureColumns {
  std::vector<FeatureColumn> columns;
  std::uint32_t row_width = 0;  ///< floats a row over all vector features
  std::uint32_t cameras = 0;
};

FeatureColumns columns_of(const recipe::Recipe& recipe);

/// The tolerance in ns for a topic with this median interval (0: unknown); negative: any distance.
TimeNs tolerance_ns(const recipe::Tolerance& tolerance, TimeNs median_interval);
/// "nearest within 33.3 ms", "hold".
std::string rule_text(recipe::Match match, TimeNs tolerance);

}  // namespace bagloom::convert
