#include "dataset/columns.h"

#include <nlohmann/json.hpp>

namespace bagloom::dataset {

std::vector<DataColumn> data_columns(const DatasetSpec& spec) {
  std::vector<DataColumn> columns;
  for (const FeatureSpec& feature : spec.features) {
    if (!feature.is_camera()) columns.push_back({.name = feature.name, .integer = false, .width = feature.width, .vector = true});
    if (feature.image) columns.push_back({.name = feature.name, .image = true});
  }
  for (const std::string_view name : kDefaultFeatures) {
    columns.push_back({.name = std::string(name), .integer = name != kDefaultFeatures[0], .width = 1, .vector = false});
  }
  return columns;
}

std::string huggingface_metadata(const std::vector<DataColumn>& columns) {
  nlohmann::ordered_json features = nlohmann::ordered_json::object();
  for (const DataColumn& column : columns) {
    const nlohmann::ordered_json value = {{"dtype", column.integer ? "int64" : "float32"}, {"_type", "Value"}};
    if (column.image) {
      features[column.name] = {{"_type", "Image"}};
    } else if (column.width == 1) {
      features[column.name] = value;
    } else {
      features[column.name] = {{"feature", value}, {"length", column.width}, {"_type", "List"}};
    }
  }
  return nlohmann::ordered_json{{"info", {{"features", features}}}}.dump();
}

}  // namespace bagloom::dataset
