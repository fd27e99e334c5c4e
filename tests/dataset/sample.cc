#include "dataset/sample.h"

#include <algorithm>
#include <filesystem>
#include <fstream>
#include <iterator>
#include <memory>

#include "media/picture_decoder.h"
#include "media/picture_scaler.h"
#include "media/segment_encoder.h"

namespace bagloom::dataset {
namespace {

constexpr std::uint64_t kRowsAUnit = 64;

std::string jpeg_path(const std::string& staging, std::uint64_t row, std::uint32_t camera) {
  return staging + "/" + std::to_string(camera) + "_" + std::to_string(row) + ".jpg";
}

media::StreamParameters stream_of(const SampleOptions& options) {
  const bool copy = options.codec == "copy";
  return {.codec = copy ? "mjpeg" : options.codec,
          .width = options.size,
          .height = options.size,
          .fps = options.fps,
          .pix_fmt = copy ? "yuvj420p" : "yuv420p",
          .extradata = {}};
}

}  // namespace

DatasetSpec sample_spec(const SampleOptions& options) {
  DatasetSpec spec;
  spec.fps = options.fps;
  spec.robot_type = "sample";
  spec.data_file_mib = options.data_mib;
  spec.video_file_mib = options.video_mib;
  const auto vector = [&](const std::string& name, std::uint32_t width) {
    FeatureSpec feature;
    feature.name = name;
    feature.width = width;
    for (std::uint32_t c = 0; c < width; ++c) feature.names.push_back("j" + std::to_string(c));
    spec.features.push_back(feature);
  };
  const auto camera = [&](std::uint32_t number) {
    FeatureSpec feature;
    feature.name = "observation.images.cam" + std::to_string(number);
    feature.video = stream_of(options);
    if (options.codec != "copy") feature.crf = options.codec == "av1" ? 30 : 2;
    spec.features.push_back(feature);
  };
  // A camera between vectors: the order of features is the user's.
  vector("observation.state", options.width);
  if (options.cameras > 0) camera(0);
  vector("action", options.width);
  vector("observation.gripper", 1);
  for (std::uint32_t c = 1; c < options.cameras; ++c) camera(c);
  return spec;
}

float sample_value(std::uint64_t row, std::uint32_t c) {
  if (c == 0) return 1e6f + static_cast<float>(row % 3) * 0.0625f;
  return static_cast<float>((row * 31 + c * 17) % 1000) / 8 - 50;
}

Status sample_picture(std::uint64_t row, std::uint32_t camera, std::uint32_t size, media::Picture& out) {
  RETURN_IF_ERROR(out.reshape(media::PixelFormat::rgb24, size, size));
  const std::uint64_t bits = row | static_cast<std::uint64_t>(camera) << 16;
  for (std::uint32_t y = 0; y < size; ++y) {
    std::uint8_t* line = out.plane(0) + static_cast<std::ptrdiff_t>(y) * out.stride(0);
    for (std::uint32_t x = 0; x < size; ++x) {
      const std::uint32_t cell = y / 8 * 8 + x / 8;
      for (std::uint32_t channel = 0; channel < 3; ++channel) {
        std::uint32_t value;
        if (x < 64 && y < 24) {
          value = bits >> cell & 1 ? 230 : 25;
        } else {
          const std::uint32_t noise =
              (x * 7919u + y * 104729u + static_cast<std::uint32_t>(row) * 1299709u + channel * 15485863u) >> 3;
          value = 40 + 10 * channel + x + noise % 64;
        }
        line[3 * x + channel] = static_cast<std::uint8_t>(std::min(value, 255u));
      }
    }
  }
  return {};
}

FetchPicture sample_fetch(const std::string& staging) {
  auto bytes = std::make_shared<std::vector<std::byte>>();
  return [staging, bytes](const MessageRef& message, std::uint64_t offset, std::uint64_t size) -> Result<Bytes> {
    ASSIGN_OR_RETURN(const auto file, open_file(jpeg_path(staging, message.locator, message.connection)));
    bytes->resize(static_cast<std::size_t>(size));
    RETURN_IF_ERROR(file->read_exactly(offset, *bytes));
    return Bytes(*bytes);
  };
}

namespace {

Result<std::string> write_segment(const std::string& path, const std::string& staging, const SampleOptions& options,
                                  std::uint32_t camera, std::uint64_t first_row, std::uint64_t rows, EpisodeUnits& units) {
  ASSIGN_OR_RETURN(auto writer, SegmentWriter::create(path));
  media::RgbHistogram histogram;
  auto sampler = media::make_histogram_sampler();
  media::Picture rgb, yuv;
  media::StreamParameters stream = stream_of(options);
  std::unique_ptr<media::SegmentEncoder> encoder;
  auto scaler = media::make_picture_scaler({.width = options.size, .height = options.size});
  if (options.codec != "copy") {
    media::EncoderSettings settings;
    settings.codec = options.codec;
    settings.width = settings.height = options.size;
    settings.fps = options.fps;
    settings.crf = options.codec == "av1" ? 30 : 2;
    ASSIGN_OR_RETURN(encoder, media::SegmentEncoder::open(settings, [&](const media::Packet& packet) {
                       units.video_bytes[camera] += packet.bytes.size();
                       return writer->add(packet);
                     }));
  }
  for (std::uint64_t row = first_row; row < first_row + rows; ++row) {
    RETURN_IF_ERROR(sample_picture(row, camera, options.size, rgb));
    RETURN_IF_ERROR(sampler->add(rgb, histogram));
    if (encoder) {
      RETURN_IF_ERROR(scaler->scale(rgb, yuv));
      RETURN_IF_ERROR(encoder->push(yuv));
      continue;
    }
    ASSIGN_OR_RETURN(const auto jpeg, media::encode_jpeg(rgb, 90));
    std::ofstream(jpeg_path(staging, row, camera), std::ios::binary) << "head" << as_text(jpeg) << "tail";
    MessageRef message;
    message.locator = row;
    message.connection = camera;
    message.recording = 0;
    units.video_bytes[camera] += jpeg.size();
    RETURN_IF_ERROR(writer->add_reference(message, 4, jpeg.size()));
  }
  if (encoder) {
    RETURN_IF_ERROR(encoder->finish());
    stream = encoder->stream();
  }
  RETURN_IF_ERROR(writer->finish(stream, histogram));
  units.histograms[camera].add(histogram);
  return path;
}

}  // namespace

Result<EpisodeUnits> write_sample_episode(const std::string& staging, const SampleOptions& options, std::uint64_t episode,
                                          std::uint64_t first_row) {
  const DatasetSpec spec = sample_spec(options);
  EpisodeUnits units;
  units.rows = options.rows[episode];
  units.task = episode % 3 == 1 ? "Nimm den Würfel" : "Pick the cube";
  units.video_bytes.assign(options.cameras, 0);
  units.histograms.resize(options.cameras);
  units.segments.resize(options.cameras);
  std::vector<VectorStatistics> statistics;
  for (const FeatureSpec& feature : spec.features) {
    if (!feature.is_camera()) statistics.emplace_back(feature.width);
  }
  const std::string prefix = staging + "/e" + std::to_string(episode) + "_";
  for (const bool second : {false, true}) {
    for (std::uint64_t at = 0; at < units.rows; at += kRowsAUnit) {
      const std::uint64_t rows = std::min(kRowsAUnit, units.rows - at);
      RowBlock block;
      block.width = 2 * options.width + 1;
      for (std::uint64_t k = 0; k < rows; ++k) {
        const std::uint64_t row = first_row + at + k;
        std::vector<float> state, action;
        for (std::uint32_t c = 0; c < options.width; ++c) state.push_back(sample_value(row, c));
        for (std::uint32_t c = 0; c < options.width; ++c) action.push_back(-sample_value(row + 1, c));
        const float gripper = static_cast<float>(row % 5);
        block.values.insert(block.values.end(), state.begin(), state.end());
        block.values.insert(block.values.end(), action.begin(), action.end());
        block.values.push_back(gripper);
        const std::span<const float> parts[] = {state, action, {&gripper, 1}};
        for (std::size_t v = 0; v < 3; ++v) second ? statistics[v].count(parts[v]) : statistics[v].measure(parts[v]);
      }
      if (second) continue;
      const std::string path = prefix + "rows_" + std::to_string(at);
      RETURN_IF_ERROR(write_row_block(path, block));
      units.row_blocks.push_back(path);
    }
  }
  for (const VectorStatistics& s : statistics) units.vectors.push_back(s.finish());
  for (std::uint32_t camera = 0; camera < options.cameras; ++camera) {
    for (std::uint64_t at = 0; at < units.rows; at += kRowsAUnit) {
      const std::string path = prefix + "cam" + std::to_string(camera) + "_" + std::to_string(at);
      ASSIGN_OR_RETURN(const std::string unit, write_segment(path, staging, options, camera, first_row + at,
                                                             std::min(kRowsAUnit, units.rows - at), units));
      units.segments[camera].push_back(unit);
    }
  }
  return units;
}

Result<MetaInput> write_sample(const std::string& staging, const std::string& root, const SampleOptions& options) {
  MetaInput input;
  input.spec = sample_spec(options);
  FilePartition partition(input.spec);
  std::vector<std::uint64_t> first_rows;
  std::uint64_t row = 0;
  for (std::uint64_t e = 0; e < options.rows.size(); ++e) {
    first_rows.push_back(row);
    ASSIGN_OR_RETURN(EpisodeUnits units, write_sample_episode(staging, options, e, row));
    row += units.rows;
    for (FilePlan& plan : partition.add(units.rows, units.video_bytes)) input.files.push_back(plan);
    auto task = std::find(input.tasks.begin(), input.tasks.end(), units.task);
    if (task == input.tasks.end()) task = input.tasks.insert(task, units.task);
    input.task_indices.push_back(task - input.tasks.begin());
    EpisodeProvenance provenance;
    provenance.recording = "run_" + std::to_string(e) + ".bag";
    provenance.start_ns = 1'700'000'000'000'000'000 + static_cast<TimeNs>(e) * kNsPerSecond;
    provenance.end_ns = provenance.start_ns + kNsPerSecond;
    provenance.rows = units.rows;
    provenance.held = e;
    provenance.task = units.task;
    input.provenance.push_back(provenance);
    input.episodes.push_back(std::move(units));
  }
  for (FilePlan& plan : partition.finish()) input.files.push_back(plan);
  for (const FilePlan& plan : input.files) {
    const std::vector<EpisodeUnits> episodes(input.episodes.begin() + plan.first_episode,
                                             input.episodes.begin() + plan.end_episode);
    if (plan.family == FilePlan::Family::data) {
      const std::vector<std::int64_t> tasks(input.task_indices.begin() + plan.first_episode,
                                            input.task_indices.begin() + plan.end_episode);
      RETURN_IF_ERROR(write_data_file(root + "/" + plan.path, input.spec, episodes, plan.first_episode,
                                      first_rows[plan.first_episode], tasks));
    } else {
      RETURN_IF_ERROR(write_video_file(root + "/" + plan.path, input.spec, plan.camera, episodes, sample_fetch(staging)));
    }
  }
  RETURN_IF_ERROR(write_meta(root, input));
  return input;
}

}  // namespace bagloom::dataset
