#include <gtest/gtest.h>

#include "recipe/recipe.h"

namespace bagloom::recipe {
namespace {

const std::string kYaml =
    "fps: 10\n"
    "features:\n"
    "  observation.state:\n"
    "    vector:\n"
    "      - {topic: /s, field: \"q[0:2]\"}\n"
    "      - {topic: /t, field: x}\n"
    "  observation.state.extra:\n"
    "    vector:\n"
    "      - {topic: /u, field: y}\n"
    "  observation.images.head: {camera: /c}\n"
    "video: {codec: h264, crf: 20}\n";

Recipe with(const std::vector<std::string>& overrides) {
  auto recipe = parse_recipe("r.yaml", kYaml, overrides);
  EXPECT_TRUE(recipe.ok()) << recipe.error().text();
  return recipe.ok() ? *recipe : Recipe{};
}
std::string error_with(const std::string& override_text) {
  const auto recipe = parse_recipe("r.yaml", kYaml, {override_text});
  return recipe.ok() ? "parsed" : recipe.error().text();
}

TEST(Overrides, ReplaceAndAdd) {
  EXPECT_EQ(with({"fps=30"}).fps, 30u);
  EXPECT_EQ(with({"fps=30", "fps=20"}).fps, 20u);
  EXPECT_EQ(with({"robot=my robot"}).robot, "my robot");
  EXPECT_EQ(with({"task=\"Pick: place = done\""}).task, "Pick: place = done");
  EXPECT_EQ(with({"gaps.hold=0.5"}).gaps.hold, 500'000'000);
  EXPECT_EQ(with({"gaps={hold: 0.5, longer: drop}"}).gaps.longer, LongGap::drop);
  EXPECT_EQ(with({"timeline.topic=/c", "timeline.every=3"}).timeline, (Timeline{"/c", 3, 0, 0}));
}

TEST(Overrides, FeatureNamesKeepTheirDots) {
  const Recipe recipe =
      with({"features.observation.state.vector.1.scale=2", "features.observation.state.extra.vector.0.offset=-1",
            "features.observation.images.head.size=64x48"});
  EXPECT_EQ(recipe.features[0].vector->parts[1].scale, 2.0);
  EXPECT_EQ(recipe.features[0].vector->parts[0].scale, 1.0);
  EXPECT_EQ(recipe.features[1].vector->parts[0].offset, -1.0);
  EXPECT_EQ(recipe.features[2].camera->width, 64u);
}

TEST(Overrides, ACodecBringsItsOwnQuality) {
  EXPECT_EQ(with({"video.codec=av1"}).video, (Video{"av1", 30}));
  EXPECT_EQ(with({"video.codec=av1", "video.crf=35"}).video, (Video{"av1", 35}));
  EXPECT_EQ(with({"video.crf=35", "video.codec=av1"}).video, (Video{"av1", 35}));
  EXPECT_EQ(with({"video.codec=h264"}).video, (Video{"h264", 20}));
  EXPECT_EQ(with({"video.crf=22"}).video, (Video{"h264", 22}));
}

TEST(Overrides, ErrorsNameTheSetting) {
  EXPECT_EQ(error_with("fsp=30"), "--set fsp=30: unknown key `fsp` in the recipe; did you mean `fps`?");
  EXPECT_EQ(error_with("fps=fast"), "--set fps=fast: `fps`: expected a whole number from 1 to 1000, found `fast`");
  EXPECT_EQ(error_with("gaps.hodl=1"), "--set gaps.hodl=1: unknown key `hodl` in `gaps`; did you mean `hold`?");
  EXPECT_EQ(
      error_with("features.observation.sate.vector.0.scale=2"),
      "--set features.observation.sate.vector.0.scale=2: no feature stands at `observation.sate.vector.0.scale`; did you mean "
      "`observation.state`?");
  EXPECT_EQ(error_with("features.observation.state.vector.7.scale=2"),
            "--set features.observation.state.vector.7.scale=2: `7`: expected an index from 0 to 1 of the list");
  EXPECT_EQ(error_with("features.observation.state.vector.x=2"),
            "--set features.observation.state.vector.x=2: `x`: expected an index from 0 to 1 of the list");
  EXPECT_EQ(error_with("fps.x=2"), "--set fps.x=2: `x`: there is `10`, no map");
  EXPECT_EQ(error_with("fps"), "--set fps: expected key=value");
  EXPECT_EQ(error_with("=5"), "--set =5: expected key=value");
  EXPECT_EQ(error_with("fps.=5"), "--set fps.=5: expected a key before and after each dot");
  EXPECT_EQ(error_with("a..b=5"), "--set a..b=5: expected a key before and after each dot");
  EXPECT_NE(error_with("fps=[1"), "parsed");
  EXPECT_NE(error_with("fps="), "parsed");
}

}  // namespace
}  // namespace bagloom::recipe
