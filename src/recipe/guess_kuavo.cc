// The Kuavo preset: kuavo.md sections 1 and 2, topics in bag-formats.md section 8.
#include <algorithm>
#include <array>
#include <cmath>
#include <numbers>

#include "msg/extractor.h"
#include "recipe/guess_parts.h"

namespace bagloom::recipe {
namespace {

constexpr const char* kSensors = "/sensors_data_raw";
constexpr double kRadians = std::numbers::pi / 180;  // the arm trajectory is in degrees (bag-formats.md 8.2)
constexpr std::uint32_t kRate = 10;
constexpr double kCameraRate = 30;  // where a recording is too short to show it (bag-formats.md 8.1)

struct NamedTopic {
  const char* name;
  const char* topic;
};
constexpr std::array<NamedTopic, 3> kCameras{{{"head_cam_h", "/cam_h/color/image_raw/compressed"},
                                              {"wrist_cam_l", "/cam_l/color/image_raw/compressed"},
                                              {"wrist_cam_r", "/cam_r/color/image_raw/compressed"}}};

/// One side's numbers of a hand: its state and its command.
struct HandSide {
  const char* name;
  const char* state_field;
  const char* command_field;
};
struct Hand {
  const char* what;
  const char* state_topic;
  const char* command_topic;
  double state_scale, command_scale;
  std::array<HandSide, 2> sides;
};
// kuavo.md 1.4. The dexterous hand gives the first of its six values (dex_dof_needed 1).
constexpr std::array<Hand, 3> kHands{{
    {"two-finger claws",
     "/leju_claw_state",
     "/leju_claw_command",
     0.01,
     0.01,
     {{{"left_claw", "data.position[0:1]", "data.position[0:1]"}, {"right_claw", "data.position[1:2]", "data.position[1:2]"}}}},
    {"dexterous hands",
     "/dexhand/state",
     "/control_robot_hand_position",
     0.01,
     0.01,
     {{{"left_qiangnao_1", "position[0:1]", "left_hand_position[0:1]"},
       {"right_qiangnao_1", "position[6:7]", "right_hand_position[0:1]"}}}},
    {"simulated grippers",
     "/gripper/state",
     "/gripper/command",
     1 / 0.8,
     1 / 255.0,
     {{{"left_gripper", "position[0:1]", "position[0:1]"}, {"right_gripper", "position[1:2]", "position[1:2]"}}}},
}};

/// The hand that the recording has; one with both state and command first.
const Hand* find_hand(const Survey& survey) {
  const Hand* half = nullptr;
  for (const Hand& hand : kHands) {
    const bool state = survey.find(hand.state_topic) != nullptr;
    const bool command = survey.find(hand.command_topic) != nullptr;
    if (state && command) return &hand;
    if ((state || command) && half == nullptr) half = &hand;
  }
  return half;
}

std::vector<std::string> arm_names(char side) {
  std::vector<std::string> names;
  for (int i = 1; i <= 7; ++i) names.push_back(std::string("zarm_") + side + std::to_string(i) + "_link");
  return names;
}

/// Adds a part where its topic is there and has the field; else says so.
void add_part(const Survey& survey, VectorPart part, std::vector<VectorPart>& parts, Guess& guess) {
  const Topic* topic = survey.find(part.topic);
  std::string trouble;
  if (topic == nullptr) {
    trouble = "it has no messages";
  } else if (topic->definition == nullptr) {
    trouble = topic->trouble;
  } else {
    msg::NumberSelection selection;
    selection.path = part.field;
    if (auto compiled = msg::NumberExtractor::compile(topic->definition, {selection}); !compiled.ok())
      trouble = compiled.error().message();
  }
  if (trouble.empty()) {
    parts.push_back(std::move(part));
    return;
  }
  guess.complete = false;
  const std::string line = part.topic + ": needed for this robot, but " + trouble;
  if (std::find(guess.left_out.begin(), guess.left_out.end(), line) == guess.left_out.end()) guess.left_out.push_back(line);
}

VectorPart scaled(VectorPart part, double scale) {
  part.scale = scale;
  return part;
}

void add_feature(const std::string& name, std::vector<VectorPart> parts, Guess& guess) {
  if (parts.empty()) return;
  Feature feature;
  feature.name = name;
  feature.vector = VectorFeature{std::move(parts)};
  guess.recipe.features.push_back(std::move(feature));
}

/// Left arm, left hand, right arm, right hand (kuavo.md 1.3).
void add_state(const Survey& survey, const Hand* hand, Guess& guess) {
  std::vector<VectorPart> parts;
  for (std::size_t side = 0; side < 2; ++side) {
    const char* field = side == 0 ? "joint_data.joint_q[12:19]" : "joint_data.joint_q[19:26]";
    add_part(survey, plain_part(kSensors, field, arm_names(side == 0 ? 'l' : 'r'), false), parts, guess);
    if (hand == nullptr) continue;
    const HandSide& half = hand->sides[side];
    add_part(survey, scaled(plain_part(hand->state_topic, half.state_field, {half.name}, false), hand->state_scale), parts,
             guess);
  }
  add_feature("observation.state", std::move(parts), guess);
}

void add_action(const Survey& survey, const Hand* hand, Guess& guess) {
  const char* trajectory = survey.find("/kuavo_arm_traj_synced") != nullptr ? "/kuavo_arm_traj_synced" : "/kuavo_arm_traj";
  if (survey.find(trajectory) == nullptr) {
    guess.complete = false;
    guess.left_out.push_back("/kuavo_arm_traj: needed for this robot's action, but it has no messages");
    if (const Topic* command = survey.find("/joint_cmd")) {
      guess.actions.insert(guess.actions.begin(), {command->name, command->type,
                                                   "the whole body's joint command: both arms, radians", "joint_q[12:26]"});
    }
    return;
  }
  std::vector<VectorPart> parts;
  for (std::size_t side = 0; side < 2; ++side) {
    const char* field = side == 0 ? "position[0:7]" : "position[7:14]";
    add_part(survey, scaled(plain_part(trajectory, field, arm_names(side == 0 ? 'l' : 'r'), true), kRadians), parts, guess);
    if (hand == nullptr) continue;
    const HandSide& half = hand->sides[side];
    add_part(survey, scaled(plain_part(hand->command_topic, half.command_field, {half.name}, true), hand->command_scale), parts,
             guess);
  }
  add_feature("action", std::move(parts), guess);
}

void add_cameras(const Survey& survey, Guess& guess) {
  for (const NamedTopic& camera : kCameras) {
    const Topic* topic = survey.find(camera.topic);
    if (topic == nullptr) continue;
    if (!is_camera(*topic)) {
      guess.left_out.push_back(topic->name + ": " + (topic->trouble.empty() ? "no picture messages" : topic->trouble));
      continue;
    }
    const CameraFacts facts = probe_camera(survey, *topic);
    if (!facts.taken) {
      guess.left_out.push_back(left_out_line(*topic, facts));
      continue;
    }
    guess.cameras.push_back({topic->name, topic->type, facts.size_text(), ""});
    guess.recipe.features.push_back(camera_feature(camera.name, *topic, facts));
    if (!guess.recipe.timeline.topic.empty()) continue;
    const double rate = topic->rate > 0 ? topic->rate : kCameraRate;
    guess.recipe.timeline.topic = topic->name;
    guess.recipe.timeline.every = static_cast<std::uint32_t>(std::max(1L, std::lround(rate / kRate)));
    // A camera that does not go evenly into 10 Hz: its own rate, as whole rows a second.
    const double rows = rate / guess.recipe.timeline.every;
    if (std::abs(rows - kRate) > 0.05 * kRate) guess.recipe.fps = static_cast<std::uint32_t>(std::max(1L, std::lround(rows)));
  }
}

/// Pictures that the preset does not use, by name.
void name_other_cameras(const Survey& survey, Guess& guess) {
  for (const Topic& topic : survey.topics()) {
    const bool preset =
        std::any_of(kCameras.begin(), kCameras.end(), [&](const NamedTopic& camera) { return topic.name == camera.topic; });
    if (preset || !is_camera(topic)) continue;
    const CameraFacts facts = probe_camera(survey, topic);
    guess.left_out.push_back(facts.taken ? topic.name + ": not one of this robot's usual cameras" : left_out_line(topic, facts));
  }
}

}  // namespace

bool is_kuavo(const Survey& survey) {
  const Topic* sensors = survey.find(kSensors);
  return sensors != nullptr && sensors->type_name() == "sensorsData";
}

Guess guess_kuavo(const Survey& survey) {
  Guess guess;
  guess.complete = true;
  guess.preset = "kuavo";
  guess.recipe.robot = "kuavo4pro";
  guess.recipe.task = "Pick and Place";
  guess.recipe.fps = kRate;
  collect_candidates(survey, guess);
  const Hand* hand = find_hand(survey);
  add_state(survey, hand, guess);
  add_action(survey, hand, guess);
  add_cameras(survey, guess);
  name_other_cameras(survey, guess);
  return guess;
}

}  // namespace bagloom::recipe
