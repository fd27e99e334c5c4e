#include "bench/bench.h"

#include <algorithm>
#include <cmath>
#include <filesystem>

#include "bench/bench_parts.h"
#include "bench/held_messages.h"
#include "bench/job.h"
#include "bench/lengths.h"
#include "convert/durable_files.h"
#include "convert/expected_size.h"
#include "convert/job_setup.h"
#include "convert/losses.h"
#include "convert/memory_layout.h"
#include "convert/recording_plan.h"
#include "convert/task_messages.h"
#include "dataset/difference.h"
#include "memory/machine.h"
#include "recipe/message_folders.h"

namespace bagloom::bench {
namespace {

std::string timeline_text(const recipe::Recipe& recipe) {
  if (recipe.timeline.topic.empty()) return "uniform at " + std::to_string(recipe.fps) + " Hz";
  return recipe.timeline.topic + (recipe.timeline.every > 1 ? ", every " + std::to_string(recipe.timeline.every) : "");
}

/// Of topics, not of columns: one topic may serve several features.
std::vector<TopicFacts> topic_facts(const convert::JobSetup& setup, const convert::Recording& recording) {
  std::vector<TopicFacts> topics;
  for (const convert::FeatureColumn& column : setup.columns->columns) {
    TopicFacts topic;
    topic.topic = column.topic;
    topic.feature = column.feature;
    if (column.camera) {
      topic.width = setup.sources[column.camera_index].width;
      topic.height = setup.sources[column.camera_index].height;
    }
    for (const std::uint32_t index : recording.connections.at(column.topic)) {
      const bag::Connection& connection = recording.reader->info().connections[index];
      topic.messages += connection.messages;
      topic.type = connection.type;
    }
    topics.push_back(std::move(topic));
  }
  return topics;
}

std::string run_name(const Row& row) {
  std::string name = row.method.name();
  std::replace_if(
      name.begin(), name.end(), [](char c) { return !std::isalnum(static_cast<unsigned char>(c)); }, '-');
  return name + "-" + row.isolation + "-" + std::to_string(row.repeat);
}

std::string row_text(const Row& row) {
  return row.method.name() + " (" + row.isolation + ", repeat " + std::to_string(row.repeat) + ")";
}

std::string ending_text(const memory::TreeUse& use) {
  if (use.signal) return "ended by signal " + std::to_string(*use.signal);
  if (use.exit_code) return "exit code " + std::to_string(*use.exit_code);
  return "ended unseen";
}

}  // namespace

Result<Bench> Bench::prepare(BenchOptions options) {
  if (options.profile == Profile::heap && options.isolation == Isolation::shared)
    return Error(ErrorKind::invalid, "a heap profile is made of each method in a process of its own")
        .fix("leave --isolation shared out");
  Bench bench(std::move(options));
  RETURN_IF_ERROR(bench.examine());
  bench.choose();
  ASSIGN_OR_RETURN(ScratchFolder scratch, ScratchFolder::make());
  bench.scratch_.emplace(std::move(scratch));
  if (const std::string left = text_of(remove_abandoned(bench.scratch_->path())); !left.empty()) bench.note(left);
  bench.folder_ = bench.options_.output_folder.empty() ? bench.scratch_->path() + "/datasets" : bench.options_.output_folder;
  RETURN_IF_ERROR(bench.check_disk());
  return bench;
}

Status Bench::examine() {
  convert::Options options;
  options.bags = {options_.bag};
  options.recipe = options_.recipe;
  ASSIGN_OR_RETURN(options.definitions, recipe::definitions_in(options_.msg_paths));
  options.threads = options_.threads;
  options.stop = options_.stop;
  ASSIGN_OR_RETURN(const convert::JobSetup setup, convert::set_up(options));
  ASSIGN_OR_RETURN(const auto recording, convert::open_recording(options_.bag, 0, {nullptr, false, 0, options.definitions}));
  RETURN_IF_ERROR(convert::compile_extractors(*recording, *setup.columns));
  ASSIGN_OR_RETURN(const convert::RecordingPlan plan, convert::plan_recording(*recording, setup.recipe, *setup.columns, {}));
  recipe_yaml_ = recipe::to_yaml(setup.recipe);
  period_ = kNsPerSecond / std::max(1u, setup.recipe.fps);

  Facts& facts = report_.facts;
  const bag::BagInfo& info = recording->reader->info();
  facts.path = options_.bag;
  facts.bytes = info.bytes;
  facts.messages = info.messages;
  facts.seconds = seconds(info.end - info.start);
  facts.topics = topic_facts(setup, *recording);
  facts.main_timeline = timeline_text(setup.recipe);
  facts.codec = setup.recipe.video.codec;
  for (const align::EpisodeRows& episode : plan.outcome.episodes) facts.rows += episode.rows;
  facts.episodes = plan.outcome.episodes.size();
  facts.threads = setup.layout.threads;
  note_damage(convert::losses_of_damage(options_.bag, info));
  describe_machine(facts);
  if (options_.available_bytes != 0) facts.available_bytes = options_.available_bytes;
  recording_files_ = recording->reader->files();
  facts.cached_share = 1;
  for (const std::string& file : recording_files_) facts.cached_share = std::min(facts.cached_share, cached_share(file));

  for (const convert::MemoryAccount& account : setup.layout.accounts) base_bytes_ += account.bytes;
  expected_peak_ = setup.layout.expected_peak;
  task_bytes_ = setup.needs.largest_task;
  cameras_ = setup.cameras->size();
  for (std::size_t column = 0; column < setup.columns->columns.size(); ++column) {
    const convert::FeatureColumn& feature = setup.columns->columns[column];
    const std::uint64_t messages = facts.topics[column].messages;
    if (feature.camera && ((*setup.cameras)[feature.camera_index].copy || (*setup.cameras)[feature.camera_index].image))
      all_held_bytes_ += messages * plan.mean_message[column];
    else
      all_held_bytes_ += messages * held_bytes(feature, feature.camera ? &setup.sources[feature.camera_index] : nullptr);
  }
  convert::SampledSize size(setup);
  size.add(*recording, plan);
  expected_output_ = size.total().output;
  expected_staging_ = size.total().staging;
  return {};
}

std::optional<std::uint64_t> Bench::predict(const Method& method) const {
  const std::uint64_t working = base_bytes_ + options_threads() * task_bytes_;
  if (method.kind == Method::Kind::planned)
    return options_.memory_limit == 0 ? expected_peak_ : std::min(expected_peak_, options_.memory_limit);
  if (method.kind == Method::Kind::full) return working + all_held_bytes_;
  if (method.kind != Method::Kind::chunked || report_.facts.rows == 0) return std::nullopt;
  // Encoders stay open from window to window, one a camera.
  const double share = std::min(1.0, static_cast<double>(method.rows) / static_cast<double>(report_.facts.rows));
  return working + cameras_ * task_bytes_ + static_cast<std::uint64_t>(share * static_cast<double>(all_held_bytes_));
}

std::uint64_t Bench::options_threads() const { return std::max(1u, report_.facts.threads); }

void Bench::choose() {
  for (std::uint32_t repeat = 1; repeat <= options_.repeats; ++repeat) {
    for (const Method& method : options_.methods) {
      Row row;
      row.method = method;
      row.repeat = repeat;
      row.isolation = "process";
      row.predicted = predict(method);
      const std::uint64_t available = report_.facts.available_bytes;
      if (options_.full_if_it_fits && method.kind == Method::Kind::full && row.predicted && *row.predicted > available / 2) {
        row.status = "skipped";
        row.error = "needs " + rounded_size(*row.predicted) + ", " + rounded_size(available) + " free; --methods full runs it";
      }
      planned_.push_back(std::move(row));
    }
    for (const Method& method : options_.externals) {
      Row row;
      row.method = method;
      row.repeat = repeat;
      row.isolation = "external";
      planned_.push_back(std::move(row));
    }
  }
}

// The first dataset stays until the end, for the others to be held against; with an output folder all stay.
Status Bench::check_disk() {
  if (!options_.write) return {};
  std::uint64_t datasets = 0;
  for (const Row& row : planned_)
    if (row.method.makes_dataset() && row.status != "skipped") ++datasets;
  if (options_.isolation == Isolation::both) datasets *= 2;
  if (options_.output_folder.empty()) {
    // Run in one process, all of its methods' datasets stand before the first is compared.
    datasets = options_.isolation == Isolation::process ? std::min<std::uint64_t>(datasets, 2) : datasets;
  }
  if (options_.profile == Profile::heap) ++datasets;
  const std::uint64_t needed = datasets * expected_output_ + expected_staging_;
  const std::uint64_t free = convert::free_bytes(folder_);
  if (free == 0 || free >= needed) return {};
  return Error(ErrorKind::over_limit,
               "about " + convert::size_text(needed) + " of datasets are expected, " + convert::size_text(free) + " are free")
      .in(folder_)
      .fix("free some space, set TMPDIR, or give --output-dir on another disk");
}

std::string Bench::output_of(const Row& row) const { return folder_ + "/" + run_name(row); }

Result<BenchReport> Bench::run() {
  RETURN_IF_ERROR(convert::make_folders(folder_));
  for (const Row& row : planned_) {
    if (row.status == "skipped") continue;
    if (convert::exists(output_of(row)))
      return Error(ErrorKind::invalid, "exists").in(output_of(row)).fix("choose another --output-dir");
  }
  Facts& facts = report_.facts;
  if (facts.cached_share < 0.99 && facts.bytes < facts.available_bytes / 2) {
    for (const std::string& file : recording_files_) RETURN_IF_ERROR(read_once(file));
    facts.read_before = true;
  }
  const bool alone = options_.isolation != Isolation::shared, together = options_.isolation != Isolation::process;
  const bool heap = alone && options_.profile == Profile::heap && heaptrack_missing().empty();
  for (const Row& row : planned_) {
    if (row.status == "skipped") continue;
    if (alone || row.isolation == "external") ++runs_;
    if (together && row.isolation != "external") ++runs_;
    if (heap && row.isolation == "process" && row.repeat == 1) ++runs_;
  }
  runs_ += static_cast<std::uint32_t>(options_.lengths.size() * options_.methods.size());
  for (const Row& row : planned_) {
    if (!alone && row.isolation != "external") continue;
    RETURN_IF_ERROR(run_alone(row));
  }
  if (together) RETURN_IF_ERROR(run_shared());
  if (!options_.lengths.empty()) RETURN_IF_ERROR(run_lengths());
  report_.options = options_;
  compare_rows(report_);
  return std::move(report_);
}

Status Bench::run_alone(Row row) {
  if (row.status == "skipped") {
    report_.rows.push_back(std::move(row));
    return {};
  }
  ++run_;
  const std::string output = output_of(row);
  ASSIGN_OR_RETURN(Row measured, measure_alone(row, options_.bag, scratch_->path() + "/" + run_name(row), output));
  RETURN_IF_ERROR(take_dataset(measured, output));
  if (options_.profile == Profile::heap && measured.ok() && measured.isolation == "process" && measured.repeat == 1)
    RETURN_IF_ERROR(add_heap_profile(measured));
  report_.rows.push_back(std::move(measured));
  return {};
}

Job Bench::job_for(const Row& row, const std::string& bag, const std::string& files, const std::string& output) const {
  Job job;
  job.parts = {{row.method, output, files + ".result"}};
  job.bag = bag;
  job.recipe = recipe_yaml_;
  job.msg_paths = options_.msg_paths;
  job.threads = options_.threads;
  job.memory_limit = options_.memory_limit;
  job.profile = options_.profile == Profile::stages;
  job.write = options_.write;
  job.progress = files + ".progress";
  return job;
}

// A run under heaptrack is slower and larger: it gives this profile and no other figure.
Status Bench::add_heap_profile(Row& row) {
  row.heap_profile.emplace();
  row.heap_profile->error = heaptrack_missing();
  if (!row.heap_profile->error.empty()) return {};
  ++run_;
  const std::string files = scratch_->path() + "/heap", output = files + ".dataset";
  RETURN_IF_ERROR(write_job(files + ".job", job_for(row, options_.bag, files, output)));
  HeapRun run;
  run.command = options_.launch;
  run.command.push_back(files + ".job");
  run.files = files;
  run.on_progress = [&](const memory::TreeProgress& now) { return watch(row, files, now); };
  row.heap_profile = profile_heap(run);
  if (options_.stop && options_.stop()) return convert::stopped_error();
  if (row.heap_profile->error.empty())
    if (const auto result = read_result(files + ".result"); !result) row.heap_profile->error = result.error().text();
  RETURN_IF_ERROR(convert::remove_tree(output));
  RETURN_IF_ERROR(convert::remove_tree(output + ".bagloom"));
  return convert::remove_file(files + ".result");
}

Result<Row> Bench::measure_alone(Row row, const std::string& bag, const std::string& files, const std::string& output) {
  memory::MeasuredCommand command;
  const bool external = row.isolation == "external";
  if (external) {
    command.argv = {
        "/bin/sh", "-c",
        external_command(row.method, std::filesystem::absolute(bag).string(), std::filesystem::absolute(output).string())};
  } else {
    RETURN_IF_ERROR(write_job(files + ".job", job_for(row, bag, files, output)));
    command.argv = options_.launch;
    command.argv.push_back(files + ".job");
  }
  command.stdin_path = "/dev/null";
  command.stdout_path = files + ".out";
  command.stderr_path = files + ".err";
  command.ceiling_bytes = options_.ceiling;
  command.on_progress = [&](const memory::TreeProgress& now) { return watch(row, files, now); };
  const auto use = memory::run_measured(command);
  if (options_.stop && options_.stop()) {
    if (!external)
      RETURN_IF_ERROR(convert::remove_tree(output + ".bagloom"));  // it was killed over its work, which nobody takes up
    return convert::stopped_error();
  }
  if (!use) {
    row.status = "failed";
    row.error = use.error().text();
    return row;
  }
  take_tree(*use, row);
  note_ceiling(*use);
  if (external) {
    row.measured = row.ok();
    row.seconds = use->wall_seconds;
    row.initial = use->initial_bytes;
    row.peak = use->peak_bytes;
    row.increase = use->increase_bytes;
    if (row.ok() && (use->signal || use->exit_code.value_or(0) != 0)) {
      row.status = "failed";
      const std::string said = last_line(files + ".err");
      row.error = ending_text(*use) + (said.empty() ? "" : ": " + said);
    }
  } else if (row.ok()) {
    take_result(row, files + ".result");
    if (!row.ok() && !convert::exists(files + ".result")) {
      const std::string said = last_line(files + ".err");
      row.error = ending_text(*use) + (said.empty() ? "" : ": " + said);
    }
  }
  return row;
}

// Each method on the recording repeated or cut; datasets are not compared, only memory is.
Status Bench::run_lengths() {
  const double longest = *std::max_element(options_.lengths.begin(), options_.lengths.end());
  const auto grown = [&](std::uint64_t bytes) { return static_cast<std::uint64_t>(longest * static_cast<double>(bytes)); };
  const std::uint64_t needed = grown(report_.facts.bytes + (options_.write ? expected_output_ + expected_staging_ : 0));
  const std::uint64_t free = convert::free_bytes(scratch_->path());
  if (free != 0 && free < needed)
    return Error(ErrorKind::over_limit, "about " + convert::size_text(needed) + " are needed for the longest recording, " +
                                            convert::size_text(free) + " are free")
        .in(scratch_->path())
        .fix("set TMPDIR to another disk");
  for (const double times : options_.lengths) {
    std::string bag = options_.bag;
    const std::string files = scratch_->path() + "/length";
    if (times != 1) {
      bag = files + ".bag";
      RETURN_IF_ERROR(write_repeated(options_.bag, times, period_, bag, options_.stop));
    }
    for (std::size_t i = 0; i < options_.methods.size(); ++i) {
      ++run_;
      Row row;
      row.method = options_.methods[i];
      row.isolation = "process";
      const std::string output = files + ".dataset";
      ASSIGN_OR_RETURN(row, measure_alone(std::move(row), bag, files, output));
      if (report_.lengths.size() <= i) report_.lengths.push_back({row.method, {}, 0, 0});
      const bool known = row.ok() && row.measured;
      if (!known) note(row.method.name() + " at length " + std::to_string(times) + ": " + row.status + ": " + row.error);
      report_.lengths[i].points.push_back(
          {times, convert::file_bytes(bag), known ? row.rows.value_or(0) : 0, known ? row.peak : 0});
      RETURN_IF_ERROR(convert::remove_tree(output));
      RETURN_IF_ERROR(convert::remove_tree(output + ".bagloom"));
      RETURN_IF_ERROR(convert::remove_file(files + ".result"));
    }
    if (times != 1) RETURN_IF_ERROR(convert::remove_file(bag));
  }
  for (LengthSeries& series : report_.lengths) fit_slopes(series);
  return {};
}

memory::Order Bench::watch(const Row& row, const std::string& files, const memory::TreeProgress& now) const {
  memory::Order order;
  if (options_.stop && options_.stop()) order.end = true;
  if (options_.progress) {
    BenchOptions::Progress progress;
    progress.method = row.method.display_name();
    progress.rows = read_progress(files + ".progress");
    progress.of_rows = report_.facts.rows;
    progress.seconds = now.seconds;
    progress.resident_bytes = now.resident_bytes;
    progress.run = run_;
    progress.runs = runs_;
    options_.progress(progress);
  }
  return order;
}

// One process does everything, one after another, and is looked at from inside by samples: as scripts do that import psutil.
Status Bench::run_shared() {
  Job job;
  std::vector<Row> rows;
  const std::string files = scratch_->path() + "/shared";
  for (const Row& planned : planned_) {
    if (planned.isolation == "external") continue;
    rows.push_back(planned);
    Row& row = rows.back();
    row.isolation = "shared";
    if (row.status == "skipped") continue;
    job.parts.push_back({row.method, output_of(row), scratch_->path() + "/" + run_name(row) + ".result"});
  }
  job.bag = options_.bag;
  job.recipe = recipe_yaml_;
  job.msg_paths = options_.msg_paths;
  job.threads = options_.threads;
  job.memory_limit = options_.memory_limit;
  job.profile = options_.profile == Profile::stages;
  job.write = options_.write;
  job.peak = PeakFrom::samples;
  job.progress = files + ".progress";
  RETURN_IF_ERROR(write_job(files + ".job", job));
  memory::MeasuredCommand command;
  command.argv = options_.launch;
  command.argv.push_back(files + ".job");
  command.stdin_path = "/dev/null";
  command.stdout_path = files + ".out";
  command.stderr_path = files + ".err";
  command.ceiling_bytes = options_.ceiling;
  ++run_;
  Row all;
  all.method.kind = Method::Kind::external;
  all.method.external_name = "all in one process";
  command.on_progress = [&](const memory::TreeProgress& now) { return watch(all, files, now); };
  const auto use = memory::run_measured(command);
  if (options_.stop && options_.stop()) return convert::stopped_error();
  if (use) note_ceiling(*use);
  note(
      "in one process: initial and peak of every method but the first hold what earlier ones left resident, and an increase is "
      "too "
      "small where a method reuses what they freed; trust the figures of own processes");
  for (Row& row : rows) {
    if (row.status != "skipped") {
      const std::string result = scratch_->path() + "/" + run_name(row) + ".result";
      take_result(row, result);
      if (!row.ok() && use && use->ceiling && use->ceiling->killed) row.status = "killed at " + ceiling_text(use->ceiling->bytes);
      if (!row.ok() && !convert::exists(result)) row.error = use ? ending_text(*use) : use.error().text();
      row.counters = "VmRSS, sampled every 10 ms from inside";
      RETURN_IF_ERROR(take_dataset(row, output_of(row)));
    }
    report_.rows.push_back(std::move(row));
  }
  return {};
}

void Bench::take_result(Row& row, const std::string& result_path) {
  const Result<MethodRun> run = read_result(result_path);
  if (!run) {
    row.status = "failed";
    row.error = run.error().text();
    row.smallest_limit = run.error().smallest_limit_bytes();
    return;
  }
  row.measured = true;
  row.seconds = run->seconds;
  row.has_stages = true;
  row.stages = run->stages;
  row.threads = run->threads;
  row.rows = run->rows;
  row.initial = run->memory.initial;
  row.peak = run->memory.peak;
  row.increase = run->memory.increase();
  row.stage_profile = run->profile;
  if (row.timeline.empty()) row.timeline = run->memory.timeline;
  if (!row.tree_peak) row.file_bytes = run->memory.file_at_peak;
}

Status Bench::take_dataset(Row& row, const std::string& folder) {
  if (!convert::exists(folder)) {
    if (row.ok() && row.method.makes_dataset() && options_.write) {
      if (row.isolation == "external") return {};
      row.status = "failed";
      row.error = "no dataset was made";
    }
    return {};
  }
  if (options_.finished) options_.finished(row.method.name(), folder);
  const bool keep = !options_.output_folder.empty();
  if (row.ok()) {
    const auto hash = dataset::hash_dataset(folder);
    if (hash) {
      row.hash = hash->hash;
      row.dataset_bytes = hash->bytes;
    }
    if (row.isolation == "external") {
      row.rows = dataset_rows(folder);
    } else if (!hash) {
      row.status = "failed";
      row.error = hash.error().text();
    } else if (reference_.empty()) {
      reference_ = folder;
      reference_name_ = row_text(row);
      reference_hash_ = hash->hash;
      return {};
    } else {
      report_.datasets_compared = true;
      if (hash->hash != reference_hash_) {
        ASSIGN_OR_RETURN(const auto difference, dataset::first_difference(reference_, folder));
        if (difference && report_.difference.empty())
          report_.difference = row_text(row) + " against " + reference_name_ + ": " + *difference;
      }
    }
  }
  if (!keep) {
    RETURN_IF_ERROR(convert::remove_tree(folder));
    RETURN_IF_ERROR(convert::remove_tree(folder + ".bagloom"));
  }
  return {};
}

// What convert calls its losses: every method works on what is left.
void Bench::note_damage(const std::vector<convert::Loss>& losses) {
  if (losses.empty()) return;
  const convert::Loss& first = losses.front();
  note("the recording is damaged, and every method takes what is left of it: " + (first.topic.empty() ? "" : first.topic + ": ") +
       first.text +
       (losses.size() == 1 ? "" : " (the first of " + std::to_string(losses.size()) + " damages; bagloom info names them)"));
}

void Bench::note_ceiling(const memory::TreeUse& use) {
  if (!options_.ceiling || (use.ceiling && use.ceiling->enforced)) return;
  note("the ceiling was not enforced, so the measured peaks are all the proof there is" +
       (use.ceiling ? ": " + use.ceiling->how : std::string()));
}

void Bench::note(const std::string& text) {
  if (std::find(report_.notes.begin(), report_.notes.end(), text) == report_.notes.end()) report_.notes.push_back(text);
}

}  // namespace bagloom::bench
