#include "convert/convert.h"

#include <algorithm>
#include <array>
#include <chrono>
#include <cstdio>
#include <list>

#include "bag/chunk_cache.h"
#include "convert/assembler.h"
#include "convert/durable_files.h"
#include "convert/expected_size.h"
#include "convert/format_notes.h"
#include "convert/job_setup.h"
#include "convert/memory_needs.h"
#include "convert/output_folder.h"
#include "convert/pool.h"
#include "convert/provenance.h"
#include "convert/recording_run.h"
#include "convert/staging.h"
#include "convert/task_messages.h"
#include "memory/file_pages.h"
#include "memory/meter.h"

namespace bagloom::convert {
namespace {

using Clock = std::chrono::steady_clock;

double seconds_since(Clock::time_point start) { return std::chrono::duration<double>(Clock::now() - start).count(); }

std::string ratio_text(std::uint64_t many, std::uint64_t few) {
  std::array<char, 32> text{};
  std::snprintf(text.data(), text.size(), "%.1f",
                static_cast<double>(many) / static_cast<double>(std::max<std::uint64_t>(few, 1)));
  return text.data();
}

bool had_unusable(const std::vector<Loss>& losses) {
  return std::any_of(losses.begin(), losses.end(), [](const Loss& loss) { return loss.kind == LossKind::unusable_message; });
}

/// Runs a job that is set up: recordings become records, records become files. Everything but the pool's jobs happens on the
/// calling thread.
class Conversion {
 public:
  Conversion(const Options& options, const JobSetup& setup, Staging& staging, Clock::time_point start)
      : options_(options),
        setup_(setup),
        format_notes_(setup),
        staging_(staging),
        start_(start),
        cache_(setup.chunk_cache_bytes),
        cache_held_(running_work(options.stages),
                    [this] {
                      return WorkNow::Held{"chunk cache", std::nullopt, cache_.held_bytes()};
                    }),
        budget_(task_bytes(setup.layout)),
        pool_(setup.layout.threads, budget_, running_work(options.stages)),
        assembler_(setup, staging, pool_, options.stages) {}

  Status run(Report& report) {
    auto status = loop();
    if (!status) {
      pool_.drop_queued();
      return status;
    }
    report.failed = std::move(failed_);
    report.losses = std::move(losses_);
    report.rejected = rejected_;
    report.memory_use = memory_use();
    for (const std::string& line : format_notes_.lines()) report.notes.push_back(line);
    for (std::string& line : names_notes_.lines()) report.notes.push_back(std::move(line));
    if (report.memory_use.inflations > 2 * report.memory_use.chunks)
      report.notes.push_back(
          "each compressed chunk was inflated " + ratio_text(report.memory_use.inflations, report.memory_use.chunks) +
          (had_unusable(report.losses)
               ? " times: unusable messages were looked for, and rows made again without them"
               : " times: messages of the same time stand far apart in the file, or a chunk's index is wrong"));
    report.statistics_seconds = sample_seconds_;
    report.episodes = episodes_;
    report.rows = rows_finished_;
    if (report.episodes == 0) return nothing_converted(report);
    if (assembler_.several_videos())
      report.notes.push_back(
          "several mp4 files a camera: LeRobotDataset reads them, StreamingLeRobotDataset (0.6) reads wrong pictures from them; "
          "a larger --video-file-mib makes one");
    if (!options_.write) return {};
    show("writing meta");
    const StageTimer timer(options_.stages, Stage::write);
    return assembler_.write_meta();
  }

 private:
  Status loop() {
    const std::uint32_t recordings = static_cast<std::uint32_t>(setup_.inputs.size());
    bool closed = false;
    while (true) {
      if (options_.stop && options_.stop()) return stopped_error();
      // Planning keeps ahead of the threads, and no further: a recording that is being worked on holds its index.
      if (next_ < recordings && pool_.queued() < 2 * setup_.layout.threads &&
          runs_.size() < recordings_in_work(setup_.layout.threads)) {
        RETURN_IF_ERROR(begin(next_++));
        RETURN_IF_ERROR(pool_.run_completions(std::chrono::milliseconds(0)));
      } else {
        RETURN_IF_ERROR(pool_.run_completions(std::chrono::milliseconds(100)));
      }
      RETURN_IF_ERROR(collect());
      if (!closed && next_ == recordings && runs_.empty()) {
        assembler_.close();
        closed = true;
      }
      assembler_.queue_next();
      keep_code_small();
      show(assembler_.activity().empty() ? "encoding" : assembler_.activity());
      if (closed && assembler_.idle() && pool_.idle()) return {};
    }
  }

