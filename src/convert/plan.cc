// The plan of a job, without doing it.
#include <algorithm>
#include <map>
#include <set>

#include "convert/convert.h"
#include "convert/durable_files.h"
#include "convert/element_names.h"
#include "convert/expected_size.h"
#include "convert/expected_time.h"
#include "convert/format_notes.h"
#include "convert/job_setup.h"
#include "convert/losses.h"
#include "convert/names_pass.h"
#include "convert/output_folder.h"
#include "convert/recording_plan.h"
#include "convert/stream_index.h"
#include "convert/stream_room.h"
#include "memory/machine.h"

namespace bagloom::convert {
namespace {

PlannedRecording planned_recording(const std::string& path, const RecordingPlan& plan) {
  PlannedRecording out;
  out.recording = path;
  out.episodes = plan.outcome.episodes.size();
  out.ticks = plan.cells.ticks();
  out.trimmed_start = plan.outcome.trimmed_start;
  out.trimmed_end = plan.outcome.trimmed_end;
  for (const align::EpisodeRows& episode : plan.outcome.episodes) {
    out.rows += episode.rows;
    out.held += episode.held;
  }
  if (plan.outcome.rejected) out.rejected = plan.outcome.reason + (plan.outcome.remedy.empty() ? "" : "; " + plan.outcome.remedy);
  for (std::size_t i = 0; i < plan.cells.columns().size(); ++i) {
    const align::Column& column = plan.cells.columns()[i];
    const align::ColumnCounts& counts = plan.outcome.columns[i];
    out.features.push_back(
        {column.feature, column.topic,
         rule_text(column.match == align::Match::hold ? recipe::Match::hold : recipe::Match::nearest, column.tolerance),
         counts.matched, counts.held, counts.absent, counts.skew_p50, counts.skew_p99, counts.skew_max});
  }
  return out;
}

/// The keyframe pass over video topics: what it costs stands in the estimate, what it finds in the report.
Result<Excluded> pass_over_streams(const JobSetup& setup, Recording& recording, const Options& options, PlanReport& report) {
  Excluded excluded;
  RETURN_IF_ERROR(index_streams(recording, *setup.columns, *setup.cameras, "", options.stop, setup.streams));
  for (const CameraOutput& camera : *setup.cameras) {
    const auto& stream = recording.streams[camera.column];
    if (stream == nullptr) continue;
    const FeatureColumn& column = setup.columns->columns[camera.column];
    const StreamFacts& facts = stream->facts();
    RETURN_IF_ERROR(exclude_unusable_of(*stream, excluded));
    report.notes.push_back(column.feature + ": keyframe pass: " + std::to_string(facts.messages) + " messages of " +
                           std::string(media::name_of(facts.codec)) + ", " + std::to_string(facts.keyframes) +
                           (facts.keyframes == 1 ? " keyframe" : " keyframes"));
  }
  for (Loss& loss : losses_of_streams(recording, *setup.columns)) report.losses.push_back(std::move(loss));
  const StreamRoom room = room_for_streams(setup, recording);
  for (const CameraOutput& camera : *room.cameras)
    if (!camera.video_limits.remedy.empty())
      report.notes.push_back(setup.columns->columns[camera.column].feature + ": " + recording.path +
                             ": later keyframes' decoder keeps more pictures than memory is laid out for; " +
                             camera.video_limits.remedy);
  return excluded;
}

/// What convert's run of the recording finds of names: before it plans, and of the timeline's topic where that fails.
Status pass_over_names(const JobSetup& setup, const RecordingWork& work, const std::set<std::uint32_t>& columns,
                       Excluded& excluded, NamesNotes& notes, PlanReport& report) {
  struct Lost {
    Unusable first;
    std::uint64_t messages = 0;
  };
  std::map<std::string, Lost> lost;
  std::vector<std::uint64_t> unusable;
  const auto take = [&](const MessageRef& message, std::vector<Unusable> here) {
    unusable.push_back(message.locator);
    const std::string& topic = setup.columns->columns[here.front().column].topic;
    ++lost.try_emplace(topic, Lost{std::move(here.front())}).first->second.messages;
  };
  ASSIGN_OR_RETURN(NamesPass pass, look_through(work, columns, excluded, take));
  exclude_found(pass, unusable, excluded);
  notes.add(pass.topics);
  const TimeNs start = work.recording->reader->info().start;
  for (const auto& [topic, here] : lost)
    report.losses.push_back(unusable_loss(setup, work.recording->number, here.first, here.messages, start));
  for (const auto& [first, messages] : pass.nothing_left)
    report.losses.push_back(nothing_left_loss(setup, work.recording->number, first, messages, start));
  return {};
}

Result<RecordingPlan> plan_by_names(const JobSetup& setup, std::shared_ptr<Recording> recording, const Options& options,
                                    Excluded& excluded, NamesNotes& notes, PlanReport& report) {
  RecordingWork work;
  work.recording = std::move(recording);
  work.columns = setup.columns;
  work.non_finite = setup.recipe.non_finite;
  work.stop = options.stop;
  const std::set<std::uint32_t> columns = columns_of_other_names(work);
  RETURN_IF_ERROR(pass_over_names(setup, work, columns, excluded, notes, report));
  auto planned = plan_recording(*work.recording, setup.recipe, *setup.columns, excluded);
  if (planned) return planned;
  std::set<std::uint32_t> of_timeline = number_columns(*setup.columns, setup.recipe.timeline.topic);
  std::erase_if(of_timeline, [&](std::uint32_t column) { return columns.contains(column); });
  if (of_timeline.empty()) return planned;
  RETURN_IF_ERROR(pass_over_names(setup, work, of_timeline, excluded, notes, report));
  return plan_recording(*work.recording, setup.recipe, *setup.columns, excluded);
}

}  // namespace

Result<PlanReport> plan(const Options& options) {
  const double start = cpu_seconds();
  if (!options.output.empty()) RETURN_IF_ERROR(check_place(options));
  ASSIGN_OR_RETURN(const JobSetup setup, set_up(options));
  PlanReport report;
  report.memory = setup.layout;
  report.recipe = setup.recipe;
  report.recipe_guessed = setup.recipe_guessed;
  report.notes = setup.notes;
  report.pass_through = setup.pass_through;
  SampledSize size(setup);
  SampledTime time(setup, options);
  FormatNotes format_notes(setup);
  NamesNotes names_notes;
  double planning = cpu_seconds() - start;
  for (std::uint32_t number = 0; number < setup.inputs.size(); ++number) {
    if (options.stop && options.stop()) return Error(ErrorKind::stopped, "stopped before the end");
    const InputRecording& input = setup.inputs[number];
    if (input.failure) {
      report.failed.push_back(*input.failure);
      continue;
    }
    const double before = cpu_seconds();
    const auto planned = [&]() -> Result<RecordingPlan> {
      ASSIGN_OR_RETURN(std::shared_ptr<Recording> recording,
                       open_recording(input.path, number, {nullptr, options.hash_inputs, 0, options.definitions}));
      RETURN_IF_ERROR(compile_extractors(*recording, *setup.columns));
      RETURN_IF_ERROR(check_element_names(*recording, *setup.columns));
      for (Loss& loss : losses_of_damage(input.path, recording->reader->info())) report.losses.push_back(std::move(loss));
      ASSIGN_OR_RETURN(Excluded excluded, pass_over_streams(setup, *recording, options, report));
      TopicMismatches mismatches;
      mismatches.add_streams(*recording, *setup.columns);
      format_notes.add(input.path, mismatches.list(recording->reader->info().start));
      ASSIGN_OR_RETURN(RecordingPlan made, plan_by_names(setup, recording, options, excluded, names_notes, report));
      planning += cpu_seconds() - before;
      size.add(*recording, made);
      time.add(number, *recording, made);
      return made;
    }();
    if (!planned) {
      report.failed.push_back({input.path, planned.error().text(), planned.error().kind()});
      continue;
    }
    for (Loss& loss : losses_of_plan(input.path, *setup.columns, *planned)) report.losses.push_back(std::move(loss));
    report.recordings.push_back(planned_recording(input.path, *planned));
    report.episodes += report.recordings.back().episodes;
    report.rows += report.recordings.back().rows;
  }
  report.notes.insert(report.notes.end(), format_notes.lines().begin(), format_notes.lines().end());
  for (std::string& line : names_notes.lines()) report.notes.push_back(std::move(line));
  report.output_bytes = size.total().output;
  report.staging_bytes = size.total().staging;
  report.unpacked_bytes = size.total().unpacked;
  const ExpectedTime expected = time.total(planning, report.output_bytes);
  report.time = {time.pictures(), expected.serial, expected.parallel, memory::usable_cores()};
  report.limits = limits_by_tasks(setup.needs);
  for (LimitChoice& choice : report.limits) choice.expected_seconds = expected.seconds(choice.tasks_at_once, report.time.cores);
  if (!options.output.empty()) report.free_bytes = free_bytes(options.output);
  return report;
}

}  // namespace bagloom::convert
