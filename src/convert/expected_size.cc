#include "convert/expected_size.h"

#include <algorithm>
#include <numeric>

#include "convert/memory_needs.h"

namespace bagloom::convert {
namespace {

// Measured on synth's and Kuavo's datasets: tables of one episode are 80 to 100 kB, a further episode adds less than 8 kB.
constexpr double kMetaBytes = 100e3, kEpisodeBytes = 8e3;
// An mp4's index takes this much a picture (stsz, stss, stts, stco).
constexpr double kPictureIndexBytes = 12;

// Bytes a pixel of natural, moving content with a keyframe every 2 pictures at crf 24 (h264) and 30 (av1); halves every 6 (h264)
// or 8 (av1) of crf.
double bytes_a_pixel(const CameraOutput& camera) {
  // Without loss: noise of a sensor is most of it.
  if (camera.depth) return 1;
  if (camera.image) return 1.5;
  double bytes = camera.encoder.codec == "av1" ? 0.06 : 0.09;
  const int reference = camera.encoder.codec == "av1" ? 30 : 24;
  const double halving = camera.encoder.codec == "av1" ? 8 : 6;
  for (double step = camera.encoder.crf - reference; step <= -halving; step += halving) bytes *= 2;
  for (double step = camera.encoder.crf - reference; step >= halving; step -= halving) bytes /= 2;
  return bytes;
}

/// Recordings are unpacked while they are open: those in work, and the one whose pictures are copied.
std::uint64_t unpacked_at_once(const JobSetup& setup) {
  std::vector<std::uint64_t> sizes;
  for (const InputRecording& input : setup.inputs) sizes.push_back(input.unpacked_bytes);
  const bool copies = std::any_of(setup.cameras->begin(), setup.cameras->end(), [](const auto& camera) { return camera.copy; });
  return sum_of_largest(sizes, recordings_in_work(setup.layout.threads)) + (copies ? sum_of_largest(sizes, 1) : 0);
}

}  // namespace

void SizeEstimate::add(std::uint64_t episodes, std::uint64_t rows, const PictureBytes& picture_bytes,
                       std::uint64_t row_messages) {
  row_messages_ = std::max(row_messages_, row_messages);
  episodes_ += episodes;
  rows_ += rows;
  for (std::size_t i = 0; i < camera_bytes_.size(); ++i)
    camera_bytes_[i] += static_cast<double>(rows) * (picture_bytes[i] + kPictureIndexBytes);
}

ExpectedSize SizeEstimate::total() const {
  if (rows_ == 0) return {};
  // LeRobot's own five columns take 36 bytes a row; Parquet's compression is not counted on.
  const double numbers = static_cast<double>(rows_) * (setup_.columns->row_width * 4.0 + 36);
  const double pictures = std::accumulate(camera_bytes_.begin(), camera_bytes_.end(), 0.0);
  const double meta = kMetaBytes + static_cast<double>(episodes_) * kEpisodeBytes;
  // A unit is freed once its file is synced, and one file is written at a time: at worst the largest file is there twice. Copied
  // JPEGs stay in their recording, but for compressed ones.
  constexpr double kMiB = 1024 * 1024;
  double twice = std::min(numbers, static_cast<double>(setup_.spec.data_file_mib) * kMiB);
  const bool compressed =
      std::any_of(setup_.inputs.begin(), setup_.inputs.end(), [](const auto& i) { return i.chunk_bytes > 0; });
  for (std::size_t i = 0; i < camera_bytes_.size(); ++i)
    if (!(*setup_.cameras)[i].copy || (*setup_.cameras)[i].packets || compressed)
      twice = std::max(twice, std::min(camera_bytes_[i], static_cast<double>(setup_.spec.video_file_mib) * kMiB));
  if (compressed) twice += static_cast<double>(row_messages_) * align::kGridTicks * (setup_.layout.threads + 1);
  const std::uint64_t unpacked = unpacked_at_once(setup_);
  return {static_cast<std::uint64_t>(numbers + pictures + meta), static_cast<std::uint64_t>(twice + meta) + unpacked, unpacked};
}

PictureBytes usual_picture_bytes(const JobSetup& setup, const std::vector<std::uint64_t>& mean_message) {
  PictureBytes bytes;
  for (const CameraOutput& camera : *setup.cameras) {
    if (camera.copy || camera.as_recorded)
      bytes.push_back(camera.column < mean_message.size() ? static_cast<double>(mean_message[camera.column]) : 0.0);
    else
      bytes.push_back(static_cast<double>(camera.stream.width) * camera.stream.height * bytes_a_pixel(camera));
  }
  return bytes;
}

ExpectedSize usual_size(const JobSetup& setup) {
  SizeEstimate sum(setup);
  for (const InputRecording& input : setup.inputs) {
    if (input.failure) continue;
    const std::uint64_t rows = expected_rows(input, setup.recipe);
    // A copied picture cannot be larger than its share of the recording.
    const std::vector<std::uint64_t> mean(
        setup.columns->columns.size(),
        setup.cameras->empty() ? 0
                               : std::min<std::uint64_t>(input.largest_message, input.bytes / rows / setup.cameras->size() + 1));
    sum.add(1, rows, usual_picture_bytes(setup, mean), input.bytes / rows);
  }
  return sum.total();
}

}  // namespace bagloom::convert
