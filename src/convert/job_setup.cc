#include "convert/job_setup.h"

#include <algorithm>
#include <array>
#include <cmath>
#include <cstdio>
#include <nlohmann/json.hpp>

#include "convert/element_names.h"
#include "convert/format_notes.h"
#include "convert/memory_needs.h"
#include "convert/pass_through.h"
#include "convert/picture_room.h"
#include "convert/pictures.h"
#include "memory/meter.h"
#include "recipe/guess.h"

namespace bagloom::convert {
namespace {

constexpr std::uint64_t kMiB = 1024 * 1024;

// A topic's name and place in the map of connections.
constexpr std::uint64_t kConnectionBytes = 160;

// Rather more than a job takes beside its recordings, where that has to be said before cameras are known.
constexpr std::uint64_t kJobBytes = 96 * kMiB;

InputRecording examine(const Recording& recording) {
  const bag::BagInfo& info = recording.reader->info();
  InputRecording input;
  input.path = recording.path;
  input.identity = recording.identity;
  input.bytes = info.bytes;
  input.unpacked_bytes = info.unpacked_bytes;
  input.chunks = info.chunks;
  input.index_bytes = info.index_bytes + info.connections.size() * kConnectionBytes;
  input.index_bytes_a_chunk = info.index_bytes_a_chunk;
  input.seconds = std::max(0.0, seconds(info.end - info.start));
  for (const auto& [topic, connections] : recording.connections) {
    std::uint64_t messages = 0;
    for (const std::uint32_t index : connections) messages += info.connections[index].messages;
    input.most_messages = std::max(input.most_messages, messages);
  }
  input.chunk_bytes = bag::inflates_chunks(info) ? info.largest_chunk_bytes : 0;
  input.largest_message = info.largest_chunk_bytes;
  return input;
}

bag::ConnectionSet connections_of(const Recording& recording, const FeatureColumns& columns) {
  bag::ConnectionSet wanted(recording.reader->info().connections.size(), false);
  for (const FeatureColumn& column : columns.columns)
    if (const auto found = recording.connections.find(column.topic); found != recording.connections.end())
      for (const std::uint32_t index : found->second) wanted[index] = true;
  return wanted;
}

// Chunks bound their messages; the index says more, of the topics that the recipe takes.
Status bound_messages(Recording& recording, const bag::ConnectionSet& wanted, InputRecording& input) {
  std::uint64_t largest = 0, reading = 0;
  const auto& connections = recording.reader->info().connections;
  std::vector<std::uint64_t> times;
  for (const bag::Connection& connection : connections) times.push_back(msg::reading_bytes_per_byte(connection.encoding));
  RETURN_IF_ERROR(recording.reader->scan(wanted, [&](const bag::IndexedMessage& message) -> Status {
    largest = std::max(largest, message.bytes);
    reading = std::max(reading, message.bytes * times[message.ref.connection]);
    return {};
  }));
  input.largest_message = largest;
  input.reading_bytes = reading;
  return {};
}

/// Before anything is read: an index, or a chunk that has to be inflated, that is larger than the limit leaves.
Error too_large(const std::string& what, std::uint64_t bytes, const Options& options) {
  const std::uint64_t smallest = (memory::resident().now + bytes + kJobBytes) / kMiB * kMiB;
  return Error(ErrorKind::over_limit, "the memory limit of " + size_text(options.memory_limit) + " is too small: " + what)
      .fix("use --memory-limit " + std::to_string(smallest / kMiB) + "MiB or more")
      .needing(smallest);
}

/// What the limit leaves to recordings beside the program; 0: no limit. Small ones are always read: what the job needs is said
/// better when all of it is known.
std::uint64_t room(const Options& options) {
  constexpr std::uint64_t kSmall = 6 * kMiB;
  if (options.memory_limit == 0) return 0;
  return std::max(options.memory_limit, memory::resident().now + kSmall) - memory::resident().now;
}

Error incomplete_recipe(const recipe::Guess& guess, const std::string& path) {
  // Damage hid what could be a state or an action; where there are candidates for both, that is not why.
  if (!guess.unreadable.empty() && (guess.states.empty() || guess.actions.empty())) {
    const std::size_t more = guess.unreadable.size() - 1;
    return Error(ErrorKind::corrupt,
                 guess.unreadable.front() +
                     (more > 0 ? " (and messages of " + std::to_string(more) + (more > 1 ? " other topics)" : " other topic)")
                               : "") +
                     ", so no recipe can be guessed")
        .fix("leave the recording out, or write a recipe to complete with `bagloom init " + path + " -o recipe.yaml`");
  }
  if (guess.states.empty() && guess.actions.empty())
    return Error(ErrorKind::invalid, "no topic's numbers are plainly a state or an action (a JointState, or one array of floats)")
        .in(path)
        .fix("write a recipe to complete with `bagloom init " + path + " -o recipe.yaml`");
  std::string text = "which topics are state and action is not plain to see:";
  const auto list = [&](const char* what, const std::vector<recipe::Candidate>& candidates) {
    text += std::string(" ") + what + ":";
    for (const recipe::Candidate& candidate : candidates) text += " " + candidate.topic + " (" + candidate.type + ")";
    if (candidates.empty()) text += " none";
    text += ";";
  };
  list("state candidates", guess.states);
  list("action candidates", guess.actions);
  text.pop_back();
  return Error(ErrorKind::invalid, text)
      .in(path)
      .fix("write a recipe to complete with `bagloom init " + path + " -o recipe.yaml`");
}

// JPEG's full-range layouts as FFmpeg calls them.
std::string ffmpeg_name(media::PixelFormat format) {
  switch (format) {
    case media::PixelFormat::gray8_full: return "gray";
    case media::PixelFormat::yuv420p_full: return "yuvj420p";
    case media::PixelFormat::yuv422p_full: return "yuvj422p";
    case media::PixelFormat::yuv444p_full: return "yuvj444p";
    case media::PixelFormat::yuv440p_full: return "yuvj440p";
    case media::PixelFormat::yuv411p_full: return "yuvj411p";
    default: return "";
  }
}

/// Settles recipe, cameras and the dataset's shape on the first recording that they fit.
class Shaper {
 public:
  Shaper(const Options& options, JobSetup& setup) : options_(options), setup_(setup) {}

