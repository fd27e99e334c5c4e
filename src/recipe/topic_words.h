// What topic names say. Internal to recipe/.
#pragma once

#include <string>
#include <vector>

namespace bagloom::recipe {

enum class Role { none, state, action };

/// By the words of the name: state, feedback, measured ... or command, target, desired .... "leader" and "follower" (two arms of
/// the same messages) weigh more than the others; a name that says both says nothing.
Role role_of(const std::string& topic);

/// Short names for cameras, one a topic, all different: "/cam_left/color/image_raw/compressed" is "cam_left".
std::vector<std::string> camera_names(const std::vector<std::string>& topics);

}  // namespace bagloom::recipe
