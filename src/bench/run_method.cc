#include "bench/run_method.h"

#include <chrono>
#include <nlohmann/json.hpp>

#include "bench/holding_maker.h"
#include "convert/job_setup.h"
#include "convert/recording_plan.h"
#include "convert/task_messages.h"
#include "memory/machine.h"
#include "memory/meter.h"

namespace bagloom::bench {
namespace {

/// Index, rates and plan, and nothing else.
Status scan(const convert::Options& options, MethodRun& run) {
  auto set_up = [&] {
    const convert::StageTimer timer(options.stages, convert::Stage::scan);
    return convert::set_up(options);
  }();
  if (!set_up) return std::move(set_up).error();
  const convert::JobSetup& setup = *set_up;
  if (convert::RunningWork* const running = convert::running_work(options.stages))
    running->lay_out(setup.layout, setup.base_anonymous_bytes, setup.base_file_bytes);
  for (std::uint32_t number = 0; number < setup.inputs.size(); ++number) {
    if (options.stop && options.stop()) return convert::stopped_error();
    ASSIGN_OR_RETURN(const auto recording,
                     convert::open_recording(setup.inputs[number].path, number, {nullptr, false, 0, options.definitions}));
    ASSIGN_OR_RETURN(const convert::RecordingPlan plan,
                     convert::plan_recording(*recording, setup.recipe, *setup.columns, {}, options.stages));
    run.episodes += plan.outcome.episodes.size();
    for (const align::EpisodeRows& episode : plan.outcome.episodes) run.rows += episode.rows;
  }
  return {};
}

Status make_dataset(const Method& method, const convert::Options& options, MethodRun& run) {
  convert::Options changed = options;
  if (method.kind != Method::Kind::planned)
    changed.maker = std::make_shared<HoldingMaker>(method.kind == Method::Kind::full ? 0 : method.rows, run.threads);
  ASSIGN_OR_RETURN(const convert::Report report, convert::convert(changed));
  run.episodes = report.episodes;
  run.rows = report.rows;
  run.dataset_bytes = report.dataset_bytes;
  return {};
}

}  // namespace

Result<MethodRun> run_method(const Method& method, const convert::Options& options, PeakFrom peak, bool profile) {
  MethodRun run;
  std::optional<convert::RunningWork> running;
  if (profile) running.emplace();
  convert::StageSeconds stages(running ? &*running : nullptr);
  convert::Options measured = options;
  measured.stages = &stages;
  if (method.kind != Method::Kind::planned) measured.memory_limit = 0;                      // the others take what they take
  measured.start_peak_bytes = std::max(options.start_peak_bytes, memory::resident().peak);  // MemoryWatch sets the mark back
  run.threads = options.threads != 0 ? options.threads : memory::usable_cores();
  MemoryWatch watch(peak, running ? std::function<void(const MemoryPoint&)>([&](const MemoryPoint& sample) {
                      run.profile = stage_profile(sample, count_now(), running->now());
                    })
                                  : nullptr);
  const auto start = std::chrono::steady_clock::now();
  const auto work = [&] { return method.kind == Method::Kind::scan ? scan(measured, run) : make_dataset(method, measured, run); };
  Status status = work();
  // Too little is free, as under a ceiling: `planned` refuses as convert does, the others try and take what they take.
  if (!status && method.kind != Method::Kind::planned && status.error().kind() == ErrorKind::over_limit &&
      status.error().smallest_limit_bytes() != 0) {
    measured.memory_limit = status.error().smallest_limit_bytes();
    status = work();
  }
  run.seconds = std::chrono::duration<double>(std::chrono::steady_clock::now() - start).count();
  run.memory = watch.stop();
  if (run.profile) {
    run.profile->samples = run.memory.samples;
    if (run.memory.marked) run.profile->mark = run.memory.peak;
  }
  if (!status) return status.error();
  for (std::size_t i = 0; i < run.stages.size(); ++i) run.stages[i] = stages.seconds(static_cast<convert::Stage>(i));
  return run;
}

std::string to_json(const MethodRun& run) {
  nlohmann::json json;
  json["seconds"] = run.seconds;
  json["stages"] = run.stages;
  json["rows"] = run.rows;
  json["episodes"] = run.episodes;
  json["dataset_bytes"] = run.dataset_bytes;
  json["threads"] = run.threads;
  json["initial"] = run.memory.initial;
  json["peak"] = run.memory.peak;
  json["file_at_peak"] = run.memory.file_at_peak;
  for (const MemoryPoint& point : run.memory.timeline)
    json["timeline"].push_back({point.seconds, point.resident, point.anonymous, point.file});
  if (run.profile) json["profile"] = nlohmann::json::parse(to_json(*run.profile));
  return json.dump();
}

Result<MethodRun> method_run_from_json(const std::string& text) {
  try {
    const auto json = nlohmann::json::parse(text);
    MethodRun run;
    json.at("seconds").get_to(run.seconds);
    json.at("stages").get_to(run.stages);
    json.at("rows").get_to(run.rows);
    json.at("episodes").get_to(run.episodes);
    json.at("dataset_bytes").get_to(run.dataset_bytes);
    json.at("threads").get_to(run.threads);
    json.at("initial").get_to(run.memory.initial);
    json.at("peak").get_to(run.memory.peak);
    json.at("file_at_peak").get_to(run.memory.file_at_peak);
    for (const auto& point : json.at("timeline"))
      run.memory.timeline.push_back({point.at(0), point.at(1), point.at(2), point.at(3)});
    if (json.contains("profile")) {
      ASSIGN_OR_RETURN(run.profile, stage_profile_from_json(json["profile"].dump()));
    }
    return run;
  } catch (const nlohmann::json::exception& problem) {
    return Error(ErrorKind::corrupt, std::string("a method's report cannot be read: ") + problem.what());
  }
}

}  // namespace bagloom::bench