  Status on(Recording& recording) {
    setup_.notes.clear();
    if (options_.recipe) {
      setup_.recipe = *options_.recipe;
    } else {
      RETURN_IF_ERROR(compile_extractors(recording, {}));  // of no columns: says where there are no messages
      ASSIGN_OR_RETURN(recipe::Guess guess, recipe::guess_recipe(*recording.reader, *recording.definitions));
      if (!guess.complete) return incomplete_recipe(guess, recording.path);
      setup_.recipe = guess.recipe;
      setup_.recipe_guessed = true;
      for (const std::string& line : guess.left_out) setup_.notes.push_back("left out: " + line);
      if (setup_.inputs.size() + 1 < options_.bags.size())
        setup_.notes.push_back("the recipe is guessed from " + recording.path +
                               ": cameras and joints that only other recordings have are not taken (`bagloom init` writes it, to "
                               "be changed)");
    }
    auto columns = std::make_shared<FeatureColumns>(columns_of(setup_.recipe));
    RETURN_IF_ERROR(compile_extractors(recording, *columns));
    setup_.columns = columns;
    setup_.sources.clear();
    auto cameras = std::make_shared<std::vector<CameraOutput>>();
    for (std::uint32_t column = 0; column < columns->columns.size(); ++column) {
      if (!columns->columns[column].camera) continue;
      auto shape = first_picture(recording, *columns, column);
      if (!shape) {
        // A topic whose encoding we do not take is a mistake of the recipe, found before anything is written.
        if (shape.error().kind() == ErrorKind::unsupported) return Error(ErrorKind::invalid, shape.error().text());
        return std::move(shape).error();
      }
      if (!shape->mismatch.empty()) setup_.notes.push_back(format_note(columns->columns[column].topic, "", shape->mismatch));
      ASSIGN_OR_RETURN(CameraOutput camera, camera_output(column, *shape));
      setup_.sources.push_back(*shape);
      cameras->push_back(std::move(camera));
    }
    setup_.cameras = cameras;
    return {};
  }

