#include "recipe/topic_words.h"

#include <gtest/gtest.h>

namespace bagloom::recipe {
namespace {

TEST(RoleOf, WordsDecide) {
  for (const char* topic : {"/joint_states", "/robot/state", "/arm/feedback", "/observation", "/measuredPositions/measured",
                            "/follower/joint_states", "/puppet_left/command_state"}) {
    EXPECT_EQ(role_of(topic), Role::state) << topic;
  }
  for (const char* topic :
       {"/action", "/joint_cmd", "/arm/target", "/desired", "/armCommand", "/leader/joint_states", "/master_left"}) {
    EXPECT_EQ(role_of(topic), Role::action) << topic;
  }
  for (const char* topic : {"", "/", "/scan", "/action_state", "/estate", "/commander", "/leader_follower"}) {
    EXPECT_EQ(role_of(topic), Role::none) << topic;
  }
}

TEST(CameraNames, AreShortAndUnique) {
  using Names = std::vector<std::string>;
  EXPECT_EQ(camera_names({"/cam_left/color/image_raw/compressed"}), Names{"cam_left"});
  EXPECT_EQ(camera_names({"/robot/left/image_raw", "/robot/right/image_raw"}), (Names{"left", "right"}));
  EXPECT_EQ(camera_names({"/image_raw"}), Names{"camera"});
  EXPECT_EQ(camera_names({"/image_raw", "/image_raw/compressed"}), (Names{"camera", "camera_2"}));
  EXPECT_EQ(camera_names({"/a/image_raw", "/a/color/image_raw"}), (Names{"a", "a_2"}));
  EXPECT_EQ(camera_names({"/we ird\n/im\xc3\xa9"}), Names{"we_ird__im__"});
  EXPECT_TRUE(camera_names({}).empty());
}

}  // namespace
}  // namespace bagloom::recipe