  MemoryUse memory_use() const {
    MemoryUse use = use_;
    use.base_anonymous = setup_.base_anonymous_bytes;
    use.base_file = setup_.base_file_bytes;
    use.tasks_reserved = budget_.peak();
    use.tasks_at_once = pool_.most_at_once();
    for (const InputRecording& input : setup_.inputs) use.chunks += input.chunk_bytes > 0 ? input.chunks : 0;
    use.inflations = cache_.inflations();
    return use;
  }

  // Pages of libraries that were needed once (an encoder's start, a Parquet file) go, before they are more than their account.
  void keep_code_small() {
    const memory::Resident now = memory::resident();
    use_.sampled_anonymous = std::max(use_.sampled_anonymous, now.anonymous);
    ++use_.samples;
    if (!assembler_.activity().empty()) return;  // Parquet's code is part of assembly's bytes
    use_.sampled_file = std::max(use_.sampled_file, now.file);
    if (now.file > setup_.base_file_bytes + code_bytes(setup_)) memory::drop_file_pages();
  }

  Status begin(std::uint32_t number) {
    show("planning " + setup_.inputs[number].path);
    if (const auto text = staging_.read_record(record_name(number))) {
      if (auto record = record_from_json(*text)) {
        finished_early_.emplace(number, std::move(*record));
        runs_.push_back({number, nullptr});
        return {};
      }
    }
    runs_.push_back({number, std::make_unique<RecordingRun>(setup_, staging_, pool_, cache_, number, options_)});
    return runs_.back().run->start();
  }

  // Recordings are taken up in their order, whenever the first of those in work is done.
  Status collect() {
    while (!runs_.empty() && (runs_.front().run == nullptr || runs_.front().run->finished())) {
      InWork& first = runs_.front();
      RecordingRecord record;
      if (first.run != nullptr) {
        record = first.run->record();
        sample_seconds_ += first.run->sample_seconds();
      } else {
        record = std::move(finished_early_.at(first.number));
        finished_early_.erase(first.number);
      }
      for (const EpisodeRecord& episode : record.episodes) rows_finished_ += episode.units.rows;
      episodes_ += record.episodes.size();
      bytes_finished_ += setup_.inputs[first.number].bytes;
      ++recordings_finished_;
      if (record.failure) failed_.push_back(*record.failure);
      if (record.rejected) ++rejected_;
      format_notes_.add(setup_.inputs[first.number].path, record.mismatches);
      names_notes_.add(record.names);
      losses_.insert(losses_.end(), record.losses.begin(), record.losses.end());
      if (options_.write) assembler_.add(first.number, std::move(record));
      runs_.pop_front();
    }
    return {};
  }

  Error nothing_converted(const Report& report) const {
    if (!report.failed.empty() && report.rejected == 0) {
      const Failure& failure = report.failed.front();
      return Error(failure.kind, failure.error);
    }
    std::string reason = "no recording gave an episode";
    std::string damage;
    for (const Loss& loss : report.losses)
      if (loss.kind == LossKind::damage && damage.empty()) damage = " (the recording is damaged: " + loss.text + ")";
    std::string unusable, remedy = "`bagloom plan` shows what matched";
    for (const Loss& loss : report.losses)
      if (loss.kind == LossKind::unusable_message && unusable.empty()) {
        unusable = " (without messages that are unusable, the first " + loss.text + ")";
        // plan reads no payloads: there they match.
        remedy = "change what the recipe takes for " + loss.feature + " from " + loss.topic +
                 ", or leave the recording out where it is damaged";
      }
    for (const Loss& loss : report.losses)
      if (loss.kind == LossKind::rejected)
        return Error(ErrorKind::corrupt, loss.text + damage + unusable).in(loss.recording).in(reason).fix(remedy);
    return Error(ErrorKind::corrupt, reason);
  }