 private:
  Result<CameraOutput> camera_output(std::uint32_t column, const CameraShape& source) {
    const FeatureColumn& feature = setup_.columns->columns[column];
    const recipe::CameraFeature& rules = feature.camera_rules;
    const auto refuse = [&](std::string what, std::string fix) {
      return Error(ErrorKind::invalid, std::move(what)).fix(std::move(fix)).in(feature.feature + " from " + feature.topic);
    };
    CameraOutput camera;
    camera.column = column;
    camera.own_size = rules.width == 0;
    camera.image = rules.storage == recipe::Storage::image;
    const bool copy = setup_.recipe.video.codec == "copy";
    // Packets of a video topic: whether they can be copied shows when all recordings are planned (pass_through.h).
    const bool video = source.video != media::StreamCodec::none;
    camera.copy = copy && !camera.image && !rules.depth && !video;
    camera.stream.codec = camera.copy    ? "mjpeg"
                          : camera.image ? "png"
                          : rules.depth  ? "hevc"
                          : copy         ? "h264"
                                         : setup_.recipe.video.codec;
    camera.stream.width = rules.width == 0 ? source.width : rules.width;
    camera.stream.height = rules.height == 0 ? source.height : rules.height;
    camera.stream.fps = setup_.recipe.fps;
    const std::string from = std::to_string(source.width) + "x" + std::to_string(source.height);
    const std::string to = std::to_string(camera.stream.width) + "x" + std::to_string(camera.stream.height);
    camera.video = source.video;
    if (!video)
      camera.picture_room = picture_room({source.width, source.height, source.format, source.jpeg, source.decoding_bytes});
    // Whole blocks of any codec; what memory is laid out for.
    if (video) camera.video_limits.pixels = std::uint64_t{(source.width + 63) / 64 * 64} * ((source.height + 63) / 64 * 64);
    if (video && (camera.image || rules.depth))
      return refuse("a video topic becomes video", "leave storage: image and depth out");
    if (camera.copy) {
      if (!source.jpeg) return refuse("copy needs JPEG pictures", "use codec h264 or av1");
      if (from != to) return refuse("copy cannot change " + from + " to " + to, "set size: own, or use codec h264 or av1");
      camera.own_size = true;
      camera.jpeg_format = source.format;
      camera.stream.pix_fmt = ffmpeg_name(source.format);
      return camera;
    }
    // Shape means the aspect ratio, to within one pixel of the output.
    const bool same_shape =
        std::llabs(static_cast<long long>(source.width) * camera.stream.height -
                   static_cast<long long>(source.height) * camera.stream.width) < std::max(source.width, source.height);
    if (!same_shape && rules.fit == recipe::Fit::none)
      return refuse("changing " + from + " to " + to + " changes the pictures' shape", "set fit to stretch, pad or crop");
    if (from != to)
      setup_.notes.push_back(feature.feature + ": " + from + " becomes " + to + (same_shape ? "" : fit_text(rules.fit)));
    camera.encoder.codec = camera.stream.codec;
    camera.encoder.width = camera.stream.width;
    camera.encoder.height = camera.stream.height;
    camera.encoder.fps = setup_.recipe.fps;
    camera.encoder.crf = setup_.recipe.video.crf;
    camera.encoder.format = rules.depth    ? (camera.image ? media::PixelFormat::gray16 : media::PixelFormat::gray12)
                            : camera.image ? media::PixelFormat::rgb24
                                           : media::PixelFormat::yuv420p;
    camera.stream.pix_fmt = media::name_of(camera.encoder.format);
    if (rules.depth) set_depth(feature, source, camera);
    camera.as_recorded = camera.image && source.file && from == to && (!camera.depth || camera.depth->unit == 0.001);
    if (copy && video) return camera;
    if (auto status = media::check_encoder(camera.encoder); !status) {
      Error error = std::move(status).error();
      return Error(ErrorKind::invalid, error.text()).in(feature.feature + " from " + feature.topic);
    }
    return camera;
  }

