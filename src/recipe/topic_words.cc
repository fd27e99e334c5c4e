#include "recipe/topic_words.h"

#include <algorithm>
#include <array>
#include <set>
#include <string_view>

namespace bagloom::recipe {
namespace {

bool is_upper(char c) { return c >= 'A' && c <= 'Z'; }
bool is_lower(char c) { return c >= 'a' && c <= 'z'; }
bool is_digit(char c) { return c >= '0' && c <= '9'; }
char lower(char c) { return is_upper(c) ? static_cast<char>(c - 'A' + 'a') : c; }

/// "/armLeft/joint_states2" -> arm, left, joint, states
std::vector<std::string> words_of(const std::string& topic) {
  std::vector<std::string> words(1);
  char before = 0;
  for (const char c : topic) {
    const bool letter = is_upper(c) || is_lower(c);
    if ((!letter || (is_upper(c) && is_lower(before))) && !words.back().empty()) words.emplace_back();
    if (letter) words.back() += lower(c);
    before = c;
  }
  if (words.back().empty()) words.pop_back();
  return words;
}

template <std::size_t N>
bool any_of(const std::vector<std::string>& words, const std::array<std::string_view, N>& known) {
  return std::any_of(words.begin(), words.end(),
                     [&](const std::string& word) { return std::find(known.begin(), known.end(), word) != known.end(); });
}

std::vector<std::string> segments_of(const std::string& topic) {
  std::vector<std::string> segments;
  std::string segment;
  for (const char c : topic + "/") {
    if (c != '/') {
      // A feature's name ends up in paths and column names: letters, digits, `_` and `-` only.
      segment += is_upper(c) || is_lower(c) || is_digit(c) || c == '_' || c == '-' ? c : '_';
    } else if (!segment.empty()) {
      segments.push_back(std::move(segment));
      segment.clear();
    }
  }
  return segments;
}

/// Segments that say "a picture", not "which".
bool says_nothing(const std::string& segment) {
  static constexpr std::array<std::string_view, 15> kNothing{
      "image", "image_raw", "image_color", "image_rect", "image_rect_color", "image_mono", "compressed", "color",
      "rgb",   "raw",       "rect",        "images",     "camera_driver",    "sensors",    "sensor"};
  return std::find(kNothing.begin(), kNothing.end(), segment) != kNothing.end();
}

std::string joined(const std::vector<std::string>& segments) {
  std::string text;
  for (const std::string& segment : segments) text += (text.empty() ? "" : "_") + segment;
  return text;
}

}  // namespace

Role role_of(const std::string& topic) {
  static constexpr std::array<std::string_view, 3> kLeader{"leader", "master", "teleop"};
  static constexpr std::array<std::string_view, 3> kFollower{"follower", "puppet", "slave"};
  static constexpr std::array<std::string_view, 10> kState{"state",    "states",   "observation", "observations", "obs",
                                                           "feedback", "measured", "actual",      "qpos",         "proprio"};
  static constexpr std::array<std::string_view, 13> kAction{"action",   "actions",   "command",  "commands", "cmd",
                                                            "cmds",     "target",    "targets",  "desired",  "goal",
                                                            "setpoint", "setpoints", "reference"};
  const std::vector<std::string> words = words_of(topic);
  const bool leader = any_of(words, kLeader);
  const bool follower = any_of(words, kFollower);
  const bool action = any_of(words, kAction);
  const bool state = any_of(words, kState);
  if (leader != follower) {
    // A follower's command is still a command.
    if (leader) return Role::action;
    return action && !state ? Role::action : Role::state;
  }
  if (action == state) return Role::none;
  return action ? Role::action : Role::state;
}

std::vector<std::string> camera_names(const std::vector<std::string>& topics) {
  std::vector<std::vector<std::string>> all;
  for (const std::string& topic : topics) {
    std::vector<std::string> segments = segments_of(topic);
    std::erase_if(segments, says_nothing);
    all.push_back(std::move(segments));
  }
  // What all have in front tells none from another.
  const auto shared_first = [&] {
    if (all.size() < 2) return false;
    return std::all_of(all.begin(), all.end(), [&](const auto& s) { return s.size() > 1 && s[0] == all[0][0]; });
  };
  while (shared_first()) {
    for (auto& segments : all) segments.erase(segments.begin());
  }
  std::vector<std::string> names;
  std::set<std::string> used;
  for (const auto& segments : all) {
    const std::string base = segments.empty() ? "camera" : joined(segments).substr(0, 100);
    std::string name = base;
    for (int i = 2; !used.insert(name).second; ++i) name = base + "_" + std::to_string(i);
    names.push_back(name);
  }
  return names;
}

}  // namespace bagloom::recipe
