#include <algorithm>
#include <array>
#include <cmath>
#include <functional>
#include <map>
#include <set>
#include <string_view>

#include "msg/extractor.h"
#include "recipe/guess_parts.h"
#include "recipe/topic_words.h"
#include "recipe/yaml_text.h"

namespace bagloom::recipe {
namespace {

// A laser scan or a point list is no joint vector.
constexpr std::uint32_t kMostNumbers = 512;
constexpr const char* kJoints = "joints.position";  // of foxglove.JointStates
constexpr double kDefaultRate = 30;
constexpr double kFastestRate = 1000;

/// A topic whose messages hold one vector of numbers.
struct Numbers {
  const Topic* topic = nullptr;
  Role role = Role::none;
  std::string field;  ///< without range
  std::uint32_t width = 0;
  std::vector<std::string> names;  ///< from the message, or empty
  std::string why;
  /// Of other messages of the topic, which have none of these names nor of each other's: other publishers' joints.
  std::vector<std::vector<std::string>> others;
  std::string left_out;  ///< a line where messages lack some of these names, and have some; else empty
};

bool is_float(const msg::Field& field) {
  return field.message == nullptr && (field.primitive == msg::Primitive::float32 || field.primitive == msg::Primitive::float64);
}

/// Types of ROS's own packages that hold no joint vector, whatever arrays of floats they have: positions on the globe with their
/// covariance, cameras' matrices, scans, poses, maps. JointState and Joy are what arms and teleoperation publish.
bool is_no_vector(const Topic& topic) {
  static constexpr std::array<std::string_view, 16> kPackages{
      "sensor_msgs",       "nav_msgs",        "geometry_msgs", "stereo_msgs",        "tf",       "tf2_msgs",
      "foxglove_msgs",     "diagnostic_msgs", "map_msgs",      "visualization_msgs", "foxglove", "rosgraph_msgs",
      "audio_common_msgs", "gps_common",      "marker_msgs",   "velodyne_msgs"};
  const std::string name = topic.type_name();
  if (name == "JointState" || name == "Joy") return false;
  return std::find(kPackages.begin(), kPackages.end(), topic.type.substr(0, topic.type.find_first_of("/."))) != kPackages.end();
}

/// How sure a number is, is no number that a policy sees.
bool is_covariance(const msg::Field& field) { return field.name.find("covariance") != std::string::npos; }

/// Paths to all arrays of floats that stand in no array of messages. Stops at two: one is wanted.
void find_float_arrays(const msg::MessageType& type, const std::string& before, std::vector<std::string>& paths,
                       std::size_t depth = 0) {
  constexpr std::size_t kDeep = 8;
  for (const msg::Field& field : type.fields) {
    if (paths.size() >= 2) return;
    if (is_float(field) && field.array != msg::ArrayKind::none && !is_covariance(field)) paths.push_back(before + field.name);
    if (field.message != nullptr && field.array == msg::ArrayKind::none && depth < kDeep) {
      find_float_arrays(*field.message, before + field.name + ".", paths, depth + 1);
    }
  }
}

/// foxglove.JointStates holds a message a joint. Only tagged messages may have as many as they like and be read.
bool has_joints(const msg::Definition& definition) {
  for (const msg::Field& field : definition.root->fields) {
    if (field.name != "joints" || field.message == nullptr || field.array == msg::ArrayKind::none) continue;
    for (const msg::Field& part : field.message->fields) {
      if (part.name == "position" && is_float(part) && part.array == msg::ArrayKind::none) return msg::is_tagged(definition.wire);
    }
  }
  return false;
}

/// The one field that is the vector: `position` of a JointState, `data` of a MultiArray, or the only array of floats.
std::string vector_field(const Topic& topic) {
  if (topic.definition == nullptr) return "";
  if (topic.type_name() == "JointStates" && has_joints(*topic.definition)) return kJoints;
  if (is_no_vector(topic)) return "";
  if (topic.type_name() == "JointState") {
    for (const msg::Field& field : topic.definition->root->fields) {
      if (field.name == "position" && is_float(field) && field.array != msg::ArrayKind::none) return "position";
    }
  }
  std::vector<std::string> paths;
  find_float_arrays(*topic.definition->root, "", paths);
  return paths.size() == 1 ? paths[0] : "";
}

bool are_usable(const std::vector<std::string>& names, std::uint32_t width) {
  if (names.size() != width || std::set<std::string>(names.begin(), names.end()).size() != names.size()) return false;
  return std::all_of(names.begin(), names.end(), [](const std::string& name) { return !name.empty() && is_one_line(name); });
}

/// "a, b, c, ... (7)"
std::string listed(const std::vector<std::string>& names) {
  constexpr std::size_t kShown = 3, kLongest = 40;
  std::string text;
  for (std::size_t i = 0; i < std::min(kShown, names.size()); ++i) text += (i == 0 ? "" : ", ") + names[i].substr(0, kLongest);
  return text + (names.size() > kShown ? ", ... (" + std::to_string(names.size()) + ")" : "");
}

/// Tells messages of other names apart: `names` are taken.
void find_others(const std::vector<std::vector<std::string>>& messages, Numbers& numbers) {
  constexpr std::size_t kMost = 8;
  std::vector<std::set<std::string>> known{{numbers.names.begin(), numbers.names.end()}};
  for (const std::vector<std::string>& message : messages) {
    const std::set<std::string> has(message.begin(), message.end());
    const auto is_whole = [&](const std::set<std::string>& names) {
      return !names.empty() && std::includes(has.begin(), has.end(), names.begin(), names.end());
    };
    const auto shares = [&](const std::set<std::string>& names) {
      return std::any_of(names.begin(), names.end(), [&](const std::string& name) { return has.contains(name); });
    };
    if (std::any_of(known.begin(), known.end(), is_whole)) continue;
    if (numbers.names.empty()) return;
    if (std::none_of(known.begin(), known.end(), shares) && known.size() <= kMost) {
      numbers.others.push_back(message);
      known.push_back(has);
      continue;
    }
    if (!numbers.left_out.empty()) continue;
    numbers.left_out = numbers.topic->name + ": messages whose elements are " + listed(message) + ": the recipe takes " +
                       listed(numbers.names) + " of this topic";
  }
}

bool look_at(const Survey& survey, const Topic& topic, Numbers& numbers, Guess& guess) {
  numbers.topic = &topic;
  numbers.field = vector_field(topic);
  if (numbers.field.empty()) return false;
  const auto path = msg::parse_field_path(numbers.field);
  if (!path.ok()) return false;
  const auto beside = msg::find_names_beside(*topic.definition, *path);
  // The length that most of the first messages have, and the names that stand beside it.
  std::map<std::uint32_t, std::pair<int, std::vector<std::string>>> votes;
  std::vector<std::vector<std::string>> named;  // what each message names
  const std::string unreadable = survey.read_early(topic, [&](const bag::Payload& payload) {
    const auto width = msg::array_length(*topic.definition, *path, payload.bytes);
    if (!width.ok() || *width == 0 || *width > kMostNumbers) return false;
    auto& [count, names] = votes[*width];
    ++count;
    if (!beside.ok()) return false;
    const auto found = msg::string_array(*topic.definition, *beside, payload.bytes);
    if (!found.ok() || !are_usable(*found, *width)) return false;
    if (count == 1) names = *found;
    named.push_back(*found);
    return false;
  });
  if (!unreadable.empty()) guess.unreadable.push_back(unreadable);
  if (votes.empty()) return false;
  const auto most =
      std::max_element(votes.begin(), votes.end(), [](const auto& a, const auto& b) { return a.second.first < b.second.first; });
  numbers.width = most->first;
  numbers.names = most->second.second;
  find_others(named, numbers);
  numbers.role = role_of(topic.name);
  numbers.why = topic.type_name() + ", " + std::to_string(numbers.width) + (numbers.width == 1 ? " number" : " numbers");
  if (numbers.role == Role::state) numbers.why += ", its name says state";
  if (numbers.role == Role::action) numbers.why += ", its name says action";
  return true;
}

std::vector<Numbers> find_numbers(const Survey& survey, Guess& guess) {
  std::vector<Numbers> all;
  for (const Topic& topic : survey.topics()) {
    Numbers numbers;
    if (look_at(survey, topic, numbers, guess)) all.push_back(std::move(numbers));
  }
  return all;
}

std::string ranged_field(const Numbers& numbers) {
  const std::string range = "[0:" + std::to_string(numbers.width) + "]";
  return numbers.field == kJoints ? "joints" + range + ".position" : numbers.field + range;
}

std::vector<const Numbers*> with_role(const std::vector<Numbers>& all, Role role) {
  std::vector<const Numbers*> chosen;
  for (const Numbers& numbers : all) {
    if (numbers.role == role) chosen.push_back(&numbers);
  }
  return chosen;
}

std::vector<Candidate> candidates_of(const std::vector<Numbers>& all, Role role) {
  std::vector<const Numbers*> chosen = with_role(all, role);
  if (chosen.empty()) chosen = with_role(all, Role::none);
  std::vector<Candidate> candidates;
  for (const Numbers* numbers : chosen) {
    candidates.push_back({numbers->topic->name, numbers->topic->type, numbers->why, ranged_field(*numbers)});
  }
  return candidates;
}

void add_vector(const std::vector<const Numbers*>& chosen, const std::string& name, const std::string& element, Guess& guess) {
  if (chosen.size() != 1) {
    guess.complete = false;
    return;
  }
  std::vector<std::string> names = chosen[0]->names;
  const std::vector<std::string> select = names;
  for (std::uint32_t i = 0; names.size() < chosen[0]->width; ++i) names.push_back(element + "_" + std::to_string(i));
  Feature feature;
  feature.name = name;
  feature.vector.emplace();
  feature.vector->parts.push_back(plain_part(chosen[0]->topic->name, chosen[0]->field, std::move(names), name == "action"));
  // The whole array, so that one of another length is a gap; by the message's own names where it has them, so that another order
  // is no damage.
  feature.vector->parts.back().select = select;
  // Another publisher's joints: each part has the messages that have its names.
  for (const std::vector<std::string>& other : chosen[0]->others) {
    feature.vector->parts.push_back(plain_part(chosen[0]->topic->name, chosen[0]->field, other, name == "action"));
    feature.vector->parts.back().select = other;
  }
  guess.recipe.features.push_back(std::move(feature));
}

/// Times jitter: what is within 4 % of a rate that is usual, of cameras above all, is that rate.
std::uint32_t whole_rate(double rate) {
  double nearest = 0;
  for (const double usual : {5.0, 10.0, 15.0, 20.0, 24.0, 25.0, 30.0, 50.0, 60.0, 90.0, 100.0, 120.0})
    if (std::abs(rate - usual) <= 0.04 * usual && std::abs(rate - usual) < std::abs(rate - nearest)) nearest = usual;
  if (nearest > 0) rate = nearest;
  return static_cast<std::uint32_t>(std::lround(std::clamp(rate, 1.0, kFastestRate)));
}

}  // namespace

void collect_candidates(const Survey& survey, Guess& guess) {
  const std::vector<Numbers> all = find_numbers(survey, guess);
  guess.states = candidates_of(all, Role::state);
  guess.actions = candidates_of(all, Role::action);
}

Guess guess_generic(const Survey& survey) {
  Guess guess;
  guess.complete = true;
  guess.recipe.task = kUnspecifiedTask;
  const std::vector<Numbers> all = find_numbers(survey, guess);
  guess.states = candidates_of(all, Role::state);
  guess.actions = candidates_of(all, Role::action);
  for (const Numbers& numbers : all)
    if (!numbers.left_out.empty()) guess.left_out.push_back(numbers.left_out);
  const std::vector<const Numbers*> states = with_role(all, Role::state);
  add_vector(states, "observation.state", "state", guess);
  add_vector(with_role(all, Role::action), "action", "action", guess);

  std::vector<const Topic*> cameras;
  std::vector<CameraFacts> facts;
  std::vector<std::string> topics;
  for (const Topic& topic : survey.topics()) {
    if (!is_camera(topic)) continue;
    CameraFacts found = probe_camera(survey, topic);
    if (!found.taken) {
      guess.left_out.push_back(left_out_line(topic, found));
      continue;
    }
    guess.cameras.push_back({topic.name, topic.type, found.size_text(), ""});
    cameras.push_back(&topic);
    topics.push_back(topic.name);
    facts.push_back(std::move(found));
  }
  const std::vector<std::string> names = camera_names(topics);
  for (std::size_t i = 0; i < cameras.size(); ++i)
    guess.recipe.features.push_back(camera_feature(names[i], *cameras[i], facts[i]));

  if (!cameras.empty()) {
    guess.recipe.timeline.topic = cameras[0]->name;
    guess.recipe.fps = cameras[0]->rate > 0 ? whole_rate(cameras[0]->rate) : static_cast<std::uint32_t>(kDefaultRate);
  } else {
    const double rate = states.size() == 1 ? states[0]->topic->rate : 0;
    guess.recipe.fps = rate > 0 ? whole_rate(std::min(rate, kDefaultRate)) : static_cast<std::uint32_t>(kDefaultRate);
  }
  return guess;
}

}  // namespace bagloom::recipe
