#include "recipe/read_feature.h"

#include <algorithm>
#include <array>
#include <charconv>
#include <set>

#include "recipe/field_readers.h"
#include "recipe/yaml_text.h"

namespace bagloom::recipe {
namespace {

constexpr std::size_t kLongestName = 200;  // becomes a folder's name
constexpr std::uint32_t kSmallestSide = 16;
constexpr std::uint32_t kLargestSide = 16384;
constexpr std::size_t kMostNumbers = 65536;

/// Names that LeRobot uses itself (lerobot-format.md 3: default features and reserved item keys).
constexpr std::array<std::string_view, 7> kReserved{"timestamp",  "frame_index", "episode_index", "index",
                                                    "task_index", "task",        "dataset_index"};

Status check_name(const std::string& name, const Place& place, bool camera) {
  const auto wrong = [&](const std::string& what) {
    return Error(ErrorKind::invalid, "feature `" + name + "`: " + what).in(place.text());
  };
  if (name.size() > kLongestName || !is_one_line(name))
    return wrong("a name of at most 200 bytes without control characters is expected");
  if (name.find_first_of("/\\") != std::string::npos) return wrong("a feature's name cannot have a slash");
  if (name.front() == '.' || name.back() == '.' || name.find("..") != std::string::npos || name.front() == ' ' ||
      name.back() == ' ') {
    return wrong("a feature's name cannot begin or end with a dot or a blank, nor have two dots together");
  }
  if (std::find(kReserved.begin(), kReserved.end(), name) != kReserved.end() || name.ends_with("_is_pad")) {
    return wrong("LeRobot uses this name itself");
  }
  if (!camera && name.find("image") != std::string::npos) {
    return wrong("LeRobot takes every feature with `image` in its name for pictures; a vector needs another name");
  }
  return {};
}

Status read_size(const YamlValue& value, CameraFeature& camera) {
  const Error wrong =
      value.wrong("`size`: expected own, or a size such as 640x480 (even numbers from 16 to 16384), found " + value.shown());
  if (value.kind != YamlValue::Kind::scalar) return wrong;
  if (value.text == "own") return {};
  std::array<std::uint32_t, 2> sides{};
  const char* at = value.text.data();
  const char* const end = at + value.text.size();
  for (std::size_t i = 0; i < 2; ++i) {
    const auto [stop, code] = std::from_chars(at, end, sides[i]);
    if (code != std::errc() || (i == 0 ? stop == end || *stop != 'x' : stop != end)) return wrong;
    if (sides[i] < kSmallestSide || sides[i] > kLargestSide || sides[i] % 2 != 0) return wrong;
    at = stop + 1;
  }
  camera.width = sides[0];
  camera.height = sides[1];
  return {};
}

/// What colour and depth have in common.
Status read_picture_rules(const YamlValue& map, CameraFeature& camera) {
  if (const YamlValue* storage = map.find("storage")) {
    ASSIGN_OR_RETURN(const std::size_t choice, read_choice(*storage, "storage", storage_names()));
    camera.storage = static_cast<Storage>(choice);
  }
  if (const YamlValue* size = map.find("size")) RETURN_IF_ERROR(read_size(*size, camera));
  if (const YamlValue* fit = map.find("fit")) {
    ASSIGN_OR_RETURN(const std::size_t choice, read_choice(*fit, "fit", fit_names()));
    camera.fit = static_cast<Fit>(choice);
  }
  if (const YamlValue* match = map.find("match")) {
    ASSIGN_OR_RETURN(const std::size_t choice, read_choice(*match, "match", match_names()));
    camera.match = static_cast<Match>(choice);
  }
  if (const YamlValue* tolerance = map.find("tolerance")) {
    ASSIGN_OR_RETURN(camera.tolerance, read_tolerance(*tolerance, "tolerance"));
  }
  return {};
}

Result<CameraFeature> read_depth(const YamlValue& map) {
  RETURN_IF_ERROR(check_keys(map, "a depth camera", {"depth", "unit", "range", "storage", "size", "fit", "match", "tolerance"}));
  CameraFeature camera;
  DepthRules depth;
  ASSIGN_OR_RETURN(camera.topic, read_text(*map.find("depth"), "depth"));
  RETURN_IF_ERROR(read_picture_rules(map, camera));
  if (const YamlValue* unit = map.find("unit")) {
    if (unit->text == "mm" || unit->text == "m") {
      depth.unit = unit->text == "mm" ? 0.001 : 1;
    } else if (unit->text != "auto") {
      ASSIGN_OR_RETURN(depth.unit, read_number(*unit, "unit"));
      if (depth.unit < 1e-6 || depth.unit > 1) {
        return unit->wrong("`unit`: expected auto, mm, m, or the metres that 1 stands for (0.000001 to 1), found " +
                           unit->shown());
      }
    }
  }
  if (const YamlValue* range = map.find("range")) {
    const auto wrong = [&] {
      return range->wrong("`range`: expected two distances in metres such as [0.01, 10], from 0 to 65.535, found " +
                          range->shown());
    };
    if (camera.storage == Storage::image)
      return range->wrong("`range` belongs to storage: video; storage: image keeps all distances");
    if (range->kind != YamlValue::Kind::sequence || range->items.size() != 2) return wrong();
    ASSIGN_OR_RETURN(depth.nearest, read_number(range->items[0], "range"));
    ASSIGN_OR_RETURN(depth.farthest, read_number(range->items[1], "range"));
    if (depth.nearest < 0 || depth.farthest > 65.535 || depth.farthest - depth.nearest < 0.01) return wrong();
  }
  camera.depth = depth;
  return camera;
}

Result<CameraFeature> read_camera(const YamlValue& map) {
  RETURN_IF_ERROR(check_keys(map, "a camera", {"camera", "storage", "size", "filter", "fit", "match", "tolerance", "tolerate"}));
  CameraFeature camera;
  ASSIGN_OR_RETURN(camera.topic, read_text(*map.find("camera"), "camera"));
  RETURN_IF_ERROR(read_picture_rules(map, camera));
  if (const YamlValue* filter = map.find("filter")) {
    ASSIGN_OR_RETURN(const std::size_t choice, read_choice(*filter, "filter", filter_names()));
    camera.filter = static_cast<Filter>(choice);
  }
  if (const YamlValue* tolerate = map.find("tolerate")) {
    if (tolerate->kind != YamlValue::Kind::sequence) {
      return tolerate->wrong("`tolerate`: expected [] or [warnings], found " + tolerate->shown());
    }
    for (const YamlValue& item : tolerate->items) {
      RETURN_IF_ERROR(read_choice(item, "tolerate", {"warnings"}));
      camera.tolerate_warnings = true;
    }
  }
  return camera;
}

/// "joint_q_12", ... for a range, "twist_linear_x" for one number.
std::vector<std::string> names_from_field(const msg::FieldPath& field, std::uint32_t width) {
  std::string joined;
  std::uint32_t first = 0;
  bool ranged = false;
  for (const msg::PathStep& step : field.steps) {
    joined += (joined.empty() ? "" : "_") + step.field;
    if (!step.has_range) continue;
    if (step.end - step.begin == 1 && width > 1) {
      joined += "_" + std::to_string(step.begin);
    } else {
      ranged = true;
      first = step.begin;
    }
  }
  if (!ranged) return {joined};
  std::vector<std::string> names;
  for (std::uint32_t i = 0; i < width; ++i) names.push_back(field.steps.back().field + "_" + std::to_string(first + i));
  return names;
}

/// Elements that the ranges of a path select; 0 where it has none.
std::uint32_t range_width(const msg::FieldPath& field) {
  std::uint32_t width = 0;
  for (const msg::PathStep& step : field.steps) {
    if (step.has_range) width = std::max(width, step.end - step.begin);
  }
  return width;
}

/// Range, select and names must agree; what is not given follows from the others.
Status agree(const YamlValue& map, VectorPart& part) {
  const std::uint32_t ranged = range_width(part.field);
  const bool last_ranged = part.field.steps.back().has_range;
  const YamlValue* names = map.find("names");
  if (!part.select.empty()) {
    if (last_ranged) return map.find("field")->wrong("`field`: a range and `select` cannot stand together: drop the range");
    if (std::set<std::string>(part.select.begin(), part.select.end()).size() != part.select.size()) {
      return map.find("select")->wrong("`select`: a name stands twice");
    }
    part.width = static_cast<std::uint32_t>(part.select.size());
    if (part.names.empty()) part.names = part.select;
  } else if (ranged > 1 || last_ranged) {
    part.width = ranged;
  } else {
    part.width = part.names.empty() ? 1 : static_cast<std::uint32_t>(part.names.size());
  }
  if (part.width > kMostNumbers) return map.find("field")->wrong("`field`: more than 65536 numbers");
  if (part.names.empty()) part.names = names_from_field(part.field, part.width);
  if (part.names.size() == part.width) return {};
  return names->wrong("`names`: " + std::to_string(part.names.size()) + " names for " + std::to_string(part.width) +
                      " numbers (" + (part.select.empty() ? "`" + part.field.text + "`" : "`select`") + ")");
}

Result<VectorPart> read_part(const YamlValue& map, bool command) {
  RETURN_IF_ERROR(
      check_keys(map, "a vector's part", {"topic", "field", "names", "select", "scale", "offset", "match", "tolerance"}));
  VectorPart part;
  for (const char* needed : {"topic", "field"}) {
    if (map.find(needed) == nullptr) return map.wrong(std::string("a vector's part needs `") + needed + "`");
  }
  ASSIGN_OR_RETURN(part.topic, read_text(*map.find("topic"), "topic"));
  const YamlValue& field = *map.find("field");
  ASSIGN_OR_RETURN(const std::string path, read_text(field, "field"));
  auto parsed = msg::parse_field_path(path);
  if (!parsed.ok()) return field.wrong("`field`: " + parsed.error().message());
  part.field = std::move(parsed).value();
  if (const YamlValue* names = map.find("names")) {
    ASSIGN_OR_RETURN(part.names, read_texts(*names, "names"));
    if (part.names.empty()) return names->wrong("`names` is empty");
  }
  if (const YamlValue* select = map.find("select")) {
    ASSIGN_OR_RETURN(part.select, read_texts(*select, "select"));
  }
  RETURN_IF_ERROR(agree(map, part));
  if (const YamlValue* scale = map.find("scale")) {
    ASSIGN_OR_RETURN(part.scale, read_number(*scale, "scale"));
  }
  if (const YamlValue* offset = map.find("offset")) {
    ASSIGN_OR_RETURN(part.offset, read_number(*offset, "offset"));
  }
  part.match = command ? Match::hold : Match::nearest;
  if (const YamlValue* match = map.find("match")) {
    ASSIGN_OR_RETURN(const std::size_t choice, read_choice(*match, "match", match_names()));
    part.match = static_cast<Match>(choice);
  }
  part.tolerance.kind = part.match == Match::hold ? Tolerance::Kind::none : Tolerance::Kind::state;
  if (const YamlValue* tolerance = map.find("tolerance")) {
    ASSIGN_OR_RETURN(part.tolerance, read_tolerance(*tolerance, "tolerance"));
  }
  return part;
}

Result<VectorFeature> read_vector(const YamlValue& map, bool command) {
  RETURN_IF_ERROR(check_keys(map, "a vector", {"vector"}));
  const YamlValue& parts = *map.find("vector");
  if (parts.kind != YamlValue::Kind::sequence || parts.items.empty()) {
    return parts.wrong("`vector`: expected a list of parts with `topic` and `field`, found " + parts.shown());
  }
  VectorFeature vector;
  std::set<std::string> names;
  std::size_t width = 0;
  for (const YamlValue& item : parts.items) {
    ASSIGN_OR_RETURN(VectorPart part, read_part(item, command));
    for (const std::string& name : part.names) {
      if (names.insert(name).second) continue;
      return item.wrong("`" + name + "` names two elements of this feature; give `names`");
    }
    width += part.width;
    if (width > kMostNumbers) return item.wrong("a vector of more than 65536 numbers");
    vector.parts.push_back(std::move(part));
  }
  return vector;
}

}  // namespace

Result<Feature> read_feature(const std::string& name, const Place& name_place, const YamlValue& value) {
  if (value.kind != YamlValue::Kind::map) {
    return value.wrong("feature `" + name + "`: expected a map with `camera`, `depth` or `vector`, found " + value.shown());
  }
  const bool camera = value.find("camera") != nullptr;
  const bool depth = value.find("depth") != nullptr;
  const bool vector = value.find("vector") != nullptr;
  if (camera && vector) return value.wrong("feature `" + name + "` has both `camera` and `vector`");
  if (depth && (camera || vector)) return value.wrong("feature `" + name + "` has `depth` and something else beside it");
  if (!camera && !depth && !vector) {
    RETURN_IF_ERROR(check_keys(
        value, "feature `" + name + "`",
        {"camera", "depth", "vector", "storage", "unit", "range", "size", "filter", "fit", "match", "tolerance", "tolerate"}));
    return value.wrong("feature `" + name + "` needs `camera`, `depth` or `vector`");
  }
  RETURN_IF_ERROR(check_name(name, name_place, camera || depth));
  Feature feature;
  feature.name = name;
  if (depth) {
    ASSIGN_OR_RETURN(feature.camera, read_depth(value));
  } else if (camera) {
    ASSIGN_OR_RETURN(feature.camera, read_camera(value));
  } else {
    ASSIGN_OR_RETURN(feature.vector, read_vector(value, name.starts_with("action")));
  }
  return feature;
}

}  // namespace bagloom::recipe
