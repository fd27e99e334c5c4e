#include <gtest/gtest.h>

#include "fake_bag.h"
#include "recipe/guess.h"

namespace bagloom::recipe {
namespace {

constexpr const char* kJoints =
    R"({"type": "object", "properties": {"joints": {"type": "array", "items": {"type": "object", "properties": {
  "name": {"type": "string"}, "position": {"type": "number"}, "velocity": {"type": "number"}}}}}})";
constexpr const char* kTwo = R"({"joints": [{"name": "b", "position": 1}, {"name": "a", "position": 2}]})";
constexpr const char* kCamera = R"({"type": "object", "properties": {"P": {"type": "array", "items": {"type": "number"}}}})";

FakeBag recording(const std::vector<std::string>& topics) {
  FakeBag bag;
  for (const std::string& topic : topics) {
    bag.add(topic, "foxglove.JointStates", kJoints, as_bytes(kTwo));
    bag.last_is_json();
  }
  return bag;
}

TEST(GuessJson, JointsByTheirNames) {
  FakeBag bag = recording({"/joint_states", "/joint_commands"});
  bag.add("/camera/info", "foxglove.CameraCalibration", kCamera, as_bytes(R"({"P": [1, 2, 3]})"));
  bag.last_is_json();
  const auto guess = guess_recipe(bag);
  ASSERT_TRUE(guess.ok()) << guess.error().text();
  EXPECT_TRUE(guess->complete);
  ASSERT_EQ(guess->recipe.features.size(), 2u);
  for (const Feature& feature : guess->recipe.features) {
    ASSERT_TRUE(feature.vector);
    EXPECT_EQ(feature.vector->parts[0].field.text, "joints.position");
    EXPECT_EQ(feature.vector->parts[0].select, (std::vector<std::string>{"b", "a"}));
    EXPECT_EQ(feature.vector->parts[0].width, 2u);
  }
}

TEST(GuessJson, CandidatesHaveARangeOverTheJoints) {
  FakeBag bag = recording({"/left/joint_states", "/right/joint_states"});
  const auto guess = guess_recipe(bag);
  ASSERT_TRUE(guess.ok()) << guess.error().text();
  EXPECT_FALSE(guess->complete);
  ASSERT_EQ(guess->states.size(), 2u);
  EXPECT_EQ(guess->states[0].field, "joints[0:2].position");
}

TEST(GuessJson, WithoutASchemaOnlyCamerasAreSeen) {
  FakeBag bag;
  bag.add("/joint_states", "foxglove.JointStates", "", as_bytes(kTwo));
  bag.last_is_json();
  bag.add("/camera", "foxglove.RawImage", "",
          as_bytes(R"({"width": 640, "height": 480, "encoding": "rgb8", "step": 1920, "data": ""})"));
  bag.last_is_json();
  const auto guess = guess_recipe(bag);
  ASSERT_TRUE(guess.ok()) << guess.error().text();
  EXPECT_TRUE(guess->states.empty());
  ASSERT_EQ(guess->cameras.size(), 1u);
  EXPECT_EQ(guess->cameras[0].why, "640x480");
}

}  // namespace
}  // namespace bagloom::recipe
