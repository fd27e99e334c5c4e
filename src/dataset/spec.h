// What a dataset looks like: its features and the targets of its files. lerobot-format.md sections 2 and 3.
#pragma once

#include <cstdint>
#include <optional>
#include <string>
#include <vector>

#include "media/depth_quantiser.h"
#include "media/segment_encoder.h"

namespace bagloom::dataset {

struct FeatureSpec {
  std::string name;
  std::vector<std::string> names;                ///< of a vector's elements
  std::uint32_t width = 0;                       ///< elements of a float32 vector; 0 for a camera
  std::optional<media::StreamParameters> video;  ///< cameras
  std::optional<std::int32_t> crf;               ///< for info.json; h264 and av1 only
  bool image = false;                            ///< cameras: files in the tables (LeRobot's dtype `image`), no mp4
  bool recorded = false;                         ///< cameras: packets as recorded, of an encoder that nobody knows
  bool depth = false;                            ///< cameras: one channel, millimetres
  media::DepthRange depth_range{};               ///< depth in an mp4: what its codes stand for
  bool is_camera() const { return video.has_value(); }
  bool is_video() const { return is_camera() && !image; }
  std::uint32_t channels() const { return depth ? 1 : 3; }
};

struct DatasetSpec {
  std::uint32_t fps = 10;
  std::string robot_type;
  std::vector<FeatureSpec> features;  ///< without LeRobot's five default ones
  std::uint64_t chunks_size = 1000;   ///< files a folder
  std::uint64_t data_file_mib = 100;
  std::uint64_t video_file_mib = 200;
};

}  // namespace bagloom::dataset
