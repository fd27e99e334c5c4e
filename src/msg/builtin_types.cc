// The fields of the common packages' messages, as ROS 2 has had them since foxy (jazzy has added a few types). Types whose fields
// have changed in that time are left out, but for sensor_msgs/Range, which has only grown at its end.
#include <algorithm>
#include <array>

#include "msg/definition_set.h"

namespace bagloom::msg {
namespace {

struct BuiltinType {
  std::string_view name;
  const char* fields;
};

// Sorted by name.
constexpr BuiltinType kTypes[] = {
    {"builtin_interfaces/Duration", "int32 sec\nuint32 nanosec"},
    {"builtin_interfaces/Time", "int32 sec\nuint32 nanosec"},
    {"control_msgs/DynamicJointState",
     "std_msgs/Header header\nstring[] joint_names\ncontrol_msgs/InterfaceValue[] interface_values"},
    {"control_msgs/GripperCommand", "float64 position\nfloat64 max_effort"},
    {"control_msgs/InterfaceValue", "string[] interface_names\nfloat64[] values"},
    {"control_msgs/JointControllerState",
     "std_msgs/Header header\nfloat64 set_point\nfloat64 process_value\nfloat64 process_value_dot\nfloat64 error\nfloat64 "
     "time_step\nfloat64 command\nfloat64 p\nfloat64 i\nfloat64 d\nfloat64 i_clamp\nbool antiwindup"},
    {"control_msgs/JointJog",
     "std_msgs/Header header\nstring[] joint_names\nfloat64[] displacements\nfloat64[] velocities\nfloat64 duration"},
    {"control_msgs/JointTolerance", "string name\nfloat64 position\nfloat64 velocity\nfloat64 acceleration"},
    {"control_msgs/MultiDOFCommand", "string[] dof_names\nfloat64[] values\nfloat64[] values_dot"},
    {"control_msgs/PidState",
     "std_msgs/Header header\nbuiltin_interfaces/Duration timestep\nfloat64 error\nfloat64 error_dot\nfloat64 p_error\nfloat64 "
     "i_error\nfloat64 d_error\nfloat64 p_term\nfloat64 i_term\nfloat64 d_term\nfloat64 i_max\nfloat64 i_min\nfloat64 output"},
    {"ffmpeg_image_transport_msgs/FFMPEGPacket",
     "std_msgs/Header header\nint32 width\nint32 height\nstring encoding\nuint64 pts\nuint8 flags\nbool is_bigendian\nuint8[] "
     "data"},
    {"foxglove_msgs/CameraCalibration",
     "builtin_interfaces/Time timestamp\nstring frame_id\nuint32 width\nuint32 height\nstring distortion_model\nfloat64[] "
     "d\nfloat64[9] k\nfloat64[9] r\nfloat64[12] p"},
    {"foxglove_msgs/CompressedImage", "builtin_interfaces/Time timestamp\nstring frame_id\nuint8[] data\nstring format"},
    {"foxglove_msgs/CompressedVideo", "builtin_interfaces/Time timestamp\nstring frame_id\nuint8[] data\nstring format"},
    {"foxglove_msgs/FrameTransform",
     "builtin_interfaces/Time timestamp\nstring parent_frame_id\nstring child_frame_id\ngeometry_msgs/Vector3 "
     "translation\ngeometry_msgs/Quaternion rotation"},
    {"foxglove_msgs/FrameTransforms", "foxglove_msgs/FrameTransform[] transforms"},
    {"foxglove_msgs/PoseInFrame", "builtin_interfaces/Time timestamp\nstring frame_id\ngeometry_msgs/Pose pose"},
    {"foxglove_msgs/PosesInFrame", "builtin_interfaces/Time timestamp\nstring frame_id\ngeometry_msgs/Pose[] poses"},
    {"foxglove_msgs/RawImage",
     "builtin_interfaces/Time timestamp\nstring frame_id\nuint32 width\nuint32 height\nstring encoding\nuint32 step\nuint8[] "
     "data"},
    {"geometry_msgs/Accel", "geometry_msgs/Vector3 linear\ngeometry_msgs/Vector3 angular"},
    {"geometry_msgs/AccelStamped", "std_msgs/Header header\ngeometry_msgs/Accel accel"},
    {"geometry_msgs/AccelWithCovariance", "geometry_msgs/Accel accel\nfloat64[36] covariance"},
    {"geometry_msgs/AccelWithCovarianceStamped", "std_msgs/Header header\ngeometry_msgs/AccelWithCovariance accel"},
    {"geometry_msgs/Inertia",
     "float64 m\ngeometry_msgs/Vector3 com\nfloat64 ixx\nfloat64 ixy\nfloat64 ixz\nfloat64 iyy\nfloat64 iyz\nfloat64 izz"},
    {"geometry_msgs/InertiaStamped", "std_msgs/Header header\ngeometry_msgs/Inertia inertia"},
    {"geometry_msgs/Point", "float64 x\nfloat64 y\nfloat64 z"},
    {"geometry_msgs/Point32", "float32 x\nfloat32 y\nfloat32 z"},
    {"geometry_msgs/PointStamped", "std_msgs/Header header\ngeometry_msgs/Point point"},
    {"geometry_msgs/Polygon", "geometry_msgs/Point32[] points"},
    {"geometry_msgs/PolygonInstance", "geometry_msgs/Polygon polygon\nint64 id"},
    {"geometry_msgs/PolygonInstanceStamped", "std_msgs/Header header\ngeometry_msgs/PolygonInstance polygon"},
    {"geometry_msgs/PolygonStamped", "std_msgs/Header header\ngeometry_msgs/Polygon polygon"},
    {"geometry_msgs/Pose", "geometry_msgs/Point position\ngeometry_msgs/Quaternion orientation"},
    {"geometry_msgs/Pose2D", "float64 x\nfloat64 y\nfloat64 theta"},
    {"geometry_msgs/PoseArray", "std_msgs/Header header\ngeometry_msgs/Pose[] poses"},
    {"geometry_msgs/PoseStamped", "std_msgs/Header header\ngeometry_msgs/Pose pose"},
    {"geometry_msgs/PoseWithCovariance", "geometry_msgs/Pose pose\nfloat64[36] covariance"},
    {"geometry_msgs/PoseWithCovarianceStamped", "std_msgs/Header header\ngeometry_msgs/PoseWithCovariance pose"},
    {"geometry_msgs/Quaternion", "float64 x\nfloat64 y\nfloat64 z\nfloat64 w"},
    {"geometry_msgs/QuaternionStamped", "std_msgs/Header header\ngeometry_msgs/Quaternion quaternion"},
    {"geometry_msgs/Transform", "geometry_msgs/Vector3 translation\ngeometry_msgs/Quaternion rotation"},
    {"geometry_msgs/TransformStamped", "std_msgs/Header header\nstring child_frame_id\ngeometry_msgs/Transform transform"},
    {"geometry_msgs/Twist", "geometry_msgs/Vector3 linear\ngeometry_msgs/Vector3 angular"},
    {"geometry_msgs/TwistStamped", "std_msgs/Header header\ngeometry_msgs/Twist twist"},
    {"geometry_msgs/TwistWithCovariance", "geometry_msgs/Twist twist\nfloat64[36] covariance"},
    {"geometry_msgs/TwistWithCovarianceStamped", "std_msgs/Header header\ngeometry_msgs/TwistWithCovariance twist"},
    {"geometry_msgs/Vector3", "float64 x\nfloat64 y\nfloat64 z"},
    {"geometry_msgs/Vector3Stamped", "std_msgs/Header header\ngeometry_msgs/Vector3 vector"},
    {"geometry_msgs/VelocityStamped",
     "std_msgs/Header header\nstring body_frame_id\nstring reference_frame_id\ngeometry_msgs/Twist velocity"},
    {"geometry_msgs/Wrench", "geometry_msgs/Vector3 force\ngeometry_msgs/Vector3 torque"},
    {"geometry_msgs/WrenchStamped", "std_msgs/Header header\ngeometry_msgs/Wrench wrench"},
    {"nav_msgs/GridCells", "std_msgs/Header header\nfloat32 cell_width\nfloat32 cell_height\ngeometry_msgs/Point[] cells"},
    {"nav_msgs/MapMetaData",
     "builtin_interfaces/Time map_load_time\nfloat32 resolution\nuint32 width\nuint32 height\ngeometry_msgs/Pose origin"},
    {"nav_msgs/OccupancyGrid", "std_msgs/Header header\nnav_msgs/MapMetaData info\nint8[] data"},
    {"nav_msgs/Odometry",
     "std_msgs/Header header\nstring child_frame_id\ngeometry_msgs/PoseWithCovariance pose\ngeometry_msgs/TwistWithCovariance "
     "twist"},
    {"nav_msgs/Path", "std_msgs/Header header\ngeometry_msgs/PoseStamped[] poses"},
    {"sensor_msgs/BatteryState",
     "std_msgs/Header header\nfloat32 voltage\nfloat32 temperature\nfloat32 current\nfloat32 charge\nfloat32 capacity\nfloat32 "
     "design_capacity\nfloat32 percentage\nuint8 power_supply_status\nuint8 power_supply_health\nuint8 "
     "power_supply_technology\nbool present\nfloat32[] cell_voltage\nfloat32[] cell_temperature\nstring location\nstring "
     "serial_number"},
    {"sensor_msgs/CameraInfo",
     "std_msgs/Header header\nuint32 height\nuint32 width\nstring distortion_model\nfloat64[] d\nfloat64[9] k\nfloat64[9] "
     "r\nfloat64[12] p\nuint32 binning_x\nuint32 binning_y\nsensor_msgs/RegionOfInterest roi"},
    {"sensor_msgs/ChannelFloat32", "string name\nfloat32[] values"},
    {"sensor_msgs/CompressedImage", "std_msgs/Header header\nstring format\nuint8[] data"},
    {"sensor_msgs/FluidPressure", "std_msgs/Header header\nfloat64 fluid_pressure\nfloat64 variance"},
    {"sensor_msgs/Illuminance", "std_msgs/Header header\nfloat64 illuminance\nfloat64 variance"},
    {"sensor_msgs/Image",
     "std_msgs/Header header\nuint32 height\nuint32 width\nstring encoding\nuint8 is_bigendian\nuint32 step\nuint8[] data"},
    {"sensor_msgs/Imu",
     "std_msgs/Header header\ngeometry_msgs/Quaternion orientation\nfloat64[9] orientation_covariance\ngeometry_msgs/Vector3 "
     "angular_velocity\nfloat64[9] angular_velocity_covariance\ngeometry_msgs/Vector3 linear_acceleration\nfloat64[9] "
     "linear_acceleration_covariance"},
    {"sensor_msgs/JointState", "std_msgs/Header header\nstring[] name\nfloat64[] position\nfloat64[] velocity\nfloat64[] effort"},
    {"sensor_msgs/Joy", "std_msgs/Header header\nfloat32[] axes\nint32[] buttons"},
    {"sensor_msgs/JoyFeedback", "uint8 type\nuint8 id\nfloat32 intensity"},
    {"sensor_msgs/JoyFeedbackArray", "sensor_msgs/JoyFeedback[] array"},
    {"sensor_msgs/LaserEcho", "float32[] echoes"},
    {"sensor_msgs/LaserScan",
     "std_msgs/Header header\nfloat32 angle_min\nfloat32 angle_max\nfloat32 angle_increment\nfloat32 time_increment\nfloat32 "
     "scan_time\nfloat32 range_min\nfloat32 range_max\nfloat32[] ranges\nfloat32[] intensities"},
    {"sensor_msgs/MagneticField",
     "std_msgs/Header header\ngeometry_msgs/Vector3 magnetic_field\nfloat64[9] magnetic_field_covariance"},
    {"sensor_msgs/MultiDOFJointState",
     "std_msgs/Header header\nstring[] joint_names\ngeometry_msgs/Transform[] transforms\ngeometry_msgs/Twist[] "
     "twist\ngeometry_msgs/Wrench[] wrench"},
    {"sensor_msgs/MultiEchoLaserScan",
     "std_msgs/Header header\nfloat32 angle_min\nfloat32 angle_max\nfloat32 angle_increment\nfloat32 time_increment\nfloat32 "
     "scan_time\nfloat32 range_min\nfloat32 range_max\nsensor_msgs/LaserEcho[] ranges\nsensor_msgs/LaserEcho[] intensities"},
    {"sensor_msgs/NavSatFix",
     "std_msgs/Header header\nsensor_msgs/NavSatStatus status\nfloat64 latitude\nfloat64 longitude\nfloat64 altitude\nfloat64[9] "
     "position_covariance\nuint8 position_covariance_type"},
    {"sensor_msgs/NavSatStatus", "int8 status\nuint16 service"},
    {"sensor_msgs/PointCloud", "std_msgs/Header header\ngeometry_msgs/Point32[] points\nsensor_msgs/ChannelFloat32[] channels"},
    {"sensor_msgs/PointCloud2",
     "std_msgs/Header header\nuint32 height\nuint32 width\nsensor_msgs/PointField[] fields\nbool is_bigendian\nuint32 "
     "point_step\nuint32 row_step\nuint8[] data\nbool is_dense"},
    {"sensor_msgs/PointField", "string name\nuint32 offset\nuint8 datatype\nuint32 count"},
    {"sensor_msgs/Range",
     "std_msgs/Header header\nuint8 radiation_type\nfloat32 field_of_view\nfloat32 min_range\nfloat32 max_range\nfloat32 range"},
    {"sensor_msgs/RegionOfInterest", "uint32 x_offset\nuint32 y_offset\nuint32 height\nuint32 width\nbool do_rectify"},
    {"sensor_msgs/RelativeHumidity", "std_msgs/Header header\nfloat64 relative_humidity\nfloat64 variance"},
    {"sensor_msgs/Temperature", "std_msgs/Header header\nfloat64 temperature\nfloat64 variance"},
    {"sensor_msgs/TimeReference", "std_msgs/Header header\nbuiltin_interfaces/Time time_ref\nstring source"},
    {"std_msgs/Bool", "bool data"},
    {"std_msgs/Byte", "byte data"},
    {"std_msgs/ByteMultiArray", "std_msgs/MultiArrayLayout layout\nbyte[] data"},
    {"std_msgs/Char", "char data"},
    {"std_msgs/ColorRGBA", "float32 r\nfloat32 g\nfloat32 b\nfloat32 a"},
    {"std_msgs/Empty", ""},
    {"std_msgs/Float32", "float32 data"},
    {"std_msgs/Float32MultiArray", "std_msgs/MultiArrayLayout layout\nfloat32[] data"},
    {"std_msgs/Float64", "float64 data"},
    {"std_msgs/Float64MultiArray", "std_msgs/MultiArrayLayout layout\nfloat64[] data"},
    {"std_msgs/Header", "builtin_interfaces/Time stamp\nstring frame_id"},
    {"std_msgs/Int16", "int16 data"},
    {"std_msgs/Int16MultiArray", "std_msgs/MultiArrayLayout layout\nint16[] data"},
    {"std_msgs/Int32", "int32 data"},
    {"std_msgs/Int32MultiArray", "std_msgs/MultiArrayLayout layout\nint32[] data"},
    {"std_msgs/Int64", "int64 data"},
    {"std_msgs/Int64MultiArray", "std_msgs/MultiArrayLayout layout\nint64[] data"},
    {"std_msgs/Int8", "int8 data"},
    {"std_msgs/Int8MultiArray", "std_msgs/MultiArrayLayout layout\nint8[] data"},
    {"std_msgs/MultiArrayDimension", "string label\nuint32 size\nuint32 stride"},
    {"std_msgs/MultiArrayLayout", "std_msgs/MultiArrayDimension[] dim\nuint32 data_offset"},
    {"std_msgs/String", "string data"},
    {"std_msgs/UInt16", "uint16 data"},
    {"std_msgs/UInt16MultiArray", "std_msgs/MultiArrayLayout layout\nuint16[] data"},
    {"std_msgs/UInt32", "uint32 data"},
    {"std_msgs/UInt32MultiArray", "std_msgs/MultiArrayLayout layout\nuint32[] data"},
    {"std_msgs/UInt64", "uint64 data"},
    {"std_msgs/UInt64MultiArray", "std_msgs/MultiArrayLayout layout\nuint64[] data"},
    {"std_msgs/UInt8", "uint8 data"},
    {"std_msgs/UInt8MultiArray", "std_msgs/MultiArrayLayout layout\nuint8[] data"},
    {"tf2_msgs/TF2Error", "uint8 error\nstring error_string"},
    {"tf2_msgs/TFMessage", "geometry_msgs/TransformStamped[] transforms"},
    {"trajectory_msgs/JointTrajectory",
     "std_msgs/Header header\nstring[] joint_names\ntrajectory_msgs/JointTrajectoryPoint[] points"},
    {"trajectory_msgs/JointTrajectoryPoint",
     "float64[] positions\nfloat64[] velocities\nfloat64[] accelerations\nfloat64[] effort\nbuiltin_interfaces/Duration "
     "time_from_start"},
    {"trajectory_msgs/MultiDOFJointTrajectory",
     "std_msgs/Header header\nstring[] joint_names\ntrajectory_msgs/MultiDOFJointTrajectoryPoint[] points"},
    {"trajectory_msgs/MultiDOFJointTrajectoryPoint",
     "geometry_msgs/Transform[] transforms\ngeometry_msgs/Twist[] velocities\ngeometry_msgs/Twist[] "
     "accelerations\nbuiltin_interfaces/Duration time_from_start"},
};

}  // namespace

const char* builtin_type(std::string_view type) {
  const auto* const found = std::lower_bound(std::begin(kTypes), std::end(kTypes), type,
                                             [](const BuiltinType& entry, std::string_view name) { return entry.name < name; });
  return found != std::end(kTypes) && found->name == type ? found->fields : nullptr;
}

std::vector<std::string_view> builtin_types() {
  std::vector<std::string_view> names;
  for (const BuiltinType& type : kTypes) names.push_back(type.name);
  return names;
}

}  // namespace bagloom::msg
