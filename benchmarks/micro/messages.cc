// Bytes of messages to numbers and pictures.
#include <span>
#include <vector>

#include "base/bytes.h"
#include "measured.h"
#include "msg/extractor.h"

namespace {

using namespace bagloom;

constexpr std::uint32_t kJoints = 28;
constexpr const char* kJointState =
    "Header header\nstring[] name\nfloat64[] position\nfloat64[] velocity\nfloat64[] effort\n"
    "================================================================================\n"
    "MSG: std_msgs/Header\nuint32 seq\ntime stamp\nstring frame_id\n";
constexpr const char* kCompressedImage =
    "Header header\nstring format\nuint8[] data\n"
    "================================================================================\n"
    "MSG: std_msgs/Header\nuint32 seq\ntime stamp\nstring frame_id\n";

void put_number(std::vector<std::byte>& out, std::uint64_t value, int bytes) {
  for (int i = 0; i < bytes; ++i) out.push_back(static_cast<std::byte>(value >> (8 * i)));
}

void put_text(std::vector<std::byte>& out, const std::string& text) {
  put_number(out, text.size(), 4);
  out.insert(out.end(), as_bytes(text).begin(), as_bytes(text).end());
}

std::vector<std::byte> header() {
  std::vector<std::byte> out;
  put_number(out, 1, 4);
  put_number(out, 2, 4);
  put_number(out, 3, 4);
  put_text(out, "base_link");
  return out;
}

std::vector<std::byte> joint_state() {
  std::vector<std::byte> out = header();
  put_number(out, kJoints, 4);
  for (std::uint32_t i = 0; i < kJoints; ++i) put_text(out, "joint_" + std::to_string(i));
  for (int array = 0; array < 3; ++array) {
    put_number(out, kJoints, 4);
    for (std::uint32_t i = 0; i < kJoints; ++i) put_number(out, 0x3fe0'0000'0000'0000u + i, 8);
  }
  return out;
}

/// 28 positions: by range (0), or by the joints' names (1).
void extract_joints(benchmark::State& state) {
  const auto definition = msg::parse_ros1_definition("sensor_msgs/JointState", kJointState);
  if (!micro::good(state, definition)) return;
  msg::NumberSelection selection;
  const auto path = msg::parse_field_path(state.range(0) == 0 ? "position[0:28]" : "position");
  if (!micro::good(state, path)) return;
  selection.path = *path;
  if (state.range(0) == 1) {
    for (std::uint32_t i = kJoints; i > 0; --i) selection.names.push_back("joint_" + std::to_string(i - 1));
  }
  const auto extractor = msg::NumberExtractor::compile(*definition, {selection});
  if (!micro::good(state, extractor)) return;
  const auto message = joint_state();
  std::vector<double> numbers(extractor->width());
  for (auto _ : state) {
    if (!micro::good(state, extractor->run(message, numbers))) return;
    benchmark::DoNotOptimize(numbers.data());
  }
  micro::count(state, "messages", 1);
}
BENCHMARK(extract_joints)->ArgName("by_name")->Arg(0)->Arg(1);

void extract_picture(benchmark::State& state) {
  const auto definition = msg::parse_ros1_definition("sensor_msgs/CompressedImage", kCompressedImage);
  if (!micro::good(state, definition)) return;
  const auto extractor = msg::PictureExtractor::compile(*definition);
  if (!micro::good(state, extractor)) return;
  auto message = header();
  put_text(message, "jpeg");
  put_text(message, std::string(60'000, 'x'));
  for (auto _ : state) {
    const auto picture = extractor->run(message);
    if (!micro::good(state, picture)) return;
    benchmark::DoNotOptimize(picture->data.data());
  }
  micro::count(state, "messages", 1);
}
BENCHMARK(extract_picture);

}  // namespace
