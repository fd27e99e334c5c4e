// Layout `kuavo`: docs/synth.md; topics, types and rates of bag-formats.md section 8.
#include <array>

#include "synth/stream.h"
#include "synth/wave.h"

namespace bagloom::synth {
namespace {

constexpr std::uint32_t kJoints = 28, kArmJoints = 14;

Stream stream(const SynthOptions& options, std::string topic, const TypeText& type, double hz, TimeNs offset) {
  Stream made;
  made.topic = std::move(topic);
  made.type = type;
  made.hz = hz;
  made.offset = offset;
  made.jitter_ms = options.jitter_ms / 10;
  return made;
}

Status sensors_data(const Moment& at, MessageBytes& out) {
  out.header(at.index, at.stamp(), "").time(at.stamp());
  out.f64_array(kJoints, [&](std::uint32_t j) { return joint(j, at.tau); });
  out.f64_array(kJoints, [&](std::uint32_t j) { return joint_velocity(j, at.tau); });
  out.f64_constant(kJoints, 0).f64_constant(kJoints, 1);
  out.f64(0).f64(0).f64(0);         // gyro
  out.f64(0).f64(0).f64(9.81);      // acc
  out.f64(0).f64(0).f64(0);         // free_acc
  out.f64(0).f64(0).f64(0).f64(1);  // quat
  out.u32(0).u32(0).u32(0).u32(0);  // end_effector_data: empty in the recordings seen
  return {};
}

Status joint_command(const Moment& at, MessageBytes& out) {
  out.header(at.index, at.stamp(), "");
  out.f64_array(kJoints, [&](std::uint32_t j) { return joint(j, at.tau + kCommandLead); });
  for (int array = 0; array < 6; ++array) out.f64_constant(kJoints, 0);
  out.u32(kJoints);
  for (std::uint32_t j = 0; j < kJoints; ++j) out.u32(2);  // control_modes
  return {};
}

Status arm_trajectory(const Moment& at, MessageBytes& out) {
  out.header(at.index, at.stamp(), "").u32(kArmJoints);
  for (std::uint32_t k = 0; k < kArmJoints; ++k) out.string("arm_joint_" + std::to_string(k + 1));
  out.f64_array(kArmJoints, [&](std::uint32_t k) { return arm(k, at.tau); }).u32(0).u32(0);
  return {};
}

void claw_data(TimeNs tau, MessageBytes& out) {
  out.u32(2).string("left_claw").string("right_claw");
  out.f64_array(2, [&](std::uint32_t side) { return claw(side, tau); }).f64_constant(2, 50).f64_constant(2, 1);
}
Status claw_state(const Moment& at, MessageBytes& out) {
  out.header(at.index, at.stamp(), "").u32(2).u8(2).u8(2);
  claw_data(at.tau, out);
  return {};
}
Status claw_command(const Moment& at, MessageBytes& out) {
  out.header(at.index, at.stamp(), "");
  claw_data(at.tau + kCommandLead, out);
  return {};
}

}  // namespace

std::vector<Stream> kuavo_streams(const SynthOptions& options) {
  std::vector<Stream> streams;
  Stream status = stream(options, "/recording_status", bool_type(), 0, 0);
  status.latching = true;
  status.serialise = [](const Moment&, MessageBytes& out) -> Status {
    out.u8(1);
    return {};
  };
  streams.push_back(std::move(status));
  const auto add = [&](const char* topic, const TypeText& type, double hz, TimeNs offset,
                       Status (*serialise)(const Moment&, MessageBytes&)) {
    streams.push_back(stream(options, topic, type, hz, offset));
    streams.back().serialise = serialise;
  };
  add("/sensors_data_raw", sensors_data_type(), options.joint_hz, 0, sensors_data);
  add("/joint_cmd", joint_command_type(), options.joint_hz, 700'000, joint_command);
  add("/kuavo_arm_traj", joint_state_type(), 100, 0, arm_trajectory);
  add("/leju_claw_state", claw_state_type(), 250, 0, claw_state);
  add("/leju_claw_command", claw_command_type(), 100, 2'000'000, claw_command);

  constexpr std::array kCameras{"h", "l", "r"};
  std::vector<CameraName> names;
  for (std::uint32_t k = 0; k < options.cameras && k < kCameras.size(); ++k) {
    const std::string name = kCameras[k];
    names.push_back({"/cam_" + name + "/color/image_raw" + (options.raw ? "" : "/compressed"), name});
  }
  for (Stream& camera : camera_streams(options, names, "rgb8; jpeg compressed bgr8")) streams.push_back(std::move(camera));
  return streams;
}

}  // namespace bagloom::synth
