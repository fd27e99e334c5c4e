#include "convert/memory_needs.h"

#include <algorithm>

#include "convert/recording_plan.h"
#include "dataset/assembly.h"
#include "media/parameter_sets.h"
#include "memory/allocator.h"
#include "memory/file_pages.h"
#include "memory/machine.h"
#include "memory/meter.h"

namespace bagloom::convert {
namespace {

constexpr std::uint64_t kMiB = 1024 * 1024;

// A thread's stack and its part of the heap's slack.
constexpr std::uint64_t kThread = 160 * 1024;

// libx265's pages, beside another codec's: 5.1 MiB of its file and 2.9 of tables, measured.
constexpr std::uint64_t kX265Code = 9 * kMiB;

// SVT-AV1's own tables, once a process.
constexpr std::uint64_t kAv1Tables = 6 * kMiB;

// An episode until meta is written: names of its units, its part of Parquet's footers.
constexpr std::uint64_t kEpisode = 20 * 1024;

// An episode of the recording whose record is written or read, as JSON and as text: its statistics, those of a camera.
constexpr std::uint64_t kRecord = 16 * 1024, kRecordCamera = 28 * 1024;

// The same of a depth camera: its counts, and as JSON every distance that occurs with its count (numbers of 16 bytes, and text):
// all of 16 bits, or those of LeRobot's codes.
constexpr std::uint64_t kRecordMillimetres = 65536 * (8 + 2 * 16 + 16), kRecordCodes = 65536 * 8 + 4096 * (2 * 16 + 16);

/// What recordings hold that are in work together: the largest ones.
/// A recording is one episode, unless it is split at its gaps: then only its plan tells how many. One that cannot be planned
/// says so later.
std::uint64_t count_episodes(const JobSetup& setup, std::uint32_t number) {
  if (setup.recipe.gaps.longer != recipe::LongGap::split) return 1;
  const auto recording = open_recording(setup.inputs[number].path, number, {});
  if (!recording) return 1;
  const auto plan = plan_recording(**recording, setup.recipe, *setup.columns, {});
  return plan ? std::max<std::uint64_t>(1, plan->outcome.episodes.size()) : 1;
}

}  // namespace

// Measured (docs/memory.md): what turbojpeg, swscale and libavcodec come to with libx264, with SVT-AV1, and alone.
std::uint64_t code_bytes(const JobSetup& setup) {
  std::uint64_t bytes = 4 * kMiB;
  bool hevc = false;
  for (const CameraOutput& camera : *setup.cameras) {
    if (camera.copy) continue;
    if (camera.stream.codec == "av1") bytes = 15 * kMiB;
    if (camera.stream.codec == "h264") bytes = 21 * kMiB / 2;
    hevc = hevc || camera.stream.codec == "hevc";
  }
  return bytes + (hevc ? kX265Code : 0);
}

std::uint64_t sum_of_largest(std::vector<std::uint64_t> bytes, std::size_t count) {
  std::sort(bytes.rbegin(), bytes.rend());
  std::uint64_t sum = 0;
  for (std::size_t i = 0; i < std::min(count, bytes.size()); ++i) sum += bytes[i];
  return sum;
}

std::uint64_t chunk_cache_bytes(std::uint64_t largest_chunk) {
  constexpr std::uint64_t kLarge = 32 * kMiB;
  return largest_chunk > kLarge ? largest_chunk : 2 * largest_chunk;
}

MemoryNeeds count_memory(const Options& options, JobSetup& setup) {
  MemoryNeeds needs;
  const std::string& codec = setup.recipe.video.codec;
  needs.threads = options.threads != 0 ? options.threads : memory::usable_cores();
  needs.limit = options.memory_limit;
  needs.available = memory::available_memory();
  std::uint64_t chunk = 0, message = 0, cells = 0, rows = 0;
  std::vector<std::uint64_t> indexes;
  needs.growth.row_bytes = 25 * setup.columns->columns.size() + 24;
  std::uint64_t record = kRecord + setup.cameras->size() * kRecordCamera;
  for (const CameraOutput& camera : *setup.cameras)
    if (camera.depth) record += camera.image ? kRecordMillimetres : kRecordCodes;
  needs.growth.episode_bytes = kEpisode + (setup.recipe.gaps.longer == recipe::LongGap::split ? record : 0);
  std::uint64_t episodes = 0, most_episodes = 1;
  for (std::uint32_t number = 0; number < setup.inputs.size(); ++number) {
    const InputRecording& input = setup.inputs[number];
    if (input.failure) continue;
    const std::uint64_t of_recording = count_episodes(setup, number);
    episodes += of_recording;
    most_episodes = std::max(most_episodes, of_recording);
    const std::uint64_t expected = expected_rows(input, setup.recipe);
    chunk = std::max(chunk, input.chunk_bytes);
    message = std::max(message, input.largest_message + input.reading_bytes);
    indexes.push_back(input.index_bytes);
    rows += (expected + align::kGridTicks - 1) / align::kGridTicks * align::kGridTicks;
    // Only one recording is planned at a time; architecture.md section 4: what still grows is stated.
    cells = std::max(cells, expected * needs.growth.row_bytes);
    needs.growth.chunk_bytes = std::max(needs.growth.chunk_bytes, input.index_bytes_a_chunk);
  }
  setup.row_task = row_task_bytes(message, chunk, setup.columns->row_width);
  // 5,000 bins of 8 bytes an element (dataset/statistics.h).
  setup.statistics_task = kMiB + setup.columns->row_width * 5'000ull * 8;
  const auto consider = [&](std::uint64_t bytes, const std::string& name) {
    if (bytes <= needs.largest_task) return;
    needs.largest_task = bytes;
    needs.largest_task_name = name;
  };
  consider(setup.row_task, "a block of numbers");
  consider(setup.statistics_task, "statistics of an episode");
  // Of a compressed recording, messages are staged before cameras read them (RecordingRun::queue_stretch).
  const bool staged = setup.cameras->size() + (setup.columns->row_width > 0 ? 1 : 0) > 1;
  for (std::size_t i = 0; i < setup.cameras->size(); ++i) {
    const CameraOutput& camera = (*setup.cameras)[i];
    const CameraShape& source = setup.sources[i];
    const std::string size = std::to_string(camera.stream.width) + "x" + std::to_string(camera.stream.height);
    setup.sample_tasks.push_back(sample_task_bytes(camera, source, message, chunk));
    if (!camera.copy) {
      setup.segment_tasks.push_back(segment_task_bytes(camera, source, message, staged ? 0 : chunk));
      consider(setup.segment_tasks.back(), camera.stream.codec + " segment " + size);
    } else {
      const bool apart = !options.check_pictures || camera.packets;
      // A packet beside its message, and with parameter sets from elsewhere.
      const std::uint64_t packet = camera.packets ? message + 2 * media::kMostParameterSetBytes : 0;
      setup.segment_tasks.push_back(apart ? copy_task_bytes(message, staged ? 0 : chunk) + packet : setup.sample_tasks.back());
      consider(setup.segment_tasks.back(), "packets");
      consider(setup.sample_tasks.back(),
               camera.packets ? "decoding " + camera.stream.codec + " " + size : "a picture of " + size);
    }
  }
  setup.chunk_cache_bytes = chunk_cache_bytes(chunk);
  // The keyframe pass looks at one message at a time, while another recording's tasks run. Beside it:
  // KeyframePass::kMostKeptSets.
  std::uint64_t keyframe_pass = 0;
  for (const CameraShape& source : setup.sources)
    if (source.video != media::StreamCodec::none) keyframe_pass = 2 * message + kMiB;
  // Each piece of a recording that is cut at its gaps has tasks of its own.
  const std::uint64_t blocks = setup.recipe.gaps.longer == recipe::LongGap::reject ? rows / align::kGridTicks : rows;
  for (const std::uint64_t bytes : setup.segment_tasks) needs.kinds.push_back({bytes, blocks});
  bool files_of_recordings = false;
  for (std::size_t i = 0; i < setup.cameras->size(); ++i) {
    if (!(*setup.cameras)[i].copy) continue;
    needs.kinds.push_back({setup.sample_tasks[i], blocks});
    files_of_recordings = files_of_recordings || !(*setup.cameras)[i].packets;
  }
  if (setup.columns->row_width > 0) needs.kinds.push_back({setup.row_task, blocks});
  if (chunk > 0 && staged) needs.kinds.push_back({setup.row_task, blocks});
  // Of one recording, statistics come after all of these.
  if (setup.inputs.size() > 1) needs.kinds.push_back({setup.statistics_task, episodes});
  std::uint64_t tasks = 0;
  for (const TaskKind& kind : needs.kinds) tasks += kind.count;
  needs.threads = static_cast<std::uint32_t>(std::clamp<std::uint64_t>(needs.threads, 1, std::max<std::uint64_t>(1, tasks)));
  needs.assembly = dataset::assembly_bytes(setup.spec);
  // Copied JPEGs are read from the recording while their file is written, through a chunk cache of the file's own.
  if (files_of_recordings) needs.copied_from = message + sum_of_largest(indexes, 1) + setup.chunk_cache_bytes;
  needs.assembly += needs.copied_from;
  // A recording's episodes go to files when all of its tasks are done.
  needs.files_close_early = setup.inputs.size() > 1;

  memory::trim_heap();
  memory::drop_file_pages();
  const memory::Resident resident = memory::resident();
  needs.start_peak = std::max(resident.peak, options.start_peak_bytes);
  needs.resident = resident.now;
  setup.base_file_bytes = resident.file;
  setup.base_anonymous_bytes = resident.anonymous;
  needs.held = {{"base", resident.now},
                {"code", code_bytes(setup) + (codec == "av1" ? kAv1Tables : 0)},
                {"threads", needs.threads * kThread},
                {"plan", sum_of_largest(indexes, recordings_in_work(needs.threads)) + cells + episodes * kEpisode +
                             most_episodes * record + keyframe_pass},
                {"chunk cache", setup.chunk_cache_bytes}};
  return needs;
}

}  // namespace bagloom::convert
