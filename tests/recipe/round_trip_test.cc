// to_yaml and parse_recipe are each other's inverse, for random recipes and for the examples.
#include <gtest/gtest.h>

#include <cmath>
#include <filesystem>
#include <fstream>
#include <random>
#include <sstream>

#include "recipe/recipe.h"

namespace bagloom::recipe {
namespace {

class RandomRecipe {
 public:
  explicit RandomRecipe(unsigned seed) : random_(seed) {}

  Recipe make() {
    Recipe recipe;
    recipe.robot = text();
    recipe.fps = number(1, 1000);
    recipe.task = text();
    recipe.timeline = timeline();
    const std::uint32_t features = number(1, 5);
    for (std::uint32_t i = 0; i < features; ++i) recipe.features.push_back(feature(i));
    recipe.gaps = {time(), static_cast<LongGap>(number(0, 2)), number(2, 1000)};
    recipe.non_finite = static_cast<NonFinite>(number(0, 1));
    const std::vector<Video> videos{
        {"h264", static_cast<int>(number(0, 51))}, {"av1", static_cast<int>(number(0, 63))}, {"copy", 24}};
    recipe.video = videos[number(0, 2)];
    return recipe;
  }

 private:
  std::uint32_t number(std::uint32_t least, std::uint32_t most) {
    return std::uniform_int_distribution<std::uint32_t>(least, most)(random_);
  }
  bool coin() { return number(0, 1) == 1; }
  TimeNs time() {
    switch (number(0, 3)) {
      case 0: return 0;
      case 1: return number(0, 100) * kNsPerSecond;
      case 2: return number(0, 100) * TimeNs{1'000'000};
      default: return std::uniform_int_distribution<TimeNs>(0, 1000 * kNsPerSecond)(random_);
    }
  }
  /// What YAML could take for something else.
  std::string text() {
    static const std::vector<std::string> kPieces{
        "a",   "Z9",  " x",  ": ", "# ", "'", "\"",   "\\",   "{", "}",  "[",   "]", ",", "-", "?",    "&",    "*",
        "!",   "|",   ">",   "%",  "@",  "`", "true", "null", "~", "10", "1e5", "=", "/", "é", "拿起", "🤖", "\xef\xbb\xbf",
        "\\n", "---", "...", ".",  "_"};
    std::string made;
    const std::uint32_t pieces = number(1, 6);
    for (std::uint32_t i = 0; i < pieces; ++i) made += kPieces[number(0, static_cast<std::uint32_t>(kPieces.size() - 1))];
    if (coin()) made += ' ';
    return made;
  }
  double real() {
    switch (number(0, 3)) {
      case 0: return 1.0;
      case 1: return std::ldexp(std::uniform_real_distribution<>(-1, 1)(random_), static_cast<int>(number(0, 600)) - 300);
      case 2: return number(0, 1000);
      default: return -0.0;
    }
  }
  Timeline timeline() {
    Timeline timeline;
    if (coin()) {
      timeline.topic = text();
      timeline.every = number(1, 100);
    }
    timeline.drop_start = time();
    timeline.drop_end = time();
    return timeline;
  }
  Tolerance tolerance() {
    Tolerance tolerance{static_cast<Tolerance::Kind>(number(0, 3)), 0};
    if (tolerance.kind == Tolerance::Kind::fixed) tolerance.ns = time();
    return tolerance;
  }
  Feature feature(std::uint32_t i) {
    Feature feature;
    feature.name = (coin() ? "action" : "observation.x") + std::to_string(i) + (coin() ? ".y: z" : "");
    if (coin()) {
      CameraFeature camera;
      camera.topic = text();
      if (coin()) {
        camera.width = 2 * number(8, 8192);
        camera.height = 2 * number(8, 8192);
      }
      camera.fit = static_cast<Fit>(number(0, 3));
      camera.storage = static_cast<Storage>(number(0, 1));
      if (coin()) {
        camera.depth.emplace();
        const double units[]{0, 0.001, 1, 0.00025};
        camera.depth->unit = units[number(0, 3)];
        if (camera.storage == Storage::video) camera.depth->nearest = number(0, 9) / 10.0;
        if (camera.storage == Storage::video) camera.depth->farthest = number(1, 65);
      } else {
        camera.filter = static_cast<Filter>(number(0, 3));
        camera.tolerate_warnings = coin();
      }
      camera.match = static_cast<Match>(number(0, 1));
      camera.tolerance = tolerance();
      feature.camera = camera;
      return feature;
    }
    feature.vector.emplace();
    const std::uint32_t parts = number(1, 3);
    for (std::uint32_t p = 0; p < parts; ++p) feature.vector->parts.push_back(part(p));
    return feature;
  }
  VectorPart part(std::uint32_t index) {
    VectorPart part;
    part.topic = text();
    part.width = number(1, 30);
    const std::uint32_t begin = number(0, 50);
    std::string field = coin() ? "data.q" : "position";
    if (coin()) field = "hands[3]." + field;
    if (coin()) {
      field += "[" + std::to_string(begin) + ":" + std::to_string(begin + part.width) + "]";
    } else if (coin()) {
      for (std::uint32_t i = 0; i < part.width; ++i) part.select.push_back(text() + std::to_string(i));
    }
    part.field = *msg::parse_field_path(field);
    for (std::uint32_t i = 0; i < part.width; ++i) part.names.push_back(text() + std::to_string(index) + "." + std::to_string(i));
    part.scale = real();
    part.offset = real();
    part.match = static_cast<Match>(number(0, 1));
    part.tolerance = tolerance();
    return part;
  }

