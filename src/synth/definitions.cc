#include "synth/definitions.h"

#include <initializer_list>

namespace bagloom::synth {
namespace {

constexpr const char* kHeader = "MSG: std_msgs/Header\nuint32 seq\ntime stamp\nstring frame_id\n";
constexpr const char* kVector3 = "MSG: geometry_msgs/Vector3\nfloat64 x\nfloat64 y\nfloat64 z\n";
constexpr const char* kQuaternion = "MSG: geometry_msgs/Quaternion\nfloat64 x\nfloat64 y\nfloat64 z\nfloat64 w\n";
constexpr const char* kJointData =
    "MSG: kuavo_msgs/jointData\nfloat64[] joint_q\nfloat64[] joint_v\nfloat64[] joint_vd\nfloat64[] joint_torque\n";
constexpr const char* kImuData =
    "MSG: kuavo_msgs/imuData\ngeometry_msgs/Vector3 gyro\ngeometry_msgs/Vector3 acc\ngeometry_msgs/Vector3 free_acc\n"
    "geometry_msgs/Quaternion quat\n";
constexpr const char* kEndEffectorData =
    "MSG: kuavo_msgs/endEffectorData\nstring[] name\nfloat64[] position\nfloat64[] velocity\nfloat64[] effort\n";

/// The top-level text, then each needed type behind a line of 80 '=' (bag-formats.md 2.1).
std::string text(std::string top, std::initializer_list<const char*> needed) {
  for (const char* section : needed) top += "\n" + std::string(80, '=') + "\n" + section;
  return top;
}

}  // namespace

const TypeText& string_type() {
  static const TypeText type{"std_msgs/String", "992ce8a1687cec8c8bd883ec73ca41d1", "string data\n"};
  return type;
}
const TypeText& bool_type() {
  static const TypeText type{"std_msgs/Bool", "8b94c1b53db61fb6aed406028ad6332a", "bool data\n"};
  return type;
}
const TypeText& joint_state_type() {
  static const TypeText type{
      "sensor_msgs/JointState", "3066dcd76a6cfaef579bd0f34173e9fd",
      text("std_msgs/Header header\nstring[] name\nfloat64[] position\nfloat64[] velocity\nfloat64[] effort\n", {kHeader})};
  return type;
}
const TypeText& compressed_image_type() {
  static const TypeText type{"sensor_msgs/CompressedImage", "8f7a12909da2c9d3332d540a0977563f",
                             text("std_msgs/Header header\nstring format\nuint8[] data\n", {kHeader})};
  return type;
}
const TypeText& image_type() {
  static const TypeText type{
      "sensor_msgs/Image", "060021388200f6f0f447d0fcd9c64743",
      text(
          "std_msgs/Header header\nuint32 height\nuint32 width\nstring encoding\nuint8 is_bigendian\nuint32 step\nuint8[] data\n",
          {kHeader})};
  return type;
}
const TypeText& compressed_video_type() {
  static const TypeText type{"foxglove_msgs/CompressedVideo", "c5ea945275bc0729ed72f42e057a67bd",
                             "time timestamp\nstring frame_id\nuint8[] data\nstring format\n"};
  return type;
}
const TypeText& sensors_data_type() {
  static const TypeText type{
      "kuavo_msgs/sensorsData", "35fff741b8e115992c1ac46e99c1084f",
      text("std_msgs/Header header\ntime sensor_time\nkuavo_msgs/jointData joint_data\nkuavo_msgs/imuData imu_data\n"
           "kuavo_msgs/endEffectorData end_effector_data\n",
           {kHeader, kJointData, kImuData, kVector3, kQuaternion, kEndEffectorData})};
  return type;
}
const TypeText& joint_command_type() {
  static const TypeText type{
      "kuavo_msgs/jointCmd", "9ed16f87b9f90b25cdeeb417f3c21f9e",
      text("std_msgs/Header header\nfloat64[] joint_q\nfloat64[] joint_v\nfloat64[] tau\nfloat64[] tau_max\nfloat64[] tau_ratio\n"
           "float64[] joint_kp\nfloat64[] joint_kd\nint32[] control_modes\n",
           {kHeader})};
  return type;
}
const TypeText& claw_state_type() {
  static const TypeText type{
      "kuavo_msgs/lejuClawState", "71c0eb8f4803a00f5667de51a2f70aac",
      text("std_msgs/Header header\nint8 kError = -1\nint8 kUnknown = 0\nint8 kMoving = 1\nint8 kReached = 2\nint8 kGrabbed = 3\n"
           "int8[] state # 0: left, 1: right\nkuavo_msgs/endEffectorData data\n",
           {kHeader, kEndEffectorData})};
  return type;
}
const TypeText& claw_command_type() {
  static const TypeText type{"kuavo_msgs/lejuClawCommand", "57c40e80f90e7a289ae0b2488552e043",
                             text("std_msgs/Header header\nkuavo_msgs/endEffectorData data\n", {kHeader, kEndEffectorData})};
  return type;
}

}  // namespace bagloom::synth
