#include "convert/expected_size.h"

#include <algorithm>

namespace bagloom::convert {
namespace {

// Bytes a pixel of natural, moving content with a keyframe every 2 pictures at crf 24 (h264) and 30 (av1); halves every 6 (h264)
// or 8 (av1) of crf.
double bytes_a_pixel(const CameraOutput& camera) {
  double bytes = camera.encoder.codec == "av1" ? 0.06 : 0.09;
  const int reference = camera.encoder.codec == "av1" ? 30 : 24;
  const double halving = camera.encoder.codec == "av1" ? 8 : 6;
  for (double step = camera.encoder.crf - reference; step <= -halving; step += halving) bytes *= 2;
  for (double step = camera.encoder.crf - reference; step >= halving; step -= halving) bytes /= 2;
  return bytes;
}

}  // namespace

ExpectedSize expected_size(const JobSetup& setup, std::uint64_t rows, const std::vector<std::uint64_t>& mean_message) {
  // LeRobot's own five columns take 36 bytes a row; Parquet's compression is not counted on.
  const std::uint64_t numbers = rows * (setup.columns->row_width * 4ull + 36);
  std::uint64_t encoded = 0, copied = 0;
  for (const CameraOutput& camera : *setup.cameras) {
    if (camera.copy)
      copied += rows * (camera.column < mean_message.size() ? mean_message[camera.column] : 0);
    else
      encoded += static_cast<std::uint64_t>(static_cast<double>(rows) * camera.stream.width * camera.stream.height *
                                            bytes_a_pixel(camera));
  }
  // Segments are freed as soon as their mp4 is synced: at worst those of one open mp4 a camera and the numbers of one data file.
  const std::uint64_t open_files = setup.cameras->size() * setup.spec.video_file_mib * 1024 * 1024;
  return {numbers + encoded + copied, numbers + std::min(encoded, open_files)};
}

ExpectedSize expected_size(const JobSetup& setup) {
  ExpectedSize sum;
  for (const InputRecording& input : setup.inputs) {
    if (input.failure) continue;
    const std::uint64_t rows = expected_rows(input, setup.recipe);
    // A copied picture cannot be larger than its share of the recording.
    const std::vector<std::uint64_t> mean(
        setup.columns->columns.size(),
        setup.cameras->empty() ? 0
                               : std::min<std::uint64_t>(input.largest_message, input.bytes / rows / setup.cameras->size() + 1));
    const ExpectedSize one = expected_size(setup, rows, mean);
    sum.output += one.output;
    sum.staging += one.staging;
  }
  return sum;
}

}  // namespace bagloom::convert