  void show(const std::string& activity) {
    if (!options_.progress) return;
    const auto now = Clock::now();
    if (activity == last_activity_ && now - last_shown_ < std::chrono::milliseconds(200)) return;
    last_shown_ = now;
    last_activity_ = activity;
    ProgressState state;
    double rows_done = static_cast<double>(rows_finished_), rows_planned = rows_done;
    double bytes_done = static_cast<double>(bytes_finished_), bytes = 0;
    for (const InputRecording& input : setup_.inputs) bytes += static_cast<double>(input.bytes);
    for (const InWork& in_work : runs_) {
      if (in_work.run == nullptr) continue;
      const auto planned = static_cast<double>(in_work.run->rows_planned());
      rows_planned += planned;
      rows_done += in_work.run->rows_done();
      if (planned > 0)
        bytes_done += static_cast<double>(setup_.inputs[in_work.number].bytes) * in_work.run->rows_done() / planned;
    }
    state.rows_done = static_cast<std::uint64_t>(rows_done);
    state.rows_planned = static_cast<std::uint64_t>(rows_planned);
    state.recordings_done = recordings_finished_;
    state.recordings = setup_.inputs.size();
    state.share = bytes > 0 ? std::min(1.0, bytes_done / bytes) : 0;
    state.seconds = seconds_since(start_);
    state.resident_bytes = memory::resident().now;
    state.tasks_running = static_cast<std::uint32_t>(pool_.running());
    state.activity = activity;
    options_.progress(state);
  }

  struct InWork {
    std::uint32_t number = 0;
    std::unique_ptr<RecordingRun> run;  ///< null: its record was there
  };

