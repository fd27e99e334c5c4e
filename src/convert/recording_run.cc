#include "convert/recording_run.h"

#include <algorithm>
#include <array>
#include <atomic>
#include <chrono>
#include <cstdio>

#include "convert/durable_files.h"
#include "convert/element_names.h"
#include "convert/episode_statistics.h"
#include "convert/losses.h"
#include "convert/memory_layout.h"
#include "convert/pass_through.h"
#include "convert/picture_room.h"
#include "convert/stream_index.h"
#include "convert/task_messages.h"

namespace bagloom::convert {
namespace {

// architecture.md section 1: at most three re-plans.
constexpr int kMaxReplans = 3;

/// The pieces of an episode's rows that tasks take: cut on the grid, and where the rows jump.
std::vector<TaskRows> task_rows(const align::EpisodeRows& episode, std::uint64_t grid_step) {
  std::vector<TaskRows> pieces;
  std::uint64_t row = 0;
  for (const align::TickRange& range : episode.ranges) {
    for (std::uint64_t begin = range.begin; begin < range.end;) {
      const std::uint64_t end = std::min(range.end, (begin / grid_step + 1) * grid_step);
      pieces.push_back({{begin, end}, row, episode.rows, nullptr});
      row += end - begin;
      begin = end;
    }
  }
  return pieces;
}

// Of a resumed job, or of a new plan, most units are there. Samples of pictures are not kept.
Result<bool> needs_messages(const RecordingWork& work, const TaskRows& rows) {
  for (std::uint32_t camera = 0; camera < work.cameras->size(); ++camera) {
    if (samples_apart(work, camera)) return true;
    ASSIGN_OR_RETURN(const bool there, has_segment(work, camera, rows));
    if (!there) return true;
  }
  if (work.columns->row_width == 0) return false;
  ASSIGN_OR_RETURN(const bool there, has_row_block(work, rows));
  return !there;
}

}  // namespace

std::string record_name(std::uint32_t recording) {
  std::array<char, 40> name{};
  std::snprintf(name.data(), name.size(), "recording-%06u.json", recording);
  return name.data();
}

RecordingRun::RecordingRun(const JobSetup& setup, Staging& staging, Pool& pool, bag::ChunkCache& cache, std::uint32_t number,
                           const Options& options)
    : setup_(setup), staging_(staging), pool_(pool), cache_(cache), number_(number), options_(options) {}

double RecordingRun::rows_done() const {
  if (finished_ || task_rows_ == 0) return static_cast<double>(rows_planned_);
  const std::uint64_t done = made_ != nullptr ? made_->load() : task_rows_done_;
  return static_cast<double>(rows_planned_) * static_cast<double>(done) / static_cast<double>(task_rows_);
}

void RecordingRun::fail(const Error& error) {
  record_ = {};
  record_.failure = Failure{setup_.inputs[number_].path, error.text(), error.kind()};
}

Status RecordingRun::start() {
  const InputRecording& input = setup_.inputs[number_];
  if (input.failure) {
    record_.failure = input.failure;
    return write_record();
  }
  auto opened = [&] {
    const StageTimer timer(options_.stages, Stage::scan);
    return open_recording(input.path, number_, {&cache_, options_.hash_inputs, 0, options_.definitions, staging_.folder()});
  }();
  if (opened && (*opened)->identity != input.identity)
    opened = Error(ErrorKind::io, "the file changed while it was read").in(input.path);
  if (opened)
    if (auto status = compile_extractors(**opened, *setup_.columns); !status) opened = std::move(status).error();
  if (!opened) {
    fail(opened.error());
    return write_record();
  }
  (*opened)->reader->check_indexes(planned_connections(**opened, setup_.recipe, *setup_.columns));
  work_ = std::make_shared<RecordingWork>();
  RETURN_IF_ERROR(index_streams_of(**opened));
  if (record_.failure) return write_record();
  work_->recording = std::move(*opened);
  work_->columns = setup_.columns;
  room_ = room_for_streams(setup_, *work_->recording);
  work_->cameras = room_.cameras;
  work_->non_finite = setup_.recipe.non_finite;
  work_->check_pictures = options_.check_pictures;
  work_->units_folder = staging_.units();
  work_->versions = setup_.versions;
  work_->stop = options_.stop;
  work_->stages = options_.stages;
  work_->write = options_.write;
  const auto check = [this]() -> Status {
    RETURN_IF_ERROR(check_element_names(*work_->recording, *setup_.columns));
    return check_camera_sizes();
  };
  auto status = check();
  if (work_->recording->reader->index_is_wrong()) {
    RETURN_IF_ERROR(mend());
    if (record_.failure) return write_record();
    status = check();
  }
  if (!status) {
    fail(status.error());
    return write_record();
  }
  RETURN_IF_ERROR(look_at_names());
  if (record_.failure) return write_record();
  return plan_and_queue();
}

// The keyframe pass; what it finds unusable never comes into a plan.
Status RecordingRun::index_streams_of(Recording& recording) {
  const StageTimer timer(options_.stages, Stage::scan);
  if (auto status =
          index_streams(recording, *setup_.columns, *setup_.cameras, staging_.folder() + "/plans", options_.stop, setup_.streams);
      !status) {
    const ErrorKind kind = status.error().kind();
    if (kind != ErrorKind::unreadable && !concerns_message(status.error())) return status;
    fail(status.error());
    return {};
  }
  for (const auto& stream : recording.streams)
    if (stream != nullptr) RETURN_IF_ERROR(exclude_unusable_of(*stream, excluded_));
  for (Loss& loss : losses_of_streams(recording, *setup_.columns))
    (loss.kind == LossKind::unusable_message ? unusable_losses_ : record_.losses).push_back(std::move(loss));
  return {};
}

// What fetches found of chunks whose index contradicts their records: the next plan goes by the records. Disk errors are the
// recording's.
Status RecordingRun::mend(bool all) {
  const StageTimer timer(options_.stages, Stage::scan);
  auto status = mend_index(*work_->recording->reader, options_.stop, all);
  if (status || status.error().kind() == ErrorKind::stopped) return status;
  fail(status.error());
  return {};
}

Status RecordingRun::plan_and_queue() {
  RETURN_IF_ERROR(mend());
  if (record_.failure) return write_record();
  const auto plan_now = [&] {
    return plan_recording(*work_->recording, setup_.recipe, *setup_.columns, excluded_, options_.stages);
  };
  auto planned = plan_now();
  if (!planned || planned->outcome.rejected) {
    // A wrong index may be why; no task will come to the chunk that shows it.
    const bool mended = work_->recording->reader->info().index_mended;
    RETURN_IF_ERROR(mend(true));
    if (record_.failure) return write_record();
    if (!mended && work_->recording->reader->info().index_mended) planned = plan_now();
  }
  if (!planned) {
    // Or another publisher on the timeline's topic, which its first messages do not show.
    std::set<std::uint32_t> columns = number_columns(*setup_.columns, setup_.recipe.timeline.topic);
    std::erase_if(columns, [&](std::uint32_t column) { return searched_.contains(column); });
    if (!columns.empty()) {
      RETURN_IF_ERROR(look_through_topics_of(columns));
      exclude_unusable();
      planned = plan_now();
    }
  }
  if (!planned) {
    // Without them the plan may have become impossible, or another: what stood in its way comes first.
    std::uint64_t unusable = 0;
    for (const Loss& loss : unusable_losses_) unusable += loss.count;
    if (unusable == 0) {
      fail(planned.error());
    } else {
      fail(Error(planned.error().kind(), std::to_string(unusable) + (unusable == 1 ? " message is" : " messages are") +
                                             " unusable (the first " + unusable_losses_.front().text +
                                             "), and without them: " + planned.error().message())
               .in(setup_.inputs[number_].path)
               .fix("leave the recording out where it is damaged, or change what the recipe takes from " +
                    unusable_losses_.front().topic));
    }
    return write_record();
  }
  const RecordingPlan& plan = *planned;
  ASSIGN_OR_RETURN(const bool as_decided, check_packets(plan));
  if (!as_decided) return write_record();
  plan_losses_ = losses_of_plan(setup_.inputs[number_].path, *setup_.columns, plan);
  episodes_.clear();
  forget_unusable();
  mismatches_.clear();
  rows_planned_ = 0;
  if (plan.outcome.rejected) {
    record_.rejected = true;
    return write_record();
  }
  // Tasks of an earlier round have all ended, so nobody reads the plan that is replaced here.
  work_->plan = nullptr;
  RETURN_IF_ERROR(align::write_plan_file(staging_.plan(number_), plan.cells));
  ASSIGN_OR_RETURN(work_->plan, align::PlanFile::open(staging_.plan(number_)));
  for (const align::EpisodeRows& rows : plan.outcome.episodes) {
    EpisodeProgress episode;
    episode.rows = rows;
    episode.record.units.rows = rows.rows;
    episode.record.units.task = setup_.recipe.task;
    episode.record.held = rows.held;
    episode.record.start_ns = plan.cells.time(rows.ranges.front().begin);
    episode.record.end_ns = plan.cells.time(rows.ranges.back().end - 1);
    rows_planned_ += rows.rows;
    episodes_.push_back(std::move(episode));
  }
  std::vector<std::uint64_t> picture_bytes;
  for (const CameraOutput& camera : *setup_.cameras) picture_bytes.push_back(plan.mean_message[camera.column]);
  order_.emplace(number_, std::move(picture_bytes), plan.cells.ticks(), setup_.layout.threads);
  queue_tasks(plan.outcome);
  return {};
}

// What decide_pass_through saw is still so: other topics' unusable messages may have moved rows. False: the recording has failed.
Result<bool> RecordingRun::check_packets(const RecordingPlan& plan) {
  if (plan.outcome.rejected) return true;
  for (const CameraOutput& camera : *setup_.cameras) {
    if (!camera.packets) continue;
    ASSIGN_OR_RETURN(const std::string wrong, why_not_packets(*work_->recording->streams[camera.column], plan, camera.column));
    if (wrong.empty()) continue;
    fail_packets(camera, unusable_losses_.empty() ? wrong : wrong + " (unusable: " + unusable_losses_.front().text + ")");
    return false;
  }
  return true;
}

void RecordingRun::fail_packets(const CameraOutput& camera, const std::string& why) {
  const FeatureColumn& column = setup_.columns->columns[camera.column];
  fail(Error(ErrorKind::corrupt, "its packets cannot be passed through: " + why)
           .in(column.feature + " from " + column.topic)
           .in(setup_.inputs[number_].path)
           .fix("gaps: {hold: 0, longer: drop} leaves such rows out, --set video.codec=h264 encodes the pictures again"));
}

void RecordingRun::queue_tasks(const align::PlanOutcome& outcome) {
  std::vector<Piece> all;
  const std::size_t cameras = setup_.cameras->size();
  tasks_left_ = 0;
  task_rows_done_ = task_rows_ = 0;
  for (std::size_t e = 0; e < outcome.episodes.size(); ++e) {
    const std::vector<TaskRows> pieces = task_rows(outcome.episodes[e], align::grid_step(work_->plan->ticks()));
    dataset::EpisodeUnits& units = episodes_[e].record.units;
    units.row_blocks.resize(setup_.columns->row_width == 0 ? 0 : pieces.size());
    units.segments.assign(cameras, std::vector<std::string>(pieces.size()));
    units.video_bytes.assign(cameras, 0);
    units.histograms.assign(cameras, {});
    const std::size_t tasks_a_piece = cameras + (units.row_blocks.empty() ? 0 : 1);
    for (const TaskRows& piece : pieces) task_rows_ += piece.ticks.size() * tasks_a_piece;
    tasks_left_ += pieces.size() * tasks_a_piece;
    for (std::size_t slot = 0; slot < pieces.size(); ++slot) {
      if (options_.maker != nullptr)
        all.push_back({e, slot, pieces[slot]});
      else if (setup_.inputs[number_].chunk_bytes > 0 && tasks_a_piece > 1)
        queue_stretch(e, pieces[slot], slot);
      else
        queue_tasks_of(e, pieces[slot], slot);
    }
  }
  if (options_.maker != nullptr) queue_maker(std::move(all));
}

// One job makes all units; its outcomes then count as if tasks had ended.
void RecordingRun::queue_maker(std::vector<Piece> pieces) {
  auto list = std::make_shared<const std::vector<Piece>>(std::move(pieces));
  auto result = std::make_shared<std::optional<Result<std::vector<UnitOutcome>>>>();
  made_ = std::make_shared<std::atomic<std::uint64_t>>(0);
  Job job;
  job.bytes = std::min(room_.largest_task, task_bytes(setup_.layout));
  job.work = [work = work_, maker = options_.maker, list, made = made_, result] {
    result->emplace(maker->make(*work, *list, [&](std::uint64_t rows) { made->fetch_add(rows); }));
  };
  job.done = [this, list, result]() -> Status {
    made_ = nullptr;
    if (!**result && (*result)->error().kind() == ErrorKind::unreadable) {
      failed_ = (*result)->error();
      return all_tasks_ended();
    }
    ASSIGN_OR_RETURN(std::vector<UnitOutcome> outcomes, std::move(**result));
    const std::size_t cameras = setup_.cameras->size();
    std::size_t next = 0;
    for (const Piece& piece : *list) {
      const std::size_t units = cameras + (setup_.columns->row_width == 0 ? 0 : 1);
      for (std::uint32_t unit = 0; unit < units; ++unit) {
        Result<UnitOutcome> outcome(std::move(outcomes[next++]));
        const auto camera = unit < cameras ? std::optional<std::uint32_t>(unit) : std::nullopt;
        RETURN_IF_ERROR(task_ended(piece.episode, camera, piece.slot, piece.rows.ticks.size(), outcome));
      }
    }
    return {};
  };
  pool_.add(std::move(job));
}

// A compressed recording: the piece's messages are staged first, its tasks follow.
void RecordingRun::queue_stretch(std::size_t episode, const TaskRows& rows, std::size_t slot) {
  Job job;
  job.bytes = setup_.row_task;
  job.order = order_->stretch(rows.ticks);
  if (running_work(options_.stages) != nullptr)
    job.name = "messages out of compressed chunks, rows from " + std::to_string(rows.first_row);
  auto result = std::make_shared<std::optional<Result<std::shared_ptr<const Stretch>>>>();
  const std::string path =
      staging_.units() + "/stretch-" + std::to_string(number_) + "-" + std::to_string(episode) + "-" + std::to_string(slot);
  job.work = [work = work_, rows, path, result] {
    const auto needed = needs_messages(*work, rows);
    if (needed && !*needed)
      result->emplace(std::shared_ptr<const Stretch>());
    else
      result->emplace(Stretch::make(*work, rows, path));
  };
  job.done = [this, episode, rows, slot, result]() -> Status {
    if (!**result) return std::move(**result).error();
    queue_tasks_of(episode, {rows.ticks, rows.first_row, rows.episode_rows, ***result}, slot);
    return {};
  };
  pool_.add(std::move(job));
}

void RecordingRun::queue_tasks_of(std::size_t episode, const TaskRows& rows, std::size_t slot) {
  for (std::uint32_t camera = 0; camera < setup_.cameras->size(); ++camera) {
    if (samples_apart(*work_, camera)) queue_samples(episode, rows, camera);  // it takes longer than the copying
    queue_task(episode, rows, camera, slot);
  }
  if (!episodes_[episode].record.units.row_blocks.empty()) queue_task(episode, rows, std::nullopt, slot);
}

std::string RecordingRun::name_of(const char* what, std::optional<std::uint32_t> camera, const TaskRows& rows) const {
  return running_work(options_.stages) == nullptr ? "" : what + unit_text(*work_, camera, rows);
}

void RecordingRun::queue_task(std::size_t episode, const TaskRows& rows, std::optional<std::uint32_t> camera, std::size_t slot) {
  Job job;
  // Where no limit is given a task may have grown above what was laid out: it runs alone.
  job.bytes = camera ? std::min(room_.segment_tasks[*camera], task_bytes(setup_.layout)) : setup_.row_task;
  job.order = order_->task(rows.ticks, camera);
  job.name = name_of("", camera, rows);
  auto result = std::make_shared<std::optional<Result<UnitOutcome>>>();
  job.work = [work = work_, rows, camera, result] {
    result->emplace(camera ? make_segment(*work, *camera, rows) : make_row_block(*work, rows));
  };
  job.done = [this, episode, camera, slot, n = rows.ticks.size(), result] {
    return task_ended(episode, camera, slot, n, **result);
  };
  pool_.add(std::move(job));
}

void RecordingRun::queue_samples(std::size_t episode, const TaskRows& rows, std::uint32_t camera) {
  ++tasks_left_;
  Job job;
  job.bytes = room_.sample_tasks[camera];
  job.order = order_->task(rows.ticks, camera);
  job.name = name_of("pictures' statistics of ", camera, rows);
  auto result = std::make_shared<std::optional<Result<UnitOutcome>>>();
  auto seconds = std::make_shared<double>(0);
  job.work = [work = work_, rows, camera, result, seconds] {
    const auto start = std::chrono::steady_clock::now();
    result->emplace(sample_pictures(*work, camera, rows));
    *seconds = std::chrono::duration<double>(std::chrono::steady_clock::now() - start).count();
  };
  job.done = [this, episode, camera, result, seconds] {
    sample_seconds_ += *seconds;
    return task_ended(episode, camera, std::nullopt, 0, **result);
  };
  pool_.add(std::move(job));
}

Status RecordingRun::task_ended(std::size_t episode, std::optional<std::uint32_t> camera, std::optional<std::size_t> slot,
                                std::uint64_t rows, Result<UnitOutcome>& result) {
  --tasks_left_;
  task_rows_done_ += rows;
  if (!result) {
    // A disk that fails under the recording is this recording's failure; staging that cannot be written, or a signal, ends the
    // job.
    if (result.error().kind() != ErrorKind::unreadable) return std::move(result).error();
    if (!failed_) failed_ = std::move(result).error();
  } else {
    UnitOutcome& outcome = *result;
    for (Unusable& unusable : outcome.unusable) {
      // find_more_unusable finds the others of the column again.
      const bool more = !camera && !searched_.contains(unusable.column) &&
                        std::any_of(unusable_.rbegin(), unusable_.rend(),
                                    [&](const Unusable& known) { return known.column == unusable.column; });
      if (!more) unusable_.push_back(std::move(unusable));
    }
    dataset::EpisodeUnits& units = episodes_[episode].record.units;
    if (camera) {
      if (slot) units.segments[*camera][*slot] = std::move(outcome.name);
      units.video_bytes[*camera] += outcome.packet_bytes;
      units.histograms[*camera].add(outcome.histogram);
      mismatches_.add(setup_.columns->columns[(*setup_.cameras)[*camera].column].topic, outcome.mismatch);
    } else {
      units.row_blocks[*slot] = std::move(outcome.name);
    }
  }
  return tasks_left_ == 0 ? all_tasks_ended() : Status();
}

Status RecordingRun::all_tasks_ended() {
  if (failed_) {
    fail(*failed_);
    return write_record();
  }
  bag::BagReader& reader = *work_->recording->reader;
  if (!unusable_.empty() && !reader.index_is_wrong()) RETURN_IF_ERROR(find_more_unusable());
  if (reader.index_is_wrong()) {
    // Rows may have other messages than theirs, and what seemed unusable may not be. No unit was made of such a chunk's messages.
    forget_unusable();
    searched_.clear();
    excluded_.of_column.clear();
    record_.names.clear();
    RETURN_IF_ERROR(mend());
    if (record_.failure) return write_record();
    RETURN_IF_ERROR(look_at_names());
    if (record_.failure) return write_record();
    return plan_and_queue();
  }
  const bool grown = make_picture_room(setup_, options_.memory_limit != 0, room_, unusable_);
  work_->cameras = room_.cameras;
  if (unusable_.empty() && more_unusable_.empty() && names_.of_column.empty()) {
    if (grown) return plan_and_queue();
    if (!options_.write) return write_record();
    queue_statistics();
    return {};
  }
  // Names alone are looked through once a topic.
  const bool names_alone = unusable_.empty() && more_unusable_.empty();
  exclude_unusable();
  if (names_alone || round_++ < kMaxReplans) return plan_and_queue();
  plan_losses_.clear();
  const Loss& last = unusable_losses_.back();
  plan_losses_.push_back(
      {setup_.inputs[number_].path, LossKind::rejected, last.topic, last.feature, 0, last.offset, last.time_ns,
       "still finds unusable messages after " + std::to_string(kMaxReplans) + " new plans, the last " + last.text});
  record_.rejected = true;
  episodes_.clear();
  return write_record();
}

// A camera at its own size has one size in a dataset.
Status RecordingRun::check_camera_sizes() {
  for (const CameraOutput& camera : *setup_.cameras) {
    if (!camera.own_size) continue;
    const FeatureColumn& column = setup_.columns->columns[camera.column];
    ASSIGN_OR_RETURN(const CameraShape shape, first_picture(*work_->recording, *setup_.columns, camera.column));
    if (shape.width == camera.stream.width && shape.height == camera.stream.height) continue;
    return Error(ErrorKind::corrupt, "pictures of " + std::to_string(shape.width) + "x" + std::to_string(shape.height) +
                                         ", the dataset's are " + std::to_string(camera.stream.width) + "x" +
                                         std::to_string(camera.stream.height))
        .in(column.feature + " from " + column.topic)
        .in(setup_.inputs[number_].path)
        .fix("give the camera a size in the recipe");
  }
  return {};
}

void RecordingRun::queue_statistics() {
  if (setup_.columns->row_width == 0) {
    tasks_left_ = 1;
  } else {
    tasks_left_ = episodes_.size();
    for (EpisodeProgress& episode : episodes_) {
      Job job;
      job.bytes = setup_.statistics_task;
      job.order = std::uint64_t{number_} + 1;  // before any task: what is finished makes room in staging
      job.name = "statistics of an episode's numbers";
      auto result = std::make_shared<std::optional<Result<EpisodeNumbers>>>();
      job.work = [spec = setup_.spec, folder = staging_.units(), blocks = episode.record.units.row_blocks,
                  stages = options_.stages, result] {
        const StageTimer timer(stages, Stage::write);
        result->emplace(measure_episode(spec, folder, blocks));
      };
      job.done = [this, &episode, result]() -> Status {
        ASSIGN_OR_RETURN(EpisodeNumbers numbers, std::move(**result));
        episode.record.units.vectors = std::move(numbers.vectors);
        if (numbers.non_finite > 0)
          plan_losses_.push_back(
              {setup_.inputs[number_].path, LossKind::non_finite, "", "", numbers.non_finite, std::nullopt, std::nullopt,
               std::to_string(numbers.non_finite) + " numbers that are not finite were kept; statistics leave them out"});
        return --tasks_left_ == 0 ? write_record() : Status();
      };
      pool_.add(std::move(job));
    }
    return;
  }
  Job job;
  job.done = [this] { return write_record(); };
  job.work = [] {};
  pool_.add(std::move(job));
}

void RecordingRun::add_damage() {
  if (work_ == nullptr) return;
  for (Loss& loss : losses_of_damage(setup_.inputs[number_].path, work_->recording->reader->info()))
    record_.losses.push_back(std::move(loss));
}

Status RecordingRun::write_record() {
  if (!record_.failure) {
    add_damage();
    for (Loss& loss : shorten(std::move(unusable_losses_))) record_.losses.push_back(std::move(loss));
    for (Loss& loss : plan_losses_) record_.losses.push_back(std::move(loss));
    for (EpisodeProgress& episode : episodes_) record_.episodes.push_back(std::move(episode.record));
  }
  episodes_.clear();
  if (work_ != nullptr && work_->recording != nullptr) {
    if (!record_.failure) {
      mismatches_.add_streams(*work_->recording, *setup_.columns);
      record_.mismatches = mismatches_.list(work_->recording->reader->info().start);
    }
    for (const std::string& path : work_->recording->stream_files) RETURN_IF_ERROR(remove_file(path));
  }
  work_ = nullptr;
  RETURN_IF_ERROR(remove_file(staging_.plan(number_)));
  RETURN_IF_ERROR(staging_.write_record(record_name(number_), to_json(record_)));
  finished_ = true;
  return {};
}

}  // namespace bagloom::convert
