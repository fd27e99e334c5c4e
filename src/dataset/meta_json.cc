#include "dataset/meta_json.h"

#include <cmath>
#include <nlohmann/json.hpp>
#include <set>

#include "dataset/columns.h"

namespace bagloom::dataset {
namespace {

using Json = nlohmann::ordered_json;

Result<std::string> text_of(const Json& json) {
  try {
    return json.dump(4) + "\n";
  } catch (const std::exception& error) {  // a name or task that is not UTF-8
    return Error(ErrorKind::invalid, error.what());
  }
}

Json video_info(const FeatureSpec& feature, std::uint32_t fps) {
  const media::StreamParameters& stream = *feature.video;
  // LeRobot's split and delete build an encoder from this block and know no mjpeg; without codec and pixel format they take their
  // defaults (lerobot-format.md 0.1).
  const bool copied = stream.codec == "mjpeg";
  Json info = {{"is_depth_map", feature.depth}};
  if (feature.depth) info["depth_unit"] = "mm";
  if (feature.image) return info;
  info["video.height"] = stream.height;
  info["video.width"] = stream.width;
  if (!copied) {
    info["video.codec"] = stream.codec;
    info["video.pix_fmt"] = stream.pix_fmt;
  }
  info["video.fps"] = fps;
  // The mp4's: what readers make of a grey one has three all the same.
  info["video.channels"] = stream.pix_fmt.starts_with("gray") ? 1 : 3;
  info["has_audio"] = false;
  // Of the recorder's encoder nothing is known: LeRobot's defaults hold when it encodes cut files.
  if (copied || feature.recorded) return info;
  info["video.g"] = 2;
  info["video.crf"] = feature.crf ? Json(*feature.crf) : Json(nullptr);
  if (feature.depth) {
    info["video.preset"] = "ultrafast";
  } else if (stream.codec == "av1") {
    info["video.preset"] = 12;
  } else {
    info["video.preset"] = "veryfast";
  }
  info["video.fast_decode"] = 0;
  info["video.video_backend"] = "pyav";
  info["video.extra_options"] = Json::object();
  if (feature.depth) {
    info["video.extra_options"] = {{"x265-params", "lossless=1"}};
    info["video.depth_min"] = feature.depth_range.nearest;
    info["video.depth_max"] = feature.depth_range.farthest;
    info["video.shift"] = feature.depth_range.shift;
    info["video.use_log"] = true;
  }
  return info;
}

Json feature_entry(const FeatureSpec& feature, std::uint32_t fps) {
  if (!feature.is_camera()) {
    return {
        {"dtype", "float32"}, {"shape", {feature.width}}, {"names", feature.names.empty() ? Json(nullptr) : Json(feature.names)}};
  }
  return {{"dtype", feature.image ? "image" : "video"},
          {"shape", {feature.video->height, feature.video->width, feature.channels()}},
          {"names", {"height", "width", "channels"}},
          {"info", video_info(feature, fps)}};
}

/// A scalar or vector is a list; a camera's channels are lists of lists of one (shape C x 1 x 1).
Result<Json> numbers(const std::vector<double>& values, bool camera) {
  Json list = Json::array();
  for (const double value : values) {
    if (!std::isfinite(value)) return Error(ErrorKind::internal, "a statistic is not finite");
    camera ? list.push_back(Json::array({Json::array({value})})) : list.push_back(value);
  }
  return list;
}

}  // namespace

Result<std::string> info_json(const DatasetSpec& spec, const DatasetTotals& totals) {
  Json features = Json::object();
  bool video = false;
  for (const FeatureSpec& feature : spec.features) {
    features[feature.name] = feature_entry(feature, spec.fps);
    video |= feature.is_video();
  }
  for (const std::string_view name : kDefaultFeatures) {
    features[std::string(name)] = {
        {"dtype", name == kDefaultFeatures[0] ? "float32" : "int64"}, {"shape", {1}}, {"names", nullptr}};
  }
  Json info = {{"codebase_version", "v3.0"}, {"fps", spec.fps}, {"features", features}};
  info["total_episodes"] = totals.episodes;
  info["total_frames"] = totals.rows;
  info["total_tasks"] = totals.tasks;
  info["chunks_size"] = spec.chunks_size;
  info["data_files_size_in_mb"] = spec.data_file_mib;
  info["video_files_size_in_mb"] = spec.video_file_mib;
  info["data_path"] = "data/chunk-{chunk_index:03d}/file-{file_index:03d}.parquet";
  info["video_path"] = video ? Json("videos/{video_key}/chunk-{chunk_index:03d}/file-{file_index:03d}.mp4") : Json(nullptr);
  info["robot_type"] = spec.robot_type.empty() ? Json(nullptr) : Json(spec.robot_type);
  info["splits"] = {{"train", "0:" + std::to_string(totals.episodes)}};
  return text_of(info);
}

Result<std::string> stats_json(const DatasetSpec& spec, const NamedStatistics& statistics) {
  std::set<std::string> cameras;
  for (const FeatureSpec& feature : spec.features) {
    if (feature.is_camera()) cameras.insert(feature.name);
  }
  Json all = Json::object();
  for (const auto& [name, s] : statistics) {
    const bool camera = cameras.contains(name);
    Json entry = Json::object();
    const auto put = [&, &name = name](const char* key, const std::vector<double>& values) -> Status {
      auto list = numbers(values, camera);
      if (!list.ok()) return std::move(list).error().in(name + "/" + key);
      entry[key] = *std::move(list);
      return {};
    };
    RETURN_IF_ERROR(put("min", s.min));
    RETURN_IF_ERROR(put("max", s.max));
    RETURN_IF_ERROR(put("mean", s.mean));
    RETURN_IF_ERROR(put("std", s.std));
    entry["count"] = Json::array({s.count});
    RETURN_IF_ERROR(put("q01", s.q01));
    RETURN_IF_ERROR(put("q10", s.q10));
    RETURN_IF_ERROR(put("q50", s.q50));
    RETURN_IF_ERROR(put("q90", s.q90));
    RETURN_IF_ERROR(put("q99", s.q99));
    all[name] = std::move(entry);
  }
  return text_of(all);
}

}  // namespace bagloom::dataset
