#include <gtest/gtest.h>

#include <filesystem>

#include "guess_fixtures.h"
#include "recipe/guess.h"

namespace bagloom::recipe {
namespace {

Guess guessed(bag::BagReader& bag) {
  auto guess = guess_recipe(bag);
  EXPECT_TRUE(guess.ok()) << guess.error().text();
  return guess.ok() ? *guess : Guess{};
}
const Feature* find(const Guess& guess, const std::string& name) {
  for (const Feature& feature : guess.recipe.features) {
    if (feature.name == name) return &feature;
  }
  return nullptr;
}
void expect_round_trip(const Guess& guess) {
  const auto again = parse_recipe("guess", to_yaml(guess));
  ASSERT_TRUE(again.ok()) << again.error().text() << "\n" << to_yaml(guess);
  EXPECT_EQ(*again, guess.recipe);
}
std::vector<std::string> lines_of(const Feature& feature) {
  std::vector<std::string> lines;
  for (const VectorPart& part : feature.vector->parts)
    lines.push_back(part.topic + " " + part.field.text + " " + part.names.front());
  return lines;
}

TEST(GuessKuavo, BothArmsWithClawsAndCameras) {
  FakeBag bag;
  add_kuavo_body(bag);
  add_claws(bag);
  add_arm_trajectory(bag);
  for (const char* camera : {"h", "l", "r"}) add_jpeg_camera(bag, std::string("/cam_") + camera + "/color/image_raw/compressed");
  bag.add("/cam_h/depth/image_raw/compressedDepth", "sensor_msgs/CompressedImage", kCompressedImage,
          compressed("16UC1; compressedDepth png", {0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0x89, 'P', 'N', 'G'}).bytes());
  const Guess guess = guessed(bag);
  EXPECT_TRUE(guess.complete);
  EXPECT_EQ(guess.preset, "kuavo");
  EXPECT_EQ(guess.recipe.robot, "kuavo4pro");
  EXPECT_EQ(guess.recipe.task, "Pick and Place");
  EXPECT_EQ(guess.recipe.fps, 10u);
  EXPECT_EQ(guess.recipe.timeline, (Timeline{"/cam_h/color/image_raw/compressed", 3, 0, 0}));
  ASSERT_EQ(guess.recipe.features.size(), 5u);
  ASSERT_NE(find(guess, "observation.state"), nullptr);
  EXPECT_EQ(lines_of(*find(guess, "observation.state")),
            (std::vector<std::string>{
                "/sensors_data_raw joint_data.joint_q[12:19] zarm_l1_link", "/leju_claw_state data.position[0:1] left_claw",
                "/sensors_data_raw joint_data.joint_q[19:26] zarm_r1_link", "/leju_claw_state data.position[1:2] right_claw"}));
  EXPECT_EQ(lines_of(*find(guess, "action")),
            (std::vector<std::string>{
                "/kuavo_arm_traj position[0:7] zarm_l1_link", "/leju_claw_command data.position[0:1] left_claw",
                "/kuavo_arm_traj position[7:14] zarm_r1_link", "/leju_claw_command data.position[1:2] right_claw"}));
  const VectorPart& arm = find(guess, "action")->vector->parts[0];
  EXPECT_DOUBLE_EQ(arm.scale, 3.14159265358979323846 / 180);
  EXPECT_EQ(arm.match, Match::hold);
  EXPECT_EQ(arm.tolerance.kind, Tolerance::Kind::none);
  EXPECT_EQ(arm.width, 7u);
  EXPECT_EQ(arm.names.back(), "zarm_l7_link");
  EXPECT_EQ(find(guess, "observation.state")->vector->parts[1].scale, 0.01);
  EXPECT_EQ(find(guess, "observation.state")->vector->parts[0].match, Match::nearest);
  for (const char* name : {"head_cam_h", "wrist_cam_l", "wrist_cam_r"}) {
    const Feature* camera = find(guess, std::string("observation.images.") + name);
    ASSERT_NE(camera, nullptr) << name;
    EXPECT_EQ(camera->camera->width, 0u);
  }
  EXPECT_EQ(guess.left_out,
            std::vector<std::string>{
                "/cam_h/depth/image_raw/compressedDepth: `16UC1; compressedDepth png` (depth); to have it, add to the features: "
                "observation.images.cam_h_depth: {depth: /cam_h/depth/image_raw/compressedDepth}"});
  expect_round_trip(guess);
}

TEST(GuessKuavo, PackagesDoNotMatterAndTheSyncedTrajectoryWins) {
  FakeBag bag;
  add_kuavo_body(bag, "kuavo_sdk");
  add_claws(bag);
  add_arm_trajectory(bag);
  add_arm_trajectory(bag, "/kuavo_arm_traj_synced");
  const Guess guess = guessed(bag);
  EXPECT_TRUE(guess.complete);
  EXPECT_EQ(find(guess, "action")->vector->parts[0].topic, "/kuavo_arm_traj_synced");
  EXPECT_EQ(guess.recipe.timeline.topic, "");  // no camera
  expect_round_trip(guess);
}

TEST(GuessKuavo, DexterousHands) {
  FakeBag bag;
  add_kuavo_body(bag);
  add_arm_trajectory(bag);
  bag.add("/dexhand/state", "sensor_msgs/JointState", kJointState, joints(numbered("f", 12), 12).bytes());
  bag.add("/control_robot_hand_position", "kuavo_msgs/robotHandPosition",
          std::string("Header header\nuint8[] left_hand_position\nuint8[] right_hand_position\n") + kHeaderSection,
          MessageBytes().header().array<std::uint8_t>({1, 2, 3, 4, 5, 6}).array<std::uint8_t>({1, 2, 3, 4, 5, 6}).bytes());
  const Guess guess = guessed(bag);
  EXPECT_TRUE(guess.complete);
  EXPECT_EQ(lines_of(*find(guess, "observation.state"))[3], "/dexhand/state position[6:7] right_qiangnao_1");
  EXPECT_EQ(lines_of(*find(guess, "action"))[1], "/control_robot_hand_position left_hand_position[0:1] left_qiangnao_1");
  EXPECT_EQ(find(guess, "action")->vector->parts[1].scale, 0.01);
  expect_round_trip(guess);
}

TEST(GuessKuavo, SimulatedGrippers) {
  FakeBag bag;
  add_kuavo_body(bag);
  add_arm_trajectory(bag);
  for (const char* topic : {"/gripper/state", "/gripper/command"}) {
    bag.add(topic, "sensor_msgs/JointState", kJointState, joints({"left_gripper_joint", "right_gripper_joint"}, 2).bytes());
  }
  const Guess guess = guessed(bag);
  EXPECT_TRUE(guess.complete);
  EXPECT_DOUBLE_EQ(find(guess, "observation.state")->vector->parts[1].scale, 1 / 0.8);
  EXPECT_DOUBLE_EQ(find(guess, "action")->vector->parts[1].scale, 1 / 255.0);
}

TEST(GuessKuavo, WithoutHandsTheArmsAreEnough) {
  FakeBag bag;
  add_kuavo_body(bag);
  add_arm_trajectory(bag);
  const Guess guess = guessed(bag);
  EXPECT_TRUE(guess.complete);
  EXPECT_EQ(find(guess, "action")->vector->parts.size(), 2u);
}

TEST(GuessKuavo, WithoutATrajectoryItIsForTheUserToComplete) {
  FakeBag bag;
  add_kuavo_body(bag);
  add_claws(bag);
  bag.add("/joint_cmd", "kuavo_msgs/jointCmd", "float64[] joint_q\nfloat64[] joint_v\n",
          MessageBytes().array(counting(28)).array(counting(28)).bytes());
  const Guess guess = guessed(bag);
  EXPECT_FALSE(guess.complete);
  ASSERT_FALSE(guess.actions.empty());
  EXPECT_EQ(guess.actions[0].topic, "/joint_cmd");
  EXPECT_EQ(guess.actions[0].field, "joint_q[12:26]");
  const std::string yaml = to_yaml(guess);
  EXPECT_NE(yaml.find("# action:"), std::string::npos) << yaml;
  EXPECT_NE(yaml.find("/joint_cmd"), std::string::npos) << yaml;
  expect_round_trip(guess);  // state alone
}

TEST(GuessKuavo, AHandWithoutCommandIsNamed) {
  FakeBag bag;
  add_kuavo_body(bag);
  add_arm_trajectory(bag);
  bag.add("/dexhand/state", "sensor_msgs/JointState", kJointState, joints(numbered("f", 12), 12).bytes());
  const Guess guess = guessed(bag);
  EXPECT_FALSE(guess.complete);
  EXPECT_EQ(guess.left_out,
            std::vector<std::string>{"/control_robot_hand_position: needed for this robot, but it has no messages"});
}

TEST(GuessKuavo, RealRecordings) {
  const std::string folder = BAGLOOM_SOURCE_DIR "/../shared/data/real-bags/ros1/";
  if (!std::filesystem::exists(folder)) GTEST_SKIP() << "no real recordings here";
  for (const char* name : {"kuavo_full_topics_one_msg_each.bag", "kuavo_hand_move_left.bag", "kuavo_vr_quest_a.bag"}) {
    auto bag = bag::open_bag(folder + name, {});
    ASSERT_TRUE(bag.ok()) << bag.error().text();
    auto guess = guess_recipe(**bag);
    ASSERT_TRUE(guess.ok()) << guess.error().text();
    const std::string yaml = to_yaml(*guess);
    if (!guess->recipe.features.empty()) expect_round_trip(*guess);
    if (std::string(name).find("full") == std::string::npos) continue;
    EXPECT_EQ(guess->preset, "kuavo") << yaml;
    EXPECT_TRUE(guess->complete) << yaml;
    ASSERT_NE(find(*guess, "observation.images.head_cam_h"), nullptr) << yaml;
    EXPECT_EQ(guess->recipe.timeline.every, 3u) << yaml;
    EXPECT_EQ(guess->cameras[0].why, "848x480");
  }
}

}  // namespace
}  // namespace bagloom::recipe