  void set_depth(const FeatureColumn& feature, const CameraShape& source, CameraOutput& camera) {
    const recipe::DepthRules& rules = *feature.camera_rules.depth;
    camera.depth.emplace();
    camera.depth->width = camera.stream.width;
    camera.depth->height = camera.stream.height;
    camera.depth->fit = scale_fit(feature.camera_rules.fit);
    if (rules.unit != 0) camera.depth->unit = camera.depth->float_unit = rules.unit;
    const bool floats = source.format == media::PixelFormat::grayf32;
    if (!camera.image) {
      camera.depth->range = media::DepthRange{rules.nearest, rules.farthest};
      const media::DepthQuantiser quantiser(*camera.depth->range);
      std::array<char, 320> text{};
      std::snprintf(
          text.data(), text.size(),
          ": %g to %g m in 4,096 steps: off by at most %.1f mm near and %.1f mm far; what was not measured (0, NaN) comes "
          "back as %g m, since LeRobot's video has no code for it: storage: image keeps it",
          rules.nearest, rules.farthest, quantiser.error_at(rules.nearest) * 1000, quantiser.error_at(rules.farthest) * 1000,
          rules.nearest);
      setup_.notes.push_back(feature.feature + text.data());
    } else if (floats || camera.depth->unit != 0.001) {
      setup_.notes.push_back(feature.feature +
                             ": rounded to whole millimetres; 0 is what was not measured, or lies beyond 65.535 m");
    }
  }

  static std::string fit_text(recipe::Fit fit) {
    switch (fit) {
      case recipe::Fit::stretch: return " (stretched)";
      case recipe::Fit::pad: return " (padded)";
      case recipe::Fit::crop: return " (cropped)";
      case recipe::Fit::none: break;
    }
    return "";
  }