  std::mt19937 random_;
};

TEST(RoundTrip, RandomRecipesComeBackExactly) {
  for (unsigned seed = 0; seed < 2000; ++seed) {
    const Recipe recipe = RandomRecipe(seed).make();
    const std::string yaml = to_yaml(recipe);
    const auto again = parse_recipe("r.yaml", yaml);
    ASSERT_TRUE(again.ok()) << again.error().text() << "\n" << yaml;
    ASSERT_TRUE(*again == recipe) << "seed " << seed << "\n" << yaml << "\n--- became ---\n" << to_yaml(*again);
  }
}

TEST(RoundTrip, EveryDefaultIsWrittenOut) {
  const auto recipe =
      parse_recipe("r.yaml", "features: {observation.state: {vector: [{topic: /s, field: x}]}, c: {camera: /c}}\n");
  ASSERT_TRUE(recipe.ok());
  const std::string yaml = to_yaml(*recipe);
  for (const char* line : {"robot: unknown\n",  "fps: 10",        "task: unspecified task  # LeRobot needs one",
                           "clock: receive",    "uniform: true",  "drop_start: 0",
                           "drop_end: 0",       "size: own",      "filter: auto",
                           "fit: none",         "match: nearest", "tolerance: state",
                           "tolerance: period", "tolerate: []",   "select: []",
                           "scale: 1\n",        "offset: 0\n",    "names: [x]",
                           "hold: 0.2",         "longer: reject", "min_rows: 2",
                           "non_finite: gap",   "codec: h264",    "crf: 24"}) {
    EXPECT_NE(yaml.find(line), std::string::npos) << line << "\n" << yaml;
  }
}

TEST(RoundTrip, TheExamplesParseAndComeBack) {
  std::size_t seen = 0;
  for (const auto& file : std::filesystem::directory_iterator(BAGLOOM_SOURCE_DIR "/examples")) {
    if (file.path().extension() != ".yaml") continue;
    ++seen;
    std::ostringstream text;
    text << std::ifstream(file.path()).rdbuf();
    const auto recipe = parse_recipe(file.path().filename().string(), text.str());
    ASSERT_TRUE(recipe.ok()) << recipe.error().text();
    const auto again = parse_recipe("again", to_yaml(*recipe));
    ASSERT_TRUE(again.ok()) << again.error().text();
    EXPECT_EQ(*again, *recipe) << file.path();
  }
  EXPECT_GE(seen, 3u);
}

}  // namespace
}  // namespace bagloom::recipe
