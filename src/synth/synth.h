// A robot-like recording made from nothing but a seed: for the demo, for tests, for benchmarks.
#pragma once

#include <cstdint>
#include <functional>
#include <optional>
#include <string>
#include <utility>
#include <vector>

#include "bag/rosbag1_writer.h"
#include "base/result.h"
#include "base/time.h"
#include "media/stream_packet.h"

namespace bagloom::synth {

struct SynthOptions {
  double seconds = 20;
  std::uint32_t cameras = 3;
  std::uint32_t width = 640, height = 480;
  double camera_hz = 30;
  double joint_hz = 200;  ///< 100 to 500
  std::uint32_t joints = 7;
  int quality = 90;  ///< of the JPEGs
  std::uint64_t seed = 1;
  double jitter_ms = 1.2;                       ///< standard deviation of each stamp
  double drop = 0;                              ///< share of camera messages that are missing, 0..1
  std::vector<std::pair<double, double>> gaps;  ///< seconds [from, to) without any camera message of camera 0
  std::vector<std::uint64_t> corrupt;           ///< frame numbers of camera 0 whose JPEG is cut in half
  std::string layout =
      "generic";     ///< generic: /joint_states, /joint_commands, /camera_K/image/compressed; kuavo: Kuavo's topics and types
  bool raw = false;  ///< sensor_msgs/Image rgb8 instead of JPEG
  media::StreamCodec video = media::StreamCodec::none;  ///< foxglove_msgs/CompressedVideo of this codec instead of JPEG
  std::uint32_t gop = 30;                               ///< of video: pictures from keyframe to keyframe
  std::uint32_t state_connections = 1;                  ///< generic: /joint_states comes on this many connections in turn
  TimeNs start = 1'760'152'997'000'000'000;
  bag::Rosbag1WriterOptions bag;
  std::function<bool()> stop;  ///< asked between messages; true ends the run with Error(stopped)
};

struct SynthReport {
  std::uint64_t messages = 0, bytes = 0;
  std::vector<std::string> topics;
};

/// Writes the recording that docs/synth.md describes; replaces a file that stands at `path`. Same options, same bytes.
/// `progress` gets seconds of recording written. Errors: invalid (an option out of range, named), io, temporary, stopped; a file
/// that could not be finished is removed.
Result<SynthReport> write_synth_bag(const std::string& path, const SynthOptions& options,
                                    const std::function<void(double)>& progress = {});

/// The pattern that each picture carries: camera (0..15) and frame number (0..65535) in black and white squares with a checksum,
/// large enough to survive encoding and scaling down to a quarter (docs/synth.md). Gives nothing where no valid pattern stands.
/// `rgb` is width * height * 3 bytes, no padding.
struct PatternContent {
  std::uint32_t camera = 0, frame = 0;
};
std::optional<PatternContent> read_pattern(const std::uint8_t* rgb, std::uint32_t width, std::uint32_t height);

}  // namespace bagloom::synth
