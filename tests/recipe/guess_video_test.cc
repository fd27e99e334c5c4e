#include <gtest/gtest.h>

#include <algorithm>

#include "guess_fixtures.h"
#include "recipe/guess.h"

namespace bagloom::recipe {
namespace {

TEST(GuessVideo, VideoTopicsAreCameras) {
  FakeBag bag;
  const std::vector<std::uint8_t> packet{0, 0, 0, 1, 0x41, 0x9a, 0x24};
  bag.add("/a/joint_states", "sensor_msgs/JointState", kJointState, joints(numbered("joint_", 6), 6).bytes(), 100, 10'000'000);
  bag.add("/cam_left/compressed", "sensor_msgs/CompressedImage", kCompressedImage, compressed("h264", packet).bytes());
  bag.add("/cam_right/video", "foxglove_msgs/CompressedVideo", "time timestamp\nstring frame_id\nuint8[] data\nstring format\n",
          MessageBytes().put<std::uint64_t>(1).text("cam").array(packet).text("h265").bytes());
  bag.add("/cam_top/video", "foxglove_msgs/CompressedVideo", "time timestamp\nstring frame_id\nuint8[] data\nstring format\n",
          MessageBytes().put<std::uint64_t>(1).text("cam").array<std::uint8_t>({0x12, 0, 0x32, 1, 0}).text("av1").bytes());
  bag.add("/cam_empty/video", "foxglove_msgs/CompressedVideo", "time timestamp\nstring frame_id\nuint8[] data\nstring format\n",
          MessageBytes().put<std::uint64_t>(1).text("cam").array<std::uint8_t>({0, 0, 0, 1}).text("h264").bytes());
  const auto guess = guess_recipe(bag);
  ASSERT_TRUE(guess.ok()) << guess.error().text();
  std::vector<std::string> cameras;
  for (const Candidate& camera : guess->cameras) {
    cameras.push_back(camera.topic);
    EXPECT_EQ(camera.why, "video");
  }
  EXPECT_EQ(cameras, (std::vector<std::string>{"/cam_left/compressed", "/cam_right/video", "/cam_top/video"}));
  for (const Feature& feature : guess->recipe.features) {
    if (feature.camera) {
      EXPECT_EQ(feature.camera->width, 0u) << "its own size";
    }
  }
  EXPECT_EQ(guess->left_out, (std::vector<std::string>{"/cam_empty/video: `h264` (a video stream)"}));
}

}  // namespace
}  // namespace bagloom::recipe
