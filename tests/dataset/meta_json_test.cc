#include "dataset/meta_json.h"

#include <gtest/gtest.h>

#include <limits>
#include <nlohmann/json.hpp>

#include "dataset/columns.h"
#include "dataset/sample.h"

namespace bagloom::dataset {
namespace {

using Json = nlohmann::ordered_json;

std::vector<std::string> keys_of(const Json& object) {
  std::vector<std::string> keys;
  for (const auto& [key, value] : object.items()) keys.push_back(key);
  return keys;
}

TEST(InfoJson, KeysInLeRobotsOrder) {
  SampleOptions options;
  options.cameras = 1;
  const auto text = info_json(sample_spec(options), {.episodes = 3, .rows = 97, .tasks = 2});
  ASSERT_TRUE(text.ok());
  const Json info = Json::parse(*text);
  EXPECT_EQ(keys_of(info),
            (std::vector<std::string>{"codebase_version", "fps", "features", "total_episodes", "total_frames", "total_tasks",
                                      "chunks_size", "data_files_size_in_mb", "video_files_size_in_mb", "data_path", "video_path",
                                      "robot_type", "splits"}));
  EXPECT_EQ(info["codebase_version"], "v3.0");
  EXPECT_EQ(info["total_frames"], 97);
  EXPECT_EQ(info["splits"].dump(), R"({"train":"0:3"})");
  EXPECT_EQ(info["robot_type"], "sample");
  EXPECT_EQ(keys_of(info["features"]),
            (std::vector<std::string>{"observation.state", "observation.images.cam0", "action", "observation.gripper",
                                      "timestamp", "frame_index", "episode_index", "index", "task_index"}));
  EXPECT_EQ(text->substr(0, 33), "{\n    \"codebase_version\": \"v3.0\",");
}

TEST(InfoJson, Features) {
  SampleOptions options;
  options.cameras = 1;
  options.width = 2;
  const Json features = Json::parse(*info_json(sample_spec(options), {}))["features"];
  EXPECT_EQ(features["action"].dump(), R"({"dtype":"float32","shape":[2],"names":["j0","j1"]})");
  EXPECT_EQ(features["observation.gripper"].dump(), R"({"dtype":"float32","shape":[1],"names":["j0"]})");
  EXPECT_EQ(features["timestamp"].dump(), R"({"dtype":"float32","shape":[1],"names":null})");
  EXPECT_EQ(features["task_index"].dump(), R"({"dtype":"int64","shape":[1],"names":null})");
  EXPECT_EQ(
      features["observation.images.cam0"].dump(),
      R"({"dtype":"video","shape":[64,64,3],"names":["height","width","channels"],"info":{"is_depth_map":false,"video.height":64,)"
      R"("video.width":64,"video.codec":"h264","video.pix_fmt":"yuv420p","video.fps":10,"video.channels":3,"has_audio":false,)"
      R"("video.g":2,"video.crf":2,"video.preset":"veryfast","video.fast_decode":0,"video.video_backend":"pyav",)"
      R"("video.extra_options":{}}})");
}

TEST(InfoJson, Av1AndCopy) {
  SampleOptions options;
  options.cameras = 1;
  options.codec = "av1";
  Json info = Json::parse(*info_json(sample_spec(options), {}))["features"]["observation.images.cam0"]["info"];
  EXPECT_EQ(info["video.codec"], "av1");
  EXPECT_EQ(info["video.preset"], 12);
  EXPECT_EQ(info["video.crf"], 30);
  options.codec = "copy";
  info = Json::parse(*info_json(sample_spec(options), {}))["features"]["observation.images.cam0"]["info"];
  // With a codec that LeRobot cannot encode, its split and delete would raise.
  EXPECT_EQ(keys_of(info), (std::vector<std::string>{"is_depth_map", "video.height", "video.width", "video.fps", "video.channels",
                                                     "has_audio"}));
}

TEST(InfoJson, NoVideoNoRobot) {
  DatasetSpec spec;
  const Json info = Json::parse(*info_json(spec, {}));
  EXPECT_TRUE(info["video_path"].is_null());
  EXPECT_TRUE(info["robot_type"].is_null());
}

TEST(InfoJson, TextThatIsNotUtf8) {
  DatasetSpec spec;
  spec.robot_type = "\xff\xfe";
  const auto text = info_json(spec, {});
  ASSERT_FALSE(text.ok());
  EXPECT_EQ(text.error().kind(), ErrorKind::invalid);
}

FeatureStatistics simple(std::vector<double> values) {
  FeatureStatistics s;
  s.min = s.max = s.mean = s.std = s.q01 = s.q10 = s.q50 = s.q90 = s.q99 = values;
  s.count = 5;
  return s;
}

TEST(StatsJson, ShapesAndRoundTrip) {
  SampleOptions options;
  options.cameras = 1;
  const double third = 1.0 / 3;
  const auto text = stats_json(sample_spec(options),
                               {{"action", simple({third, 1e-300})}, {"observation.images.cam0", simple({0.1, 0.2, third})}});
  ASSERT_TRUE(text.ok());
  const Json stats = Json::parse(*text);
  EXPECT_EQ(keys_of(stats["action"]),
            (std::vector<std::string>{"min", "max", "mean", "std", "count", "q01", "q10", "q50", "q90", "q99"}));
  EXPECT_EQ(stats["action"]["mean"][0].get<double>(), third);
  EXPECT_EQ(stats["action"]["mean"][1].get<double>(), 1e-300);
  EXPECT_EQ(stats["action"]["count"].dump(), "[5]");
  EXPECT_EQ(stats["observation.images.cam0"]["q99"].size(), 3u);
  EXPECT_EQ(stats["observation.images.cam0"]["q99"][2][0][0].get<double>(), third);
  EXPECT_EQ(stats["observation.images.cam0"]["count"].dump(), "[5]");
}

TEST(StatsJson, NotANumberIsRefused) {
  const auto text = stats_json(DatasetSpec{}, {{"action", simple({std::numeric_limits<double>::quiet_NaN()})}});
  ASSERT_FALSE(text.ok());
  EXPECT_NE(text.error().text().find("action"), std::string::npos);
}

TEST(Columns, HuggingfaceMetadata) {
  SampleOptions options;
  options.cameras = 1;
  const std::string text = huggingface_metadata(data_columns(sample_spec(options)));
  EXPECT_EQ(
      text,
      R"({"info":{"features":{"observation.state":{"feature":{"dtype":"float32","_type":"Value"},"length":8,"_type":"List"},)"
      R"("action":{"feature":{"dtype":"float32","_type":"Value"},"length":8,"_type":"List"},)"
      R"("observation.gripper":{"dtype":"float32","_type":"Value"},)"
      R"("timestamp":{"dtype":"float32","_type":"Value"},"frame_index":{"dtype":"int64","_type":"Value"},)"
      R"("episode_index":{"dtype":"int64","_type":"Value"},"index":{"dtype":"int64","_type":"Value"},)"
      R"("task_index":{"dtype":"int64","_type":"Value"}}}})");
}

}  // namespace
}  // namespace bagloom::dataset
