#include "convert/expected_time.h"

#include <algorithm>
#include <ctime>

#include "convert/camera_sample.h"
#include "convert/pictures.h"
#include "media/segment_encoder.h"

namespace bagloom::convert {
namespace {

constexpr std::uint64_t kTimedRecordings = 2;
// As many pictures as a segment has, or as the time allows.
constexpr std::uint64_t kMostPictures = align::kGridTicks, kFewestPictures = 6;
constexpr double kSecondsACamera = 0.12;

// Measured with docs/memory.md's recordings: loading the libraries, meta's tables and syncs of a job; joining and writing.
constexpr double kJobSeconds = 0.25, kWrittenASecond = 500e6;

/// Ticks of neighbouring rows, out of the middle of the longest range.
align::TickRange neighbours(const align::PlanOutcome& outcome) {
  align::TickRange longest{0, 0};
  for (const align::EpisodeRows& episode : outcome.episodes)
    for (const align::TickRange& range : episode.ranges)
      if (range.size() > longest.size()) longest = range;
  const std::uint64_t size = std::min(longest.size(), kMostPictures);
  const std::uint64_t begin = longest.begin + (longest.size() - size) / 2;
  return {begin, begin + size};
}

}  // namespace

double cpu_seconds() {
  timespec time{};
  ::clock_gettime(CLOCK_PROCESS_CPUTIME_ID, &time);
  return static_cast<double>(time.tv_sec) + static_cast<double>(time.tv_nsec) * 1e-9;
}

double ExpectedTime::seconds(std::uint32_t tasks_at_once, std::uint32_t cores) const {
  const auto shared = std::min<std::uint64_t>({tasks_at_once, cores, std::max<std::uint64_t>(tasks, 1)});
  return serial + std::max(parallel / static_cast<double>(std::max<std::uint64_t>(shared, 1)), longest_task);
}

SampledTime::SampledTime(const JobSetup& setup, const Options& options)
    : setup_(setup), check_pictures_(options.check_pictures), cameras_(setup.cameras->size()) {}

SampledTime::CameraSeconds SampledTime::time_camera(Recording& recording, const RecordingPlan& plan, const CameraOutput& camera) {
  CameraSeconds seconds;
  CameraSample sample(setup_, recording, camera);
  const double start = cpu_seconds();
  std::unique_ptr<media::SegmentEncoder> encoder;
  if (!camera.copy && !camera.as_recorded) {
    auto opened = media::SegmentEncoder::open(camera.encoder, [](const media::Packet&) -> Status { return {}; });
    if (!opened) return seconds;
    encoder = std::move(*opened);
    seconds.segment = cpu_seconds() - start;
  }
  const auto histograms = make_sampler(camera);
  media::RgbHistogram histogram;
  media::Picture picture;
  std::uint64_t made = 0;
  const align::TickRange ticks = neighbours(plan.outcome);
  for (std::uint64_t tick = ticks.begin; tick < ticks.end; ++tick) {
    if (made >= kFewestPictures && cpu_seconds() - start > kSecondsACamera) break;
    const MessageRef& ref = plan.cells.message(camera.column, tick);
    const double before = cpu_seconds();
    const auto payload = recording.reader->fetch(ref);
    if (!payload) continue;
    const double fetched = cpu_seconds();
    if (camera.packets) {
      const media::Picture* decoded = sample.picture(ref, payload->bytes);
      if (decoded == nullptr || !histograms->add(*decoded, histogram)) continue;
      seconds.statistics += cpu_seconds() - fetched;
    } else if (camera.copy) {
      const auto encoded = encoded_picture(recording, camera.column, ref, payload->bytes);
      if (!encoded || !media::check_jpeg(encoded->data)) continue;
      const double checked = cpu_seconds();
      if (!sample.decode(ref, payload->bytes, picture) || !histograms->add(picture, histogram)) continue;
      seconds.picture += checked - fetched;
      seconds.statistics += cpu_seconds() - checked;
    } else if (camera.as_recorded) {
      if (!sample.decode(ref, payload->bytes, picture) || !histograms->add(picture, histogram)) continue;
      seconds.picture += cpu_seconds() - fetched;
    } else {
      if (!sample.make(ref, payload->bytes, picture)) continue;
      if (!histograms->add(picture, histogram) || !encoder->push(picture)) break;
      seconds.picture += cpu_seconds() - fetched;
    }
    seconds.fetch += fetched - before;
    ++made;
  }
  const double pushed = cpu_seconds();
  if (encoder != nullptr && encoder->finish()) seconds.picture += cpu_seconds() - pushed;
  if (made == 0) return {};
  pictures_ += made;
  const auto mean = [&](double& sum) { sum /= static_cast<double>(made); };
  mean(seconds.fetch);
  mean(seconds.picture);
  mean(seconds.statistics);
  return seconds;
}

/// Seconds a row.
double SampledTime::time_numbers(Recording& recording, const RecordingPlan& plan) const {
  const align::TickRange ticks = neighbours(plan.outcome);
  double seconds = 0;
  for (std::uint32_t column = 0; column < setup_.columns->columns.size(); ++column) {
    if (setup_.columns->columns[column].camera) continue;
    for (std::uint64_t tick = ticks.begin; tick < ticks.end; ++tick) {
      const MessageRef& ref = plan.cells.message(column, tick);
      const double before = cpu_seconds();
      const auto payload = recording.reader->fetch(ref);
      const double fetched = cpu_seconds();
      const auto& extractor = recording.extractors[column].numbers[ref.connection];
      if (!payload || extractor == nullptr) continue;
      std::vector<double> numbers(extractor->width());
      if (!extractor->run(payload->bytes, numbers)) continue;
      // Of a compressed recording, chunks are inflated once, for all that need them.
      seconds += cpu_seconds() - (bag::inflates_chunks(recording.reader->info()) ? fetched : before);
    }
  }
  return ticks.size() == 0 ? 0 : seconds / static_cast<double>(ticks.size());
}

void SampledTime::time_recording(Recording& recording, const RecordingPlan& plan) {
  const auto merge = [&](double& mean, double seconds) { mean += (seconds - mean) / static_cast<double>(timed_ + 1); };
  for (std::size_t i = 0; i < cameras_.size(); ++i) {
    const CameraSeconds seconds = time_camera(recording, plan, (*setup_.cameras)[i]);
    merge(cameras_[i].fetch, seconds.fetch);
    merge(cameras_[i].picture, seconds.picture);
    merge(cameras_[i].statistics, seconds.statistics);
    merge(cameras_[i].segment, seconds.segment);
  }
  merge(numbers_, time_numbers(recording, plan));
  ++timed_;
}

void SampledTime::add(std::uint32_t number, Recording& recording, const RecordingPlan& plan) {
  if (plan.outcome.episodes.empty()) return;
  if (timed_ < kTimedRecordings) time_recording(recording, plan);
  const bool compressed = bag::inflates_chunks(recording.reader->info());
  double inflation = 0;  // of one chunk
  for (std::size_t i = 0; i < cameras_.size(); ++i) {
    const CameraOutput& camera = (*setup_.cameras)[i];
    const CameraSeconds& camera_seconds = cameras_[i];
    inflation = std::max(inflation, camera_seconds.fetch);
    const double picture = camera_seconds.picture + (compressed ? 0 : camera_seconds.fetch);
    for (const align::EpisodeRows& episode : plan.outcome.episodes) {
      const double segments = static_cast<double>(episode.rows / align::kGridTicks + episode.ranges.size());
      sum_.tasks += static_cast<std::uint64_t>(segments);
      sum_.parallel += static_cast<double>(episode.rows) * picture + segments * camera_seconds.segment;
      if (camera.copy)
        sum_.parallel +=
            camera_seconds.statistics *
            static_cast<double>(check_pictures_ || camera.packets ? episode.rows : sampled_rows(episode.rows).size());
    }
    sum_.longest_task =
        std::max(sum_.longest_task, camera_seconds.segment + static_cast<double>(align::kGridTicks) * camera_seconds.picture);
  }
  for (const align::EpisodeRows& episode : plan.outcome.episodes) sum_.parallel += static_cast<double>(episode.rows) * numbers_;
  if (compressed) sum_.parallel += inflation * static_cast<double>(setup_.inputs[number].chunks);
}

ExpectedTime SampledTime::total(double planning, std::uint64_t output_bytes) const {
  ExpectedTime time = sum_;
  time.longest_task = std::min(time.longest_task, time.parallel);
  time.serial = kJobSeconds + planning + static_cast<double>(output_bytes) / kWrittenASecond;
  return time;
}

}  // namespace bagloom::convert
