// Layout `generic`: docs/synth.md.
#include "synth/stream.h"
#include "synth/wave.h"

namespace bagloom::synth {
namespace {

void joint_names(std::uint32_t joints, MessageBytes& out) {
  out.u32(joints);
  for (std::uint32_t j = 0; j < joints; ++j) out.string("joint_" + std::to_string(j + 1));
}

}  // namespace

std::vector<Stream> generic_streams(const SynthOptions& options) {
  std::vector<Stream> streams;
  const std::uint32_t joints = options.joints;

  Stream description;
  description.topic = "/robot_description";
  description.type = string_type();
  description.latching = true;
  description.serialise = [](const Moment&, MessageBytes& out) -> Status {
    out.string("<robot name=\"synth\"/>");
    return {};
  };
  streams.push_back(description);

  Stream state;
  state.topic = "/joint_states";
  state.type = joint_state_type();
  state.hz = options.joint_hz;
  state.jitter_ms = options.jitter_ms / 10;
  state.connections = options.state_connections;
  state.serialise = [joints](const Moment& at, MessageBytes& out) -> Status {
    out.header(at.index, at.stamp(), "");
    joint_names(joints, out);
    out.f64_array(joints, [&](std::uint32_t j) { return joint(j, at.tau); });
    out.f64_array(joints, [&](std::uint32_t j) { return joint_velocity(j, at.tau); });
    out.f64_array(joints, [](std::uint32_t j) { return static_cast<double>(j); });
    return {};
  };
  streams.push_back(state);

  Stream command;
  command.topic = "/joint_commands";
  command.type = joint_state_type();
  command.hz = options.joint_hz;
  command.offset = 700'000;
  command.jitter_ms = options.jitter_ms / 10;
  command.serialise = [joints](const Moment& at, MessageBytes& out) -> Status {
    out.header(at.index, at.stamp(), "");
    joint_names(joints, out);
    out.f64_array(joints, [&](std::uint32_t j) { return joint(j, at.tau + kCommandLead); }).u32(0).u32(0);
    return {};
  };
  streams.push_back(command);

  Stream diagnostics;
  diagnostics.topic = "/diagnostics";
  diagnostics.type = string_type();
  diagnostics.hz = 1;
  diagnostics.offset = 500'000'000;
  diagnostics.jitter_ms = options.jitter_ms / 10;
  diagnostics.connections = 2;
  diagnostics.serialise = [](const Moment& at, MessageBytes& out) -> Status {
    out.string("tick " + std::to_string(at.index));
    return {};
  };
  streams.push_back(diagnostics);

  std::vector<CameraName> names;
  for (std::uint32_t k = 0; k < options.cameras; ++k) {
    const std::string name = "camera_" + std::to_string(k);
    names.push_back({"/" + name + (options.raw ? "/image" : "/image/compressed"), name});
  }
  for (Stream& camera : camera_streams(options, names, "jpeg")) streams.push_back(std::move(camera));
  return streams;
}

}  // namespace bagloom::synth