  const Options& options_;
  const JobSetup& setup_;
  FormatNotes format_notes_;
  NamesNotes names_notes_;
  Staging& staging_;
  const Clock::time_point start_;
  bag::ChunkCache cache_;
  const HeldAccount cache_held_;
  memory::Budget budget_;
  std::list<InWork> runs_;
  std::map<std::uint32_t, RecordingRecord> finished_early_;
  std::uint32_t next_ = 0;
  std::uint64_t rows_finished_ = 0, episodes_ = 0, bytes_finished_ = 0, recordings_finished_ = 0, rejected_ = 0;
  std::vector<Failure> failed_;
  std::vector<Loss> losses_;
  double sample_seconds_ = 0;
  Clock::time_point last_shown_{};
  std::string last_activity_;
  MemoryUse use_;
  Pool pool_;  // after what its jobs use: they end before it goes
  Assembler assembler_;
};

/// Refuses only what will not fit; where it is tight, says so before the work. A disk that really fills ends the job so that it
/// can go on (temporary).
Status check_disk(const Options& options, const JobSetup& setup, Report& report) {
  const std::uint64_t free = free_bytes(options.output);
  // What an earlier run staged is part of what is needed.
  const std::uint64_t available = free + tree_bytes(staging_folder(options.output));
  const ExpectedSize usual = usual_size(setup);
  if (free == 0 || available >= usual.output + usual.staging) return {};
  // Few encoded pictures tell more than the usual size; that takes a moment, so only where it matters.
  ExpectedSize expected = usual;
  if (const auto planned = plan(options); planned && planned->rows > 0)
    expected = {planned->output_bytes, planned->staging_bytes, planned->unpacked_bytes};
  const std::uint64_t needed = expected.output + expected.staging;
  if (available >= needed + needed / 4) return {};
  const std::string text = "about " + size_text(expected.output) + " of output and " + size_text(expected.staging) +
                           " of staging are expected, " + size_text(available) + " are free";
  if (available < needed - needed / 3)
    return Error(ErrorKind::over_limit, text).in(options.output).fix("free some space or choose another disk");
  report.notes.push_back("disk: " + text + ": it may fill up; the same command then goes on once there is space");
  if (options.warn) options.warn(report.notes.back());
  return {};
}

/// Error (corrupt) where the dataset's files are not as large together as its report says.
Status check_whole(const Report& report) {
  const std::uint64_t bytes = written_bytes(report.dataset);
  if (report.dataset_bytes == 0 || bytes == report.dataset_bytes) return {};
  return Error(ErrorKind::corrupt, "is not what was made any more: " + std::to_string(bytes) + " bytes, " +
                                       std::to_string(report.dataset_bytes) + " were written")
      .in(report.dataset)
      .fix("`bagloom verify OUT` says what is wrong, --overwrite makes it again");
}

/// A run that was killed just after it had put the dataset in place left its folder. Another job's is not touched.
Status remove_leftover(const std::string& output, const std::string& job) {
  if (!exists(staging_folder(output))) return {};
  const auto staging = Staging::open(output, job, false);
  return staging ? (*staging)->discard() : Status();
}

std::string speed_line(const MemoryLayout& layout) {
  return std::to_string(layout.tasks_at_once) + " of " + std::to_string(layout.threads) + " cores at " + size_text(layout.limit) +
         "; --memory-limit " + std::to_string(layout.all_threads_limit / (1024 * 1024)) + "MiB uses all";
}

/// `options.output` is no symbolic link.
Result<Report> convert_into(const Options& options) {
  const auto start = Clock::now();
  RETURN_IF_ERROR(check_place(options));
  Result<JobSetup> made = [&] {
    const StageTimer timer(options.stages, Stage::scan);
    return set_up(options);
  }();
  if (!made) return std::move(made).error();
  const JobSetup& setup = *made;
  if (RunningWork* const running = running_work(options.stages))
    running->lay_out(setup.layout, setup.base_anonymous_bytes, setup.base_file_bytes);
  Report report;
  report.dataset = options.output;
  report.recordings = setup.inputs.size();
  report.memory = setup.layout;
  report.recipe = setup.recipe;
  report.recipe_guessed = setup.recipe_guessed;
  report.notes = setup.notes;
  report.pass_through = setup.pass_through;
  if (setup.layout.tasks_at_once < setup.layout.threads) report.notes.push_back(speed_line(setup.layout));

  RETURN_IF_ERROR(restore_replaced(options.output));
  const OutputState state = examine_output(options.output, setup.job);
  if (state.same_job && !options.overwrite) {
    report.already_done = true;
    RETURN_IF_ERROR(remove_leftover(options.output, setup.job));
    RETURN_IF_ERROR(read_report(options.output, report));
    RETURN_IF_ERROR(check_whole(report));
    return report;
  }
  RETURN_IF_ERROR(check_replaceable(options, state));
  RETURN_IF_ERROR(check_disk(options, setup, report));
  ASSIGN_OR_RETURN(const auto staging, Staging::open(options.output, setup.job, options.restart));
  {
    Conversion conversion(options, setup, *staging, start);
    if (auto status = conversion.run(report); !status) {
      // A job that can only fail again leaves nothing behind; one that was stopped or ran out of disk goes on later.
      const ErrorKind kind = status.error().kind();
      if (kind == ErrorKind::corrupt || kind == ErrorKind::unreadable || kind == ErrorKind::invalid ||
          kind == ErrorKind::unsupported)
        RETURN_IF_ERROR(staging->discard());
      if (kind == ErrorKind::temporary) return std::move(status).error().fix("the same command goes on from what is finished");
      return std::move(status).error();
    }
  }
  if (!options.write) {
    RETURN_IF_ERROR(staging->discard());
    report.seconds = seconds_since(start);
    report.peak_bytes = memory::resident().peak;
    return report;
  }
  const StageTimer timer(options.stages, Stage::write);
  report.dataset_bytes = written_bytes(staging->dataset());
  report.seconds = seconds_since(start);
  report.peak_bytes = memory::resident().peak;
  RETURN_IF_ERROR(write_provenance(staging->dataset(), setup, report));
  // Hours may have passed, and somebody may have put something there. The job's folder stays, so nothing is done twice.
  RETURN_IF_ERROR(check_replaceable(options, examine_output(options.output, setup.job)));
  RETURN_IF_ERROR(staging->finish(options.output));
  report.seconds = seconds_since(start);
  return report;
}

}  // namespace

Result<Report> convert(const Options& options) {
  if (options.output.empty()) return Error(ErrorKind::invalid, "no output folder was given").fix("add -o OUT");
  Options resolved = options;
  ASSIGN_OR_RETURN(resolved.output, resolved_output(options.output));
  ASSIGN_OR_RETURN(Report report, convert_into(resolved));
  report.dataset = options.output;
  return report;
}

}  // namespace bagloom::convert