  const Options& options_;
  JobSetup& setup_;
};

dataset::DatasetSpec spec_of(const Options& options, const JobSetup& setup) {
  dataset::DatasetSpec spec;
  spec.fps = setup.recipe.fps;
  spec.robot_type = setup.recipe.robot;
  spec.chunks_size = options.chunks_size;
  spec.data_file_mib = options.data_file_mib;
  spec.video_file_mib = options.video_file_mib;
  std::size_t camera = 0;
  for (const recipe::Feature& feature : setup.recipe.features) {
    dataset::FeatureSpec out;
    out.name = feature.name;
    if (feature.camera) {
      const CameraOutput& output = (*setup.cameras)[camera++];
      out.video = output.stream;
      out.image = output.image;
      out.depth = output.depth.has_value();
      out.recorded = output.packets;
      if (out.depth && output.depth->range) out.depth_range = *output.depth->range;
      if (!output.copy && !output.image && !out.depth) out.crf = setup.recipe.video.crf;
    } else {
      for (const recipe::VectorPart& part : feature.vector->parts) {
        out.width += part.width;
        out.names.insert(out.names.end(), part.names.begin(), part.names.end());
      }
    }
    spec.features.push_back(std::move(out));
  }
  return spec;
}

std::string job_text(const Options& options, const JobSetup& setup) {
  nlohmann::ordered_json job;
  job["schema"] = 1;
  job["recipe"] = recipe::to_yaml(setup.recipe);
  job["recordings"] = nlohmann::ordered_json::array();
  for (const InputRecording& input : setup.inputs)
    job["recordings"].push_back(input.identity.empty() ? "unreadable" : input.identity);
  job["versions"] = setup.versions;
  job["files"] = {
      {"data_mib", options.data_file_mib}, {"video_mib", options.video_file_mib}, {"chunks_size", options.chunks_size}};
  job["check_pictures"] = options.check_pictures;
  // One dataset has one kind of packets a camera, also when a later version that decides otherwise goes on with the job.
  for (const PassThrough& camera : setup.pass_through) job["pass_through"][camera.feature] = camera.passed;
  return job.dump(1, ' ', false, nlohmann::ordered_json::error_handler_t::replace);
}

/// Memory is laid out for the recording whose video topics' decoders keep the most pictures.
void widen_streams(Recording& recording, JobSetup& setup) {
  if (recording.extractors.empty() && !compile_extractors(recording, *setup.columns)) return;  // its run says why
  for (std::size_t i = 0; i < setup.cameras->size(); ++i) {
    CameraShape& source = setup.sources[i];
    if (source.video == media::StreamCodec::none) continue;
    const auto here = first_picture(recording, *setup.columns, (*setup.cameras)[i].column);
    if (!here || here->video != source.video) continue;
    source.sequence = most_of(source.sequence, here->sequence);
    source.decoding_bytes = media::stream_decoder_bytes(source.video, source.width, source.height, source.sequence);
  }
}

void limit_streams(JobSetup& setup) {
  auto cameras = std::make_shared<std::vector<CameraOutput>>(*setup.cameras);
  for (std::size_t i = 0; i < cameras->size(); ++i) (*cameras)[i].video_limits.sequence = setup.sources[i].sequence;
  setup.cameras = cameras;
}

void expect_names(const ExpectedNames& names, JobSetup& setup) {
  auto columns = std::make_shared<FeatureColumns>(*setup.columns);
  names.settle(*columns);
  for (std::string& line : names.notes(*columns)) setup.notes.push_back(std::move(line));
  setup.columns = columns;
}

}  // namespace

std::uint64_t expected_rows(const InputRecording& input, const recipe::Recipe& recipe) {
  const auto rows = static_cast<std::uint64_t>(std::min(input.seconds * recipe.fps, 1e8)) + 1;
  // Rows of a topic's timeline are its messages and what fills its short gaps.
  return recipe.timeline.topic.empty() ? rows : std::min(rows, 2 * input.most_messages + 1);
}

Result<JobSetup> set_up(const Options& options) {
  if (options.bags.empty()) return Error(ErrorKind::invalid, "no recording was given");
  JobSetup setup;
  setup.versions = media::codec_versions();
  Shaper shaper(options, setup);
  ExpectedNames names;
  bool shaped = false;
  std::optional<Error> unreadable, unfit;
  for (std::uint32_t number = 0; number < options.bags.size(); ++number) {
    if (options.stop && options.stop()) return Error(ErrorKind::stopped, "stopped before the start");
    auto recording =
        open_recording(options.bags[number], number, {nullptr, options.hash_inputs, room(options), options.definitions});
    InputRecording input;
    input.path = options.bags[number];
    if (!recording && recording.error().kind() == ErrorKind::over_limit)
      return too_large(recording.error().message(), recording.error().smallest_limit_bytes(), options).in(input.path);
    if (recording) {
      input = examine(**recording);
      if (const std::uint64_t chunk = input.chunk_bytes; options.memory_limit != 0 && chunk > room(options)) {
        // Of a recipe that is still to be guessed, any message may become a row.
        const bag::ConnectionSet any((*recording)->reader->info().connections.size(), true);
        RETURN_IF_ERROR(
            bound_messages(**recording, options.recipe ? connections_of(**recording, columns_of(*options.recipe)) : any, input));
        return too_large("a chunk of " + size_text(chunk) + " has to be inflated",
                         chunk_cache_bytes(chunk) + chunk + input.largest_message + input.reading_bytes, options)
            .in(input.path);
      }
      if (!shaped) {
        auto status = shaper.on(**recording);
        shaped = status.ok();
        if (!shaped && !unfit) unfit = std::move(status).error();
      }
      if (shaped) RETURN_IF_ERROR(bound_messages(**recording, connections_of(**recording, *setup.columns), input));
      if (shaped) widen_streams(**recording, setup);
      if (shaped) names.look(**recording, *setup.columns);
    } else {
      input.failure = Failure{input.path, recording.error().text(), recording.error().kind()};
      if (!unreadable) unreadable = std::move(recording).error();
    }
    setup.inputs.push_back(std::move(input));
  }
  if (!shaped) return unfit ? std::move(*unfit) : std::move(*unreadable);
  limit_streams(setup);
  expect_names(names, setup);
  RETURN_IF_ERROR(decide_pass_through(options, setup));
  setup.spec = spec_of(options, setup);
  setup.needs = count_memory(options, setup);
  ASSIGN_OR_RETURN(setup.layout, lay_out_memory(setup.needs));
  setup.job = job_text(options, setup);
  return setup;
}

}  // namespace bagloom::convert
