#include "msg/nearest_name.h"
#include "recipe/field_readers.h"
#include "recipe/overrides.h"
#include "recipe/read_feature.h"
#include "recipe/recipe.h"
#include "recipe/yaml_tree.h"

namespace bagloom::recipe {
namespace {

constexpr std::int64_t kFastest = 1000;
constexpr std::int64_t kMostEvery = 100'000;
constexpr std::int64_t kMostRows = 1'000'000;

Result<Timeline> read_timeline(const YamlValue& value) {
  Timeline timeline;
  if (value.kind == YamlValue::Kind::scalar && value.text == "uniform") return timeline;
  if (value.kind != YamlValue::Kind::map) {
    return value.wrong("`timeline`: expected uniform, or a map with `topic`, found " + value.shown());
  }
  RETURN_IF_ERROR(check_keys(value, "`timeline`", {"topic", "every", "drop_start", "drop_end", "uniform"}));
  bool uniform = false;
  if (const YamlValue* flag = value.find("uniform")) {
    ASSIGN_OR_RETURN(uniform, read_boolean(*flag, "uniform"));
  }
  const YamlValue* topic = value.find("topic");
  const YamlValue* every = value.find("every");
  if (uniform && topic != nullptr) return topic->wrong("`timeline`: `topic` and `uniform` cannot stand together");
  if (uniform && every != nullptr)
    return every->wrong("`timeline`: `every` needs a `topic`; a uniform timeline has the rate `fps`");
  if (!uniform && topic == nullptr) return value.wrong("`timeline` needs `topic` (or `uniform: true`)");
  if (topic != nullptr) {
    ASSIGN_OR_RETURN(timeline.topic, read_text(*topic, "topic"));
  }
  if (every != nullptr) {
    ASSIGN_OR_RETURN(const std::int64_t number, read_integer(*every, "every", 1, kMostEvery));
    timeline.every = static_cast<std::uint32_t>(number);
  }
  if (const YamlValue* drop = value.find("drop_start")) {
    ASSIGN_OR_RETURN(timeline.drop_start, read_seconds(*drop, "drop_start"));
  }
  if (const YamlValue* drop = value.find("drop_end")) {
    ASSIGN_OR_RETURN(timeline.drop_end, read_seconds(*drop, "drop_end"));
  }
  return timeline;
}

Result<Gaps> read_gaps(const YamlValue& value) {
  RETURN_IF_ERROR(check_keys(value, "`gaps`", {"hold", "longer", "min_rows"}));
  Gaps gaps;
  if (const YamlValue* hold = value.find("hold")) {
    ASSIGN_OR_RETURN(gaps.hold, read_seconds(*hold, "hold"));
  }
  if (const YamlValue* longer = value.find("longer")) {
    ASSIGN_OR_RETURN(const std::size_t choice, read_choice(*longer, "longer", long_gap_names()));
    gaps.longer = static_cast<LongGap>(choice);
  }
  if (const YamlValue* rows = value.find("min_rows")) {
    ASSIGN_OR_RETURN(const std::int64_t number, read_integer(*rows, "min_rows", 2, kMostRows));
    gaps.min_rows = static_cast<std::uint32_t>(number);
  }
  return gaps;
}

Result<Video> read_video(const YamlValue& value) {
  RETURN_IF_ERROR(check_keys(value, "`video`", {"codec", "crf"}));
  Video video;
  if (const YamlValue* codec = value.find("codec")) {
    ASSIGN_OR_RETURN(const std::size_t choice, read_choice(*codec, "codec", codec_names()));
    video.codec = codec_names()[choice];
  }
  video.crf = default_crf(video.codec);
  if (const YamlValue* crf = value.find("crf")) {
    ASSIGN_OR_RETURN(const std::int64_t number, read_integer(*crf, "crf", 0, largest_crf(video.codec)));
    video.crf = static_cast<std::int32_t>(number);
  }
  return video;
}

Result<std::vector<Feature>> read_features(const YamlValue& value) {
  if (value.kind != YamlValue::Kind::map || value.entries.empty()) {
    return value.wrong("`features`: expected a map of features, found " +
                       (value.kind == YamlValue::Kind::map ? "none" : value.shown()));
  }
  std::vector<Feature> features;
  for (const YamlEntry& entry : value.entries) {
    ASSIGN_OR_RETURN(Feature feature, read_feature(entry.key, entry.place, entry.value));
    features.push_back(std::move(feature));
  }
  return features;
}

}  // namespace

Result<Recipe> parse_recipe(const std::string& name, const std::string& yaml, const std::vector<std::string>& overrides) {
  ASSIGN_OR_RETURN(YamlValue root, parse_yaml(name, yaml));
  RETURN_IF_ERROR(apply_overrides(root, overrides));
  RETURN_IF_ERROR(
      check_keys(root, "the recipe", {"robot", "fps", "task", "clock", "timeline", "features", "gaps", "non_finite", "video"}));
  Recipe recipe;
  if (const YamlValue* robot = root.find("robot")) {
    ASSIGN_OR_RETURN(recipe.robot, read_text(*robot, "robot"));
  }
  if (const YamlValue* fps = root.find("fps")) {
    ASSIGN_OR_RETURN(const std::int64_t number, read_integer(*fps, "fps", 1, kFastest));
    recipe.fps = static_cast<std::uint32_t>(number);
  }
  if (const YamlValue* task = root.find("task")) {
    ASSIGN_OR_RETURN(recipe.task, read_text(*task, "task"));
  }
  if (const YamlValue* clock = root.find("clock")) {
    auto choice = read_choice(*clock, "clock", {"receive"});
    if (!choice.ok()) return std::move(choice).error().fix("receive is the only clock of this version");
  }
  if (const YamlValue* timeline = root.find("timeline")) {
    ASSIGN_OR_RETURN(recipe.timeline, read_timeline(*timeline));
  }
  if (const YamlValue* gaps = root.find("gaps")) {
    ASSIGN_OR_RETURN(recipe.gaps, read_gaps(*gaps));
  }
  if (const YamlValue* non_finite = root.find("non_finite")) {
    ASSIGN_OR_RETURN(const std::size_t choice, read_choice(*non_finite, "non_finite", non_finite_names()));
    recipe.non_finite = static_cast<NonFinite>(choice);
  }
  if (const YamlValue* video = root.find("video")) {
    ASSIGN_OR_RETURN(recipe.video, read_video(*video));
  }
  const YamlValue* features = root.find("features");
  if (features == nullptr) return root.wrong("the recipe has no `features`");
  ASSIGN_OR_RETURN(recipe.features, read_features(*features));
  return recipe;
}

}  // namespace bagloom::recipe
