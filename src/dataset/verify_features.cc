// The features of info.json. lerobot-format.md 2.2 to 2.5, 6.7.
#include <algorithm>
#include <array>
#include <nlohmann/json.hpp>
#include <set>

#include "dataset/verify_internal.h"

namespace bagloom::dataset::verify {
namespace {

constexpr const char* kFile = "meta/info.json";
constexpr std::uint64_t kMaxNumbers = 1 << 20;  // of one row: a declared number decides how much is held at once
constexpr std::uint64_t kMaxPicture = 1 << 30;  // height x width x channels: never held
constexpr std::array<const char*, 11> kNumbers = {"float32", "float64", "int8",   "int16",  "int32", "int64",
                                                  "uint8",   "uint16",  "uint32", "uint64", "bool"};
struct Default {
  const char* name;
  const char* dtype;
};
constexpr std::array<Default, 5> kDefaults = {{{"timestamp", "float32"},
                                               {"frame_index", "int64"},
                                               {"episode_index", "int64"},
                                               {"index", "int64"},
                                               {"task_index", "int64"}}};

const Json* value_of(const Json& object, const char* key) {
  auto it = object.find(key);
  return it == object.end() ? nullptr : &*it;
}
bool is_true(const Json* object, const char* key) {
  const Json* value = object ? value_of(*object, key) : nullptr;
  return value != nullptr && value->is_boolean() && value->get<bool>();
}

std::string at(const Feature& feature) { return std::string(kFile) + " feature " + in_quotes(feature.name); }

Kind kind_of(const std::string& dtype) {
  if (dtype == "string") return Kind::text;
  if (dtype == "image") return Kind::image;
  if (dtype == "video") return Kind::video;
  if (dtype == "language") return Kind::language;
  return std::find(kNumbers.begin(), kNumbers.end(), dtype) != kNumbers.end() ? Kind::number : Kind::unknown;
}

/// V13: dtype, shape, names. Gives a feature whose shape is empty where it cannot be used.
Feature read_feature(Context& context, const std::string& name, const Json& entry) {
  Feature feature;
  feature.name = name;
  auto wrong = [&](const std::string& what) { context.problem("V13", 'L', at(feature), what); };
  context.tried(3);
  if (!entry.is_object()) {
    wrong("is " + shown(entry) + ", wanted an object");
    return feature;
  }
  const Json* dtype = value_of(entry, "dtype");
  if (dtype != nullptr && dtype->is_string()) {
    feature.dtype = dtype->get<std::string>();
    feature.kind = kind_of(feature.dtype);
  }
  if (feature.kind == Kind::unknown) wrong("dtype is " + (dtype ? shown(*dtype) : "missing"));
  const Json* shape = value_of(entry, "shape");
  bool good = shape != nullptr && shape->is_array() && !shape->empty() && shape->size() <= 5;
  feature.elements = 1;
  const std::uint64_t most = feature.visual() ? kMaxPicture : kMaxNumbers;
  if (good) {
    for (const Json& size : *shape) {
      bool positive =
          size.is_number_integer() && size.get<std::int64_t>() > 0 && size.get<std::uint64_t>() <= most / feature.elements;
      if (!positive) {
        good = false;
        break;
      }
      feature.elements *= size.get<std::uint64_t>();
      feature.shape.push_back(size.get<std::int64_t>());
    }
  }
  if (!good) {
    feature.shape.clear();
    feature.elements = 0;
    wrong("shape is " + (shape ? shown(*shape) : "missing") + ", wanted 1 to 5 positive integers, at most " +
          std::to_string(most) + " elements");
  }
  if (!entry.contains("names")) wrong("key names is missing");
  if (const Json* info = value_of(entry, "info"); info != nullptr && info->is_object()) feature.info = info;
  const Json* legacy = value_of(entry, "video_info");
  feature.depth = is_true(feature.info, "is_depth_map") || is_true(feature.info, "video.is_depth_map") ||
                  (legacy != nullptr && legacy->is_object() && is_true(legacy, "video.is_depth_map"));
  return feature;
}

/// V16: the axes of a picture, by `names`.
void read_axes(Context& context, Feature& feature, const Json& entry) {
  auto fail = [&](const std::string& what) { context.problem("V16", 'L', at(feature), what); };
  context.tried(2);
  if (feature.shape.empty()) return;  // V13's
  if (feature.shape.size() != 3) return fail("shape has " + std::to_string(feature.shape.size()) + " dimensions, wanted 3");
  const Json* names = value_of(entry, "names");
  std::array<std::string, 3> axis;
  bool good = names != nullptr && names->is_array() && names->size() == 3;
  for (std::size_t i = 0; good && i < 3; ++i) {
    good = (*names)[i].is_string();
    if (good) axis[i] = (*names)[i].get<std::string>();
  }
  auto is_channel = [](const std::string& text) { return text == "channel" || text == "channels"; };
  auto size = [&](std::size_t i) { return static_cast<std::uint32_t>(feature.shape[i]); };
  if (good && axis[0] == "height" && axis[1] == "width" && is_channel(axis[2])) {
    feature.height = size(0), feature.width = size(1), feature.channels = size(2);
  } else if (good && is_channel(axis[0]) && axis[1] == "height" && axis[2] == "width") {
    feature.channels = size(0), feature.height = size(1), feature.width = size(2);
  } else {
    return fail("names is " + (names ? shown(*names) : "missing") +
                ", wanted [\"height\", \"width\", \"channels\"] or [\"channels\", \"height\", \"width\"]");
  }
  std::uint32_t wanted = feature.depth ? 1 : 3;
  if (feature.channels == 1 && !feature.depth) {
    context.problem("V22", 'L', at(feature), "has 1 channel but info.is_depth_map is not true");
    feature.channels = 0;  // what its statistics should look like is unknown
  } else if (feature.channels != wanted) {
    fail("has " + std::to_string(feature.channels) + " channels, wanted " + std::to_string(wanted));
    feature.channels = 0;
  }
}

/// V22: what a reader needs to turn codes into distances.
void check_depth(Context& context, const Feature& feature) {
  const Json empty = Json::object();
  const Json& info = feature.info ? *feature.info : empty;
  if (feature.kind == Kind::video) {
    for (const char* key : {"video.depth_min", "video.depth_max", "video.shift", "video.use_log"}) {
      context.expect(info.contains(key), "V22", 'L', [&] { return Where{at(feature), std::string(key) + " is missing"}; });
    }
    const Json* codec = value_of(info, "video.codec");
    const Json* format = value_of(info, "video.pix_fmt");
    bool legal = codec != nullptr && format != nullptr && *codec == "hevc" && *format == "gray12le";
    context.expect(legal, "V22", 'L', [&] {
      return Where{at(feature), "video.codec is " + (codec ? shown(*codec) : "missing") + " and video.pix_fmt " +
                                    (format ? shown(*format) : "missing") + ", wanted \"hevc\" and \"gray12le\""};
    });
  }
  const Json* unit = value_of(info, "depth_unit");
  context.expect(unit != nullptr && (*unit == "mm" || *unit == "m"), "V22", 'W', [&] {
    return Where{at(feature), "depth_unit is " + (unit ? shown(*unit) : "missing") + ", wanted \"mm\" or \"m\""};
  });
}

/// V18: names of a vector's elements.
void check_names(Context& context, const Feature& feature, const Json& entry) {
  const Json* names = value_of(entry, "names");
  if (names == nullptr || !names->is_array() || feature.shape.empty()) return;
  std::set<std::string> seen;
  for (const Json& name : *names) {
    if (name.is_string()) seen.insert(name.get<std::string>());
  }
  context.expect(names->size() == static_cast<std::uint64_t>(feature.shape[0]) && seen.size() == names->size(), "V18", 'Q', [&] {
    return Where{at(feature), "names has " + std::to_string(names->size()) + " entries, " + std::to_string(seen.size()) +
                                  " different texts; wanted " + std::to_string(feature.shape[0])};
  });
}

void check_defaults(Context& context) {
  for (const Default& wanted : kDefaults) {
    Feature* feature = nullptr;
    for (Feature& candidate : context.features) {
      if (candidate.name == wanted.name) feature = &candidate;
    }
    if (!context.expect(feature != nullptr, "V14", 'L', [&] {
          return Where{kFile, std::string("feature \"") + wanted.name + "\" is missing"};
        })) {
      continue;
    }
    feature->is_default = true;
    const Json& entry = (*context.info)["features"][wanted.name];
    const Json* names = entry.is_object() ? value_of(entry, "names") : nullptr;
    bool good = feature->dtype == wanted.dtype && feature->shape == std::vector<std::int64_t>{1} &&
                (names == nullptr || names->is_null());
    context.expect(good, "V14", 'L', [&] {
      return Where{at(*feature), "is not {\"dtype\": \"" + std::string(wanted.dtype) + "\", \"shape\": [1], \"names\": null}"};
    });
  }
}

}  // namespace

void check_features(Context& context) {
  if (!context.info || !context.info->contains("features")) return;
  const Json& features = (*context.info)["features"];
  if (!context.expect(features.is_object(), "V13", 'L', [&] {
        return Where{kFile, "features is " + shown(features) + ", wanted an object"};
      })) {
    return;
  }
  for (const auto& item : features.items()) {
    Feature feature = read_feature(context, item.key(), item.value());
    context.expect(feature.name.find('/') == std::string::npos, "V15", 'T', [&] {
      return Where{at(feature), "has a \"/\" in its name: statistics are flattened with it"};
    });
    context.expect(feature.visual() || feature.name.find("image") == std::string::npos, "V15", 'T', [&] {
      return Where{at(feature), "has \"image\" in its name but is no picture: LeRobot wants statistics of shape (3,1,1)"};
    });
    if (feature.visual()) {
      read_axes(context, feature, item.value());
      if (feature.depth) check_depth(context, feature);
    } else if (feature.kind == Kind::number) {
      check_names(context, feature, item.value());
    }
    context.features.push_back(std::move(feature));
  }
  check_defaults(context);
  context.unusable.assign(context.features.size(), false);
}

}  // namespace bagloom::dataset::verify
