// meta/info.json but for its features. lerobot-format.md 2.1.
#include <algorithm>
#include <array>
#include <nlohmann/json.hpp>

#include "dataset/verify_internal.h"

namespace bagloom::dataset::verify {
namespace {

constexpr const char* kFile = "meta/info.json";
constexpr std::uint64_t kMaxBytes = 16 << 20;
constexpr std::array<const char*, 14> kKeys = {"codebase_version",
                                               "fps",
                                               "features",
                                               "total_episodes",
                                               "total_frames",
                                               "total_tasks",
                                               "chunks_size",
                                               "data_files_size_in_mb",
                                               "video_files_size_in_mb",
                                               "data_path",
                                               "video_path",
                                               "robot_type",
                                               "splits",
                                               "tools"};
constexpr const char* kDataPath = "data/chunk-{chunk_index:03d}/file-{file_index:03d}.parquet";
constexpr const char* kVideoPath = "videos/{video_key}/chunk-{chunk_index:03d}/file-{file_index:03d}.mp4";
constexpr std::int64_t kMaxFps = 1'000'000;

const Json* value_of(const Json& object, const char* key) {
  auto it = object.find(key);
  return it == object.end() ? nullptr : &*it;
}

std::optional<std::int64_t> integer_of(const Json* value) {
  if (value == nullptr || !value->is_number_integer()) return std::nullopt;
  if (value->is_number_unsigned() && value->get<std::uint64_t>() > std::uint64_t{1} << 62) return std::nullopt;
  return value->get<std::int64_t>();
}

/// A positive integer (V12), or `fallback` with a problem; a missing key is V11's.
std::int64_t positive(Context& context, const char* key, std::int64_t fallback) {
  const Json* value = value_of(*context.info, key);
  if (value == nullptr) return fallback;
  auto number = integer_of(value);
  bool good = context.expect(number && *number > 0, "V12", 'L', [&] {
    return Where{kFile, std::string(key) + " is " + shown(*value) + ", wanted an integer > 0"};
  });
  return good ? *number : fallback;
}

std::optional<std::int64_t> total(Context& context, const char* key, const char* check) {
  const Json* value = value_of(*context.info, key);
  if (value == nullptr) return std::nullopt;
  auto number = integer_of(value);
  context.expect(number && *number >= 0, check, 'S', [&] {
    return Where{kFile, std::string(key) + " is " + shown(*value) + ", wanted an integer >= 0"};
  });
  return number;
}

Status check_version(Context& context) {
  const Json* version = value_of(*context.info, "codebase_version");
  bool good = context.expect(version != nullptr && *version == "v3.0", "V10", 'L', [&] {
    return Where{kFile, "codebase_version is " + (version ? shown(*version) : std::string("missing")) + ", wanted \"v3.0\""};
  });
  if (!good && version != nullptr && version->is_string()) {
    const auto& text = version->get_ref<const std::string&>();
    if (text.starts_with("v2") || text.starts_with("v1")) {
      return Error(ErrorKind::unsupported, "is a LeRobot dataset of version " + in_quotes(text) + "; only v3.0 is verified")
          .fix("convert it with LeRobot's own converter (lerobot.scripts.convert_dataset_v21_to_v30)");
    }
  }
  return {};
}

void check_paths(Context& context) {
  const Json& info = *context.info;
  bool has_video = false;
  if (const Json* features = value_of(info, "features"); features != nullptr && features->is_object()) {
    for (const Json& entry : *features) {
      if (entry.is_object() && entry.value("dtype", Json()) == "video") has_video = true;
    }
  }
  if (const Json* path = value_of(info, "data_path")) {
    context.expect(*path == kDataPath, "V19", 'L', [&] {
      return Where{kFile, "data_path is " + shown(*path) + ", wanted \"" + kDataPath + "\""};
    });
  }
  if (const Json* path = value_of(info, "video_path")) {
    bool good = has_video ? *path == kVideoPath : path->is_null();
    context.expect(good, "V19", 'L', [&] {
      return Where{kFile, "video_path is " + shown(*path) + ", wanted " +
                              (has_video ? "\"" + std::string(kVideoPath) + "\"" : "null (no feature is a video)")};
    });
  }
}

}  // namespace

Status read_info(Context& context) {
  context.tried();
  auto json = read_json(context.full(kFile), kMaxBytes);
  if (!json.ok()) {
    context.problem("V01", 'L', kFile, json.error().message());
    return {};
  }
  context.info = json.value();
  const Json& info = *context.info;
  if (!context.expect(info.is_object(), "V01", 'L', [&] { return Where{kFile, "is " + shown(info) + ", wanted an object"}; })) {
    context.info = nullptr;
    return {};
  }
  RETURN_IF_ERROR(check_version(context));

  for (const auto& item : info.items()) {
    context.expect(std::find(kKeys.begin(), kKeys.end(), item.key()) != kKeys.end(), "V11", 'W', [&] {
      return Where{kFile, "unknown key " + in_quotes(item.key()) + ": LeRobot warns at each load"};
    });
  }
  for (const char* key : kKeys) {
    if (std::string_view(key) == "tools" || std::string_view(key) == "codebase_version") continue;  // the latter is V10's
    bool needed = std::string_view(key) == "fps" || std::string_view(key) == "features";
    context.expect(info.contains(key), "V11", needed ? 'L' : 'T', [&] {
      return Where{kFile, std::string("key ") + key + " is missing"};
    });
  }
  context.fps = positive(context, "fps", 0);
  if (context.fps > kMaxFps) {
    context.problem("V12", 'L', kFile, "fps is " + std::to_string(context.fps));
    context.fps = 0;
  }
  context.chunks_size = positive(context, "chunks_size", 1000);
  context.data_mib = positive(context, "data_files_size_in_mb", 100);
  context.video_mib = positive(context, "video_files_size_in_mb", 200);
  context.total_episodes = total(context, "total_episodes", "V23");
  context.total_frames = total(context, "total_frames", "V24");
  context.total_tasks = total(context, "total_tasks", "V25");
  if (context.total_episodes == 0)
    context.problem("V23", 'L', kFile, "total_episodes is 0: LeRobot cannot load an empty dataset");
  check_paths(context);
  if (const Json* splits = value_of(info, "splits"); splits != nullptr && context.total_episodes) {
    Json wanted = {{"train", "0:" + std::to_string(*context.total_episodes)}};
    context.expect(*splits == wanted, "V20", 'Q', [&] {
      return Where{kFile, "splits is not {\"train\": \"0:" + std::to_string(*context.total_episodes) + "\"}"};
    });
  }
  if (const Json* robot = value_of(info, "robot_type")) {
    context.expect(robot->is_null() || robot->is_string(), "V11", 'T', [&] {
      return Where{kFile, "robot_type is " + shown(*robot) + ", wanted a string or null"};
    });
  }
  return {};
}

}  // namespace bagloom::dataset::verify
