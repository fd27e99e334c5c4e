// What a camera's pictures take, measured on few of them.
#include <algorithm>
#include <optional>

#include "convert/camera_sample.h"
#include "convert/expected_size.h"
#include "media/segment_encoder.h"

namespace bagloom::convert {
namespace {

// A keyframe and a picture after it, at so many places: the encoder's keyframes stand two apart. Six pictures tell a whole
// recording to within a quarter or so and take a tenth of a second a camera.
constexpr std::uint64_t kPlaces = 3;

/// First ticks of pairs of neighbouring rows, spread over all episodes.
std::vector<std::uint64_t> places_in(const align::PlanOutcome& outcome) {
  std::vector<align::TickRange> ranges;
  std::uint64_t rows = 0;
  for (const align::EpisodeRows& episode : outcome.episodes)
    for (const align::TickRange& range : episode.ranges)
      if (range.size() >= 2) {
        ranges.push_back(range);
        rows += range.size();
      }
  std::vector<std::uint64_t> places;
  for (std::uint64_t i = 0; i < kPlaces && rows > 0; ++i) {
    std::uint64_t row = rows * (2 * i + 1) / (2 * kPlaces);
    auto range = ranges.begin();
    for (; row >= range->size(); ++range) row -= range->size();
    places.push_back(std::min(range->begin + row, range->end - 2));
  }
  return places;
}

/// Nothing where no pair of pictures could be had, or there is no encoder.
std::optional<double> bytes_a_picture(const JobSetup& setup, Recording& recording, const CameraOutput& camera,
                                      const align::PlanCells& cells, const std::vector<std::uint64_t>& places) {
  CameraSample sample(setup, recording, camera);
  media::Picture first, second;
  std::uint64_t bytes = 0, pictures = 0;
  const auto encoder = media::SegmentEncoder::open(camera.encoder, [&](const media::Packet& packet) -> Status {
    bytes += packet.bytes.size();
    ++pictures;
    return {};
  });
  if (!encoder) return std::nullopt;
  const auto make = [&](std::uint64_t tick, media::Picture& into) {
    const MessageRef& ref = cells.message(camera.column, tick);
    const auto payload = recording.reader->fetch(ref);
    return payload && sample.make(ref, payload->bytes, into);
  };
  for (const std::uint64_t tick : places) {
    if (!make(tick, first) || !make(tick + 1, second)) continue;
    if (!(*encoder)->push(first) || !(*encoder)->push(second)) return std::nullopt;
  }
  if (!(*encoder)->finish() || pictures == 0) return std::nullopt;
  return static_cast<double>(bytes) / static_cast<double>(pictures);
}

}  // namespace

PictureBytes sampled_picture_bytes(const JobSetup& setup, Recording& recording, const RecordingPlan& plan) {
  PictureBytes bytes = usual_picture_bytes(setup, plan.mean_message);
  const std::vector<std::uint64_t> places = places_in(plan.outcome);
  for (std::size_t i = 0; i < bytes.size(); ++i) {
    const CameraOutput& camera = (*setup.cameras)[i];
    if (camera.copy || camera.as_recorded) continue;
    bytes[i] = bytes_a_picture(setup, recording, camera, plan.cells, places).value_or(bytes[i]);
  }
  return bytes;
}

void SampledSize::add(Recording& recording, const RecordingPlan& plan) {
  constexpr std::uint64_t kSampledRecordings = 4;
  std::uint64_t rows = 0, row_messages = 0;
  for (const align::EpisodeRows& episode : plan.outcome.episodes) rows += episode.rows;
  for (const std::uint64_t bytes : plan.mean_message) row_messages += bytes;
  if (rows == 0) return;
  PictureBytes bytes = usual_picture_bytes(setup_, plan.mean_message);
  if (sampled_ < kSampledRecordings) {
    bytes = sampled_picture_bytes(setup_, recording, plan);
    sampled_bytes_.resize(bytes.size());
    for (std::size_t i = 0; i < bytes.size(); ++i) sampled_bytes_[i] += bytes[i];
    ++sampled_;
  } else {
    for (std::size_t i = 0; i < bytes.size(); ++i)
      if (!(*setup_.cameras)[i].copy && !(*setup_.cameras)[i].as_recorded)
        bytes[i] = sampled_bytes_[i] / static_cast<double>(sampled_);
  }
  sum_.add(plan.outcome.episodes.size(), rows, bytes, row_messages);
}

}  // namespace bagloom::convert
