#include "convert/unit_tasks.h"

#include <algorithm>
#include <cmath>

#include "media/parameter_sets.h"

namespace bagloom::convert {

std::vector<std::uint64_t> sampled_rows(std::uint64_t episode_rows) {
  std::uint64_t count = episode_rows;
  if (episode_rows >= 100) {
    const auto wanted = static_cast<std::uint64_t>(std::floor(std::pow(static_cast<double>(episode_rows), 0.75)));
    count = std::max<std::uint64_t>(100, std::min<std::uint64_t>(wanted, 10'000));
  }
  std::vector<std::uint64_t> rows;
  for (std::uint64_t i = 0; i < count; ++i)
    rows.push_back(count < 2
                       ? 0
                       : static_cast<std::uint64_t>(std::nearbyint(
                             static_cast<double>(i) * static_cast<double>(episode_rows - 1) / static_cast<double>(count - 1))));
  return rows;
}

std::string unit_text(const RecordingWork& work, std::optional<std::uint32_t> camera, const TaskRows& rows) {
  const std::string what = camera ? "segment " + work.columns->columns[(*work.cameras)[*camera].column].feature : "numbers";
  return what + ", rows " + std::to_string(rows.first_row) + "-" +
         std::to_string(rows.first_row + std::max<std::uint64_t>(1, rows.ticks.size()) - 1);
}

// A task's buffers and its share of the heap's slack.
constexpr std::uint64_t kTaskSlack = 256 * 1024;

// What 65,536 whole numbers become, and how often each distance occurs.
constexpr std::uint64_t kDepthTables = 65536 * (2 + 8);

std::uint64_t row_task_bytes(std::uint64_t largest_message, std::uint64_t chunk_bytes, std::uint32_t row_width) {
  return kTaskSlack + largest_message + chunk_bytes + align::kGridTicks * row_width * (sizeof(float) + sizeof(double));
}

std::uint64_t segment_task_bytes(const CameraOutput& camera, const CameraShape& source, std::uint64_t largest_message,
                                 std::uint64_t chunk_bytes) {
  const std::uint32_t width = camera.stream.width, height = camera.stream.height;
  return sample_task_bytes(camera, source, largest_message, chunk_bytes) +
         media::encoder_bytes(camera.encoder.codec, width, height, camera.encoder.format);
}

std::uint64_t copy_task_bytes(std::uint64_t largest_message, std::uint64_t chunk_bytes) {
  return kTaskSlack + largest_message + chunk_bytes;
}

std::uint64_t sample_task_bytes(const CameraOutput& camera, const CameraShape& source, std::uint64_t largest_message,
                                std::uint64_t chunk_bytes) {
  const std::uint32_t width = camera.stream.width, height = camera.stream.height;
  // A packet is read and given to the decoder beside its message; the decoder's bytes have its picture, and nothing is scaled.
  const std::uint64_t sets = camera.video == media::StreamCodec::none ? 0 : media::kMostParameterSetBytes;
  if (camera.packets) return kTaskSlack + 2 * largest_message + sets + chunk_bytes + source.decoding_bytes;
  // The scaled picture is the one that is given to the encoder; copy has none.
  return kTaskSlack + largest_message + sets + chunk_bytes + source.decoding_bytes +
         media::decoder_bytes(source.width, source.height, width, height, source.format) -
         media::picture_bytes(media::PixelFormat::yuv420p, width, height) + (camera.depth ? kDepthTables : 0);
}

}  // namespace bagloom::convert
