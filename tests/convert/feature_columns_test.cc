#include "convert/feature_columns.h"

#include <gtest/gtest.h>

namespace bagloom::convert {
namespace {

recipe::VectorPart part(const std::string& topic, std::uint32_t width, recipe::Match match = recipe::Match::nearest) {
  recipe::VectorPart part;
  part.topic = topic;
  part.width = width;
  part.match = match;
  return part;
}

TEST(ColumnsOf, PartsOfOneTopicAndRuleShareAColumn) {
  recipe::Recipe recipe;
  recipe::Feature state;
  state.name = "observation.state";
  state.vector =
      recipe::VectorFeature{{part("/joints", 7), part("/claw", 1), part("/joints", 7), part("/joints", 2, recipe::Match::hold)}};
  recipe::Feature action;
  action.name = "action";
  action.vector = recipe::VectorFeature{{part("/joints", 3)}};
  recipe::Feature camera;
  camera.name = "observation.images.head";
  camera.camera = recipe::CameraFeature{};
  camera.camera->topic = "/cam";
  recipe.features = {state, camera, action};
  const FeatureColumns columns = columns_of(recipe);
  ASSERT_EQ(columns.columns.size(), 5u);
  EXPECT_EQ(columns.row_width, 20u);
  EXPECT_EQ(columns.cameras, 1u);
  EXPECT_EQ(columns.columns[0].topic, "/joints");
  ASSERT_EQ(columns.columns[0].parts.size(), 2u);
  EXPECT_EQ(columns.columns[0].parts[0].offset, 0u);
  EXPECT_EQ(columns.columns[0].parts[1].offset, 8u);
  EXPECT_EQ(columns.columns[1].parts[0].offset, 7u);
  EXPECT_EQ(columns.columns[2].match, recipe::Match::hold);
  EXPECT_TRUE(columns.columns[3].camera);
  EXPECT_EQ(columns.columns[4].feature, "action") << "features do not share columns: each is counted by itself";
  EXPECT_EQ(columns.columns[4].parts[0].offset, 17u);
}

TEST(ColumnsOf, OtherNamesMayBeAnotherPublishers) {
  recipe::Recipe recipe;
  recipe::Feature state;
  state.name = "observation.state";
  state.vector = recipe::VectorFeature{{part("/joints", 2), part("/joints", 1), part("/joints", 2)}};
  state.vector->parts[0].select = state.vector->parts[2].select = {"a", "b"};  // positions and efforts
  state.vector->parts[1].select = {"g"};
  recipe.features = {state};
  const FeatureColumns columns = columns_of(recipe);
  ASSERT_EQ(columns.columns.size(), 2u);
  ASSERT_EQ(columns.columns[0].parts.size(), 2u);
  EXPECT_EQ(columns.columns[0].parts[1].offset, 3u);
  EXPECT_EQ(columns.columns[1].parts[0].offset, 2u);
}

TEST(ToleranceNs, FollowsTheTopic) {
  using Kind = recipe::Tolerance::Kind;
  EXPECT_EQ(tolerance_ns({Kind::period, 0}, 33), 33);
  EXPECT_EQ(tolerance_ns({Kind::state, 0}, 2'000'000), 20'000'000);
  EXPECT_EQ(tolerance_ns({Kind::state, 0}, 15'000'000), 30'000'000);
  EXPECT_EQ(tolerance_ns({Kind::state, 0}, INT64_MAX), INT64_MAX);
  EXPECT_LT(tolerance_ns({Kind::none, 0}, 33), 0);
  EXPECT_EQ(tolerance_ns({Kind::fixed, 7}, 33), 7);
}

TEST(RuleText, IsForPeople) {
  EXPECT_EQ(rule_text(recipe::Match::nearest, 33'333'333), "nearest within 33.3 ms");
  EXPECT_EQ(rule_text(recipe::Match::hold, -1), "hold");
}

}  // namespace
}  // namespace bagloom::convert
