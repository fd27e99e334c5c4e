#include <gtest/gtest.h>

#include "guess_fixtures.h"
#include "recipe/guess.h"

namespace bagloom::recipe {
namespace {

Guess guessed(FakeBag& bag) {
  auto guess = guess_recipe(bag);
  EXPECT_TRUE(guess.ok()) << guess.error().text();
  return guess.ok() ? *guess : Guess{};
}
void add_joints(FakeBag& bag, const std::string& topic, std::size_t n = 6) {
  bag.add(topic, "sensor_msgs/JointState", kJointState, joints(numbered("joint_", n), n).bytes(), 100, 10'000'000);
}
void add_array(FakeBag& bag, const std::string& topic, std::size_t n) {
  bag.add(topic, "std_msgs/Float64MultiArray", kMultiArray,
          MessageBytes().put<std::uint32_t>(0).put<std::uint32_t>(0).array(counting(n)).bytes(), 100, 10'000'000);
}
/// Takes the "# " away from the first candidate of each feature to complete.
std::string uncommented(const std::string& yaml) {
  std::string out;
  int left = 0;
  std::size_t at = 0;
  while (at < yaml.size()) {
    std::size_t end = yaml.find('\n', at);
    std::string line = yaml.substr(at, end - at);
    at = end + 1;
    if (line == "  # observation.state:" || line == "  # action:") left = 4;
    if (left > 0) {
      --left;
      line = "  " + line.substr(4);
    }
    out += line + "\n";
  }
  return out;
}

TEST(GuessGeneric, OneStateOneActionAndCameras) {
  FakeBag bag;
  add_joints(bag, "/robot/joint_states");
  add_array(bag, "/robot/joint_command", 7);
  add_jpeg_camera(bag, "/robot/cam_left/color/image_raw/compressed", 640, 480);
  bag.add("/robot/wrist/image_raw", "sensor_msgs/Image", kImage, image("BGR8", 320, 240).bytes());
  bag.add("/robot/depth/image_raw", "sensor_msgs/Image", kImage, image("16UC1", 320, 240).bytes());
  bag.add("/robot/png/compressed", "sensor_msgs/CompressedImage", kCompressedImage,
          compressed("png", png(320, 240, 8, 2)).bytes());
  bag.add("/robot/cut/compressed", "sensor_msgs/CompressedImage", kCompressedImage,
          compressed("png", {0x89, 'P', 'N', 'G'}).bytes());
  bag.add("/robot/grey/compressed", "sensor_msgs/CompressedImage", kCompressedImage,
          compressed("16UC1; png compressed ", png(320, 240, 16, 0)).bytes());
  bag.add("/robot/yuv/image_raw", "sensor_msgs/Image", kImage, image("UYVY", 320, 240).bytes());
  bag.add("/robot/strange/image_raw", "sensor_msgs/Image", kImage, image("8UC2", 320, 240).bytes());
  bag.add("/robot/mosaic/compressed", "sensor_msgs/CompressedImage", kCompressedImage,
          compressed("bayer_rggb8; jpeg compressed ", jpeg(64, 48)).bytes());
  bag.add("/robot/stream", "sensor_msgs/CompressedImage", kCompressedImage, compressed("h264", {0, 0, 0, 1}).bytes());
  bag.add("/tf", "tf2_msgs/TFMessage", "string[] a\n", MessageBytes().texts({}).bytes());
  const Guess guess = guessed(bag);
  EXPECT_TRUE(guess.complete);
  EXPECT_EQ(guess.preset, "");
  EXPECT_EQ(guess.recipe.fps, 30u);
  EXPECT_EQ(guess.recipe.task, "unspecified task");
  EXPECT_EQ(guess.recipe.timeline, (Timeline{"/robot/cam_left/color/image_raw/compressed", 1, 0, 0}));
  ASSERT_EQ(guess.recipe.features.size(), 7u);
  EXPECT_EQ(guess.recipe.features[0].name, "observation.state");
  EXPECT_EQ(guess.recipe.features[0].vector->parts[0].field.text, "position");
  EXPECT_EQ(guess.recipe.features[0].vector->parts[0].select, numbered("joint_", 6)) << "another order is no damage";
  EXPECT_EQ(guess.recipe.features[0].vector->parts[0].names, numbered("joint_", 6));
  EXPECT_EQ(guess.recipe.features[1].name, "action");
  EXPECT_EQ(guess.recipe.features[1].vector->parts[0].field.text, "data");
  EXPECT_EQ(guess.recipe.features[1].vector->parts[0].width, 7u) << "another length is a gap";
  EXPECT_EQ(guess.recipe.features[1].vector->parts[0].names.back(), "action_6");
  EXPECT_EQ(guess.recipe.features[1].vector->parts[0].match, Match::hold);
  EXPECT_EQ(guess.recipe.features[2].name, "observation.images.cam_left");
  EXPECT_EQ(guess.recipe.features[3].name, "observation.images.mosaic");
  EXPECT_EQ(guess.recipe.features[4].name, "observation.images.png");
  EXPECT_EQ(guess.recipe.features[5].name, "observation.images.wrist");
  EXPECT_EQ(guess.recipe.features[6].name, "observation.images.yuv");
  EXPECT_EQ(guess.left_out, (std::vector<std::string>{
                                "/robot/cut/compressed: `png` (the first picture's header cannot be read: the file ends early)",
                                "/robot/depth/image_raw: encoding `16UC1` (depth); to have it, add to the features: "
                                "observation.images.robot_depth: {depth: /robot/depth/image_raw}",
                                "/robot/grey/compressed: `16UC1; png compressed ` (depth); to have it, add to the features: "
                                "observation.images.robot_grey_depth: {depth: /robot/grey/compressed}",
                                "/robot/strange/image_raw: encoding `8UC2`", "/robot/stream: `h264` (a video stream)"}));
  const auto again = parse_recipe("guess", to_yaml(guess));
  ASSERT_TRUE(again.ok()) << again.error().text();
  EXPECT_EQ(*again, guess.recipe);
}

TEST(GuessGeneric, TwoPublishersOfOtherJointsOnOneTopic) {
  const auto guess_of = [](const std::vector<std::string>& second) {
    FakeBag bag;
    add_joints(bag, "/joint_states");
    bag.add("/joint_states", "sensor_msgs/JointState", kJointState, joints(second, second.size()).bytes(), 100, 10'000'000,
            kNsPerSecond + 5'000'000);
    return guessed(bag);
  };
  const std::vector<std::string> left = numbered("joint_", 6);
  const Guess other = guess_of(numbered("right_", 6));
  ASSERT_EQ(other.recipe.features.size(), 1u);
  const auto& parts = other.recipe.features[0].vector->parts;
  ASSERT_EQ(parts.size(), 2u);
  EXPECT_EQ(parts[0].select, left);
  EXPECT_EQ(parts[1].select, numbered("right_", 6));
  EXPECT_EQ(parts[1].names, numbered("right_", 6));
  EXPECT_TRUE(other.left_out.empty());
  EXPECT_EQ(guess_of({"grip"}).recipe.features[0].vector->parts.at(1).select, std::vector<std::string>{"grip"});
  const Guess some = guess_of({"joint_1", "grip"});
  EXPECT_EQ(some.recipe.features[0].vector->parts.size(), 1u) << "whose joint_1 it is, nobody knows";
  EXPECT_EQ(some.left_out, std::vector<std::string>{"/joint_states: messages whose elements are joint_1, grip: the recipe takes "
                                                    "joint_1, joint_2, joint_3, ... (6) of this topic"});
  EXPECT_TRUE(guess_of({left.rbegin(), left.rend()}).left_out.empty()) << "by name another order is no damage";
}

TEST(GuessGeneric, OddSizesAreCroppedToEvenOnes) {
  FakeBag bag;
  add_jpeg_camera(bag, "/cam/compressed", 641, 481);
  const Guess guess = guessed(bag);
  ASSERT_EQ(guess.recipe.features.size(), 1u);
  EXPECT_EQ(guess.recipe.features[0].camera->width, 640u);
  EXPECT_EQ(guess.recipe.features[0].camera->height, 480u);
  EXPECT_EQ(guess.recipe.features[0].camera->fit, Fit::crop);
}

TEST(GuessGeneric, TwoStatesAreNotPlain) {
  FakeBag bag;
  add_joints(bag, "/left/joint_states");
  add_joints(bag, "/right/joint_states", 7);
  add_joints(bag, "/arm/target");
  add_joints(bag, "/arm/other");
  const Guess guess = guessed(bag);
  EXPECT_FALSE(guess.complete);
  ASSERT_EQ(guess.states.size(), 2u);
  EXPECT_EQ(guess.states[1].topic, "/right/joint_states");
  EXPECT_EQ(guess.states[1].field, "position[0:7]");
  EXPECT_EQ(guess.states[1].why, "JointState, 7 numbers, its name says state");
  EXPECT_EQ(guess.actions.size(), 1u);
  ASSERT_EQ(guess.recipe.features.size(), 1u);
  EXPECT_EQ(guess.recipe.features[0].name, "action");
  const std::string yaml = to_yaml(guess);
  const auto completed = parse_recipe("completed", uncommented(yaml));
  ASSERT_TRUE(completed.ok()) << completed.error().text() << "\n" << yaml;
  ASSERT_EQ(completed->features.size(), 2u);
  EXPECT_EQ(completed->features[1].name, "observation.state");
  EXPECT_EQ(completed->features[1].vector->parts[0].topic, "/left/joint_states");
}

TEST(GuessGeneric, NamesThatSayNothingAreCandidatesForBoth) {
  FakeBag bag;
  add_joints(bag, "/a");
  add_array(bag, "/b", 3);
  const Guess guess = guessed(bag);
  EXPECT_FALSE(guess.complete);
  EXPECT_EQ(guess.states.size(), 2u);
  EXPECT_EQ(guess.actions.size(), 2u);
  const auto completed = parse_recipe("completed", uncommented(to_yaml(guess)));
  ASSERT_TRUE(completed.ok()) << completed.error().text() << "\n" << to_yaml(guess);
  EXPECT_EQ(completed->features.size(), 2u);
}

TEST(GuessGeneric, AMessageWithOneFloatArrayIsAVector) {
  FakeBag bag;
  bag.add("/hand/state", "x/Hand",
          std::string("Header header\nInner inner\n") + kHeaderSection + kSectionLine +
              "MSG: x/Inner\nint32[] raw\nfloat32[] angles\n",
          MessageBytes().header().array<std::int32_t>({}).array<float>({1, 2, 3}).bytes());
  bag.add("/hand/command", "x/Two", "float32[] a\nfloat32[] b\n", MessageBytes().array<float>({1}).array<float>({2}).bytes());
  const Guess guess = guessed(bag);
  EXPECT_FALSE(guess.complete);
  ASSERT_EQ(guess.states.size(), 1u);
  EXPECT_EQ(guess.states[0].field, "inner.angles[0:3]");
  EXPECT_TRUE(guess.actions.empty());
  EXPECT_NE(to_yaml(guess).find("no topic was found whose numbers could be `action`"), std::string::npos);
}

TEST(GuessGeneric, WhatIsPlainlyNoJointVectorIsNoCandidate) {
  FakeBag bag;
  const std::string covariance = "float64 latitude\nfloat64[9] position_covariance\n";
  const MessageBytes fix = MessageBytes().put(48.0).raw(72);
  bag.add("/gps/state", "sensor_msgs/NavSatFix", covariance, fix.bytes());
  bag.add("/odom/state", "x/MyOdometry", covariance, fix.bytes());
  bag.add("/cam/state", "sensor_msgs/CameraInfo", "float64[] D\n", MessageBytes().array(counting(5)).bytes());
  bag.add("/scan", "sensor_msgs/LaserScan", "float32[] ranges\n", MessageBytes().array<float>({1, 2}).bytes());
  bag.add("/pose/state", "geometry_msgs/Odd", "float64[] values\n", MessageBytes().array(counting(5)).bytes());
  EXPECT_TRUE(guessed(bag).states.empty());
  EXPECT_TRUE(guessed(bag).actions.empty());
  bag.add("/joy", "sensor_msgs/Joy", "float32[] axes\nint32[] buttons\n",
          MessageBytes().array<float>({1, 2}).array<std::int32_t>({}).bytes());
  bag.add("/arm", "x/Arm", "float64[] q\nfloat64[9] covariance\n", MessageBytes().array(counting(7)).raw(72).bytes());
  const Guess guess = guessed(bag);
  ASSERT_EQ(guess.states.size(), 2u);
  EXPECT_EQ(guess.states[0].field, "q[0:7]");
  EXPECT_EQ(guess.states[1].topic, "/joy");
}

TEST(GuessGeneric, WithoutCamerasTheTimelineIsUniform) {
  FakeBag bag;
  add_joints(bag, "/joint_states");
  add_joints(bag, "/joint_command");
  EXPECT_EQ(guessed(bag).recipe.timeline, Timeline{});
  EXPECT_EQ(guessed(bag).recipe.fps, 30u);
  FakeBag slow;
  slow.add("/state", "sensor_msgs/JointState", kJointState, joints({"a"}, 1).bytes(), 50, 200'000'000);
  EXPECT_EQ(guessed(slow).recipe.fps, 5u);
}

TEST(GuessGeneric, RatesSeeThroughDropsAndBursts) {
  FakeBag bag;
  const MessageBytes picture = compressed("jpeg", jpeg(64, 48));
  bag.add("/cam/compressed", "sensor_msgs/CompressedImage", kCompressedImage, picture.bytes(), 100, 40'000'000);
  bag.add("/cam/compressed", "sensor_msgs/CompressedImage", kCompressedImage, picture.bytes(), 100, 40'000'000,
          20 * kNsPerSecond);
  EXPECT_EQ(guessed(bag).recipe.fps, 25u);

  FakeBag uneven;  // the median is 32 ms
  TimeNs time = kNsPerSecond;
  for (int i = 0; i < 100; ++i) {
    uneven.add("/cam/compressed", "sensor_msgs/CompressedImage", kCompressedImage, picture.bytes(), 1, 1, time);
    time += i % 3 == 2 ? 36'000'000 : 32'000'000;
  }
  EXPECT_EQ(guessed(uneven).recipe.fps, 30u);

  FakeBag batched;  // ten messages within 100 us, every 500 ms
  for (int i = 0; i < 10; ++i) {
    batched.add("/joint_states", "sensor_msgs/JointState", kJointState, joints({"a"}, 1).bytes(), 20, 500'000'000,
                kNsPerSecond + i * 10'000);
  }
  EXPECT_EQ(guessed(batched).recipe.fps, 21u);  // 199 intervals in 9.5 s
}

TEST(GuessGeneric, ReadsAFewMessagesATopicAndStopsEarly) {
  FakeBag bag;
  add_joints(bag, "/joint_states");
  bag.add("/joint_command", "sensor_msgs/JointState", kJointState, joints({"a"}, 1).bytes(), 100'000, 1'000'000);
  add_jpeg_camera(bag, "/cam/compressed");
  guessed(bag);
  EXPECT_LE(bag.fetched, 3u * 5u);
  EXPECT_LT(bag.visited, 2'000u);
}

TEST(GuessGeneric, ADamagedChunkDoesNotEndIt) {
  FakeBag bag;
  add_joints(bag, "/joint_states");
  bag.add("/joint_command", "sensor_msgs/JointState", kJointState, joints({"a"}, 1).bytes(), 400, 10'000'000);
  bag.add("/cam/compressed", "sensor_msgs/CompressedImage", kCompressedImage, compressed("jpeg", jpeg(64, 48)).bytes(), 90);
  const Guess whole = guessed(bag);
  ASSERT_TRUE(whole.complete);
  bag.damaged = [](const MessageRef& ref) { return ref.connection != 0 && ref.time < 2 * kNsPerSecond; };
  const Guess guess = guessed(bag);
  EXPECT_TRUE(guess.complete);
  EXPECT_EQ(to_yaml(guess), to_yaml(whole));
  EXPECT_TRUE(guess.unreadable.empty());
}

TEST(GuessGeneric, WhatCannotBeReadIsNamed) {
  FakeBag bag;
  bag.add("/joint_states", "sensor_msgs/JointState", kJointState, joints({"a"}, 1).bytes(), 10'000, 10'000'000);
  bag.damaged = [](auto&) { return true; };
  const Guess guess = guessed(bag);
  EXPECT_FALSE(guess.complete);
  ASSERT_EQ(guess.unreadable.size(), 1u);
  EXPECT_EQ(guess.unreadable[0], "/joint_states: damaged");
  EXPECT_EQ(bag.fetched, 5u + 16u);
}

TEST(GuessGeneric, BrokenTopicsAreLeftOutQuietly) {
  FakeBag bag;
  bag.add("/joint_states", "sensor_msgs/JointState", "", joints({"a"}, 1).bytes());
  bag.add("/joint_command", "sensor_msgs/JointState", "float64[ broken\n", joints({"a"}, 1).bytes());
  bag.add("/arm/target", "sensor_msgs/JointState", kJointState, joints({"a"}, 1).bytes().first(20));
  bag.add("/cam/compressed", "sensor_msgs/CompressedImage", kCompressedImage,
          compressed("jpeg", {0xff, 0xd8, 0xff, 0xe0}).bytes());
  bag.add("/cut/compressed", "sensor_msgs/CompressedImage", kCompressedImage, MessageBytes().raw(3).bytes());
  const Guess guess = guessed(bag);
  EXPECT_FALSE(guess.complete);
  EXPECT_TRUE(guess.recipe.features.empty());
  EXPECT_EQ(guess.left_out.size(), 2u);
  EXPECT_FALSE(to_yaml(guess).empty());
}

TEST(GuessGeneric, AnEmptyRecordingGivesARecipeToComplete) {
  FakeBag bag;
  bag.add("/joint_states", "sensor_msgs/JointState", kJointState, {}, 0);
  const Guess guess = guessed(bag);
  EXPECT_FALSE(guess.complete);
  EXPECT_NE(to_yaml(guess).find("To complete"), std::string::npos);
}

TEST(GuessGeneric, HostileNamesStayInTheirComments) {
  FakeBag bag;
  add_joints(bag, "/state\nfps: 1000\n#");
  add_joints(bag, "/other/state");
  bag.add("/cam\nrobot: evil\n", "sensor_msgs/CompressedImage", kCompressedImage,
          compressed("png\nfps: 3", {0x89, 'P', 'N', 'G'}).bytes());
  add_jpeg_camera(bag, "/good/compressed");
  const auto recipe = parse_recipe("r", to_yaml(guessed(bag)));
  ASSERT_TRUE(recipe.ok()) << recipe.error().text();
  EXPECT_EQ(recipe->robot, "unknown");
  EXPECT_EQ(recipe->fps, 30u);
}

}  // namespace
}  // namespace bagloom::recipe
