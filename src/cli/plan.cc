// bagloom plan: what convert would do.
#include "cli/exit_code.h"
#include "cli/job.h"
#include "cli/quantity.h"
#include "cli/stop.h"
#include "cli/table.h"
#include "convert/convert.h"

namespace bagloom::cli {
namespace {

/// Distances are of matched rows of episodes; without one there is none.
bool has_skews(const convert::PlannedRecording& recording, const convert::PlannedFeature& feature) {
  return recording.episodes > 0 && feature.matched > 0;
}

Json recording_json(const convert::PlannedRecording& recording) {
  Json object;
  object["recording"] = recording.recording;
  object["episodes"] = recording.episodes;
  object["rows"] = recording.rows;
  object["ticks"] = recording.ticks;
  object["trimmed_start"] = recording.trimmed_start;
  object["trimmed_end"] = recording.trimmed_end;
  object["held"] = recording.held;
  object["rejected"] = recording.rejected;
  object["features"] = Json::array();
  for (const convert::PlannedFeature& feature : recording.features) {
    Json entry;
    entry["feature"] = feature.feature;
    entry["topic"] = feature.topic;
    entry["rule"] = feature.rule;
    entry["matched"] = feature.matched;
    entry["held"] = feature.held;
    entry["absent"] = feature.absent;
    const bool skews = has_skews(recording, feature);
    entry["skew_p50_ns"] = skews ? Json(feature.skew_p50) : Json();
    entry["skew_p99_ns"] = skews ? Json(feature.skew_p99) : Json();
    entry["skew_max_ns"] = skews ? Json(feature.skew_max) : Json();
    object["features"].push_back(std::move(entry));
  }
  return object;
}

Json report_json(const convert::PlanReport& report, bool output_given) {
  Json object;
  object["recordings"] = Json::array();
  for (const convert::PlannedRecording& recording : report.recordings) object["recordings"].push_back(recording_json(recording));
  object["failed"] = to_json(report.failed);
  object["losses"] = to_json(report.losses);
  object["episodes"] = report.episodes;
  object["rows"] = report.rows;
  object["memory"] = to_json(report.memory);
  object["limits"] = Json::array();
  for (const convert::LimitChoice& choice : report.limits) {
    Json entry;
    entry["memory_limit_bytes"] = choice.limit;
    entry["tasks_at_once"] = choice.tasks_at_once;
    entry["expected_peak_bytes"] = choice.expected_peak;
    entry["expected_seconds"] = choice.expected_seconds;
    object["limits"].push_back(std::move(entry));
  }
  object["time"] = {{"timed_pictures", report.time.pictures},
                    {"serial_seconds", report.time.serial_seconds},
                    {"parallel_seconds", report.time.parallel_seconds},
                    {"cores", report.time.cores}};
  object["output_bytes"] = report.output_bytes;
  object["staging_bytes"] = report.staging_bytes;
  object["unpacked_bytes"] = report.unpacked_bytes;
  object["free_bytes"] = output_given ? Json(report.free_bytes) : Json();
  object["recipe_guessed"] = report.recipe_guessed;
  object["recipe"] = recipe::to_yaml(report.recipe);
  object["pass_through"] = to_json(report.pass_through);
  object["notes"] = report.notes;
  return object;
}

void print(const convert::PlannedRecording& recording, Output& output) {
  output.line(recording.recording);
  if (!recording.rejected.empty()) {
    output.line("  rejected: " + recording.rejected);
  } else {
    output.line("  " + plural(recording.episodes, "episode") + ", " + plural(recording.rows, "row") + " of " +
                plural(recording.ticks, "tick") + ", trimmed " + count_text(recording.trimmed_start) + " at the start and " +
                count_text(recording.trimmed_end) + " at the end, " + count_text(recording.held) + " held");
  }
  using Align = Table::Align;
  Table table({{"feature", Align::left, 12},
               {"topic", Align::left, 12},
               {"rule", Align::left, 7},
               {"matched", Align::right},
               {"held", Align::right},
               {"absent", Align::right},
               {"p50", Align::right},
               {"p99", Align::right},
               {"max ms", Align::right}});
  for (const convert::PlannedFeature& feature : recording.features) {
    const auto skew = [&](TimeNs ns) {
      return has_skews(recording, feature) ? fixed_text(static_cast<double>(ns) / 1e6, 1) : std::string("-");
    };
    table.add({feature.feature, feature.topic, feature.rule, count_text(feature.matched), count_text(feature.held),
               count_text(feature.absent), skew(feature.skew_p50), skew(feature.skew_p99), skew(feature.skew_max)});
  }
  if (!table.empty()) output.block(table.text(2, output.width()));
}

void print_memory(const convert::MemoryLayout& memory, Output& output) {
  output.line("memory: " + size_text(memory.limit) + (memory.limit_given ? "" : " (no limit given)") + ", " +
              plural(memory.tasks_at_once, "task") + " at once of " + plural(memory.threads, "thread"));
  Table table({{"", Table::Align::left, 12}, {"", Table::Align::right}});
  for (const convert::MemoryAccount& account : memory.accounts) table.add({account.name, size_text(account.bytes)});
  table.add({"largest task" + (memory.largest_task_name.empty() ? "" : " (" + memory.largest_task_name + ")"),
             size_text(memory.largest_task)});
  table.add({"assembly (in a task's place)", size_text(memory.assembly)});
  table.add({"start (libraries loaded)", size_text(memory.start_peak)});
  table.add({"expected peak", size_text(memory.expected_peak)});
  table.add({"smallest limit that does", size_text(memory.smallest_limit)});
  table.add({"limit that uses all threads", size_text(memory.all_threads_limit)});
  std::string lines = table.text(2, output.width());
  output.block(lines.substr(lines.find('\n') + 1));  // this table has no titles
}

void print_limits(const convert::PlanReport& report, Output& output) {
  using Align = Table::Align;
  Table table({{"limit", Align::right},
               {"tasks at once", Align::right},
               {"expected peak", Align::right},
               {"expected time", Align::right}});
  for (const convert::LimitChoice& choice : report.limits)
    table.add({size_text(choice.limit), count_text(choice.tasks_at_once), size_text(choice.expected_peak),
               "about " + duration_text(choice.expected_seconds)});
  if (table.empty()) return;
  output.line("limits:");
  output.block(table.text(2, output.width()));
  output.line("  time: an estimate from " + plural(report.time.pictures, "picture") + " timed now, for " +
              plural(report.time.cores, "idle core") + ": " + fixed_text(report.time.parallel_seconds, 1) +
              " s that tasks share, " + fixed_text(report.time.serial_seconds, 1) + " s that they do not; no wait for the disk");
  const convert::MemoryGrowth& growth = report.memory.growth;
  output.line("  what still grows: " + count_text(growth.row_bytes) + " B a row of the longest recording, " +
              count_text(growth.chunk_bytes) + " B a chunk, " + size_text(growth.episode_bytes) + " an episode");
}

class Plan : public Verb {
 public:
  std::string name() const override { return "plan"; }
  std::string summary() const override { return "Show what convert would do: rows, matches, memory, disk"; }
  void configure(CLI::App& app) override {
    options_.configure(app, false);
    app.footer("Writes nothing. p50, p99 and max are distances in time between a row and the message that it takes.");
  }
  int run(Output& output) override {
    const Result<convert::Options> options = options_.make();
    if (!options.ok()) return output.fail(options.error(), exit_code_of(options.error().kind(), stop_signal()));
    const Result<convert::PlanReport> result = convert::plan(*options);
    if (!result.ok()) return output.fail(result.error(), exit_code_of(result.error().kind(), stop_signal()));
    const convert::PlanReport& report = *result;
    print_failures(report.failed, output);
    output.result(report_json(report, !options->output.empty()));
    for (const convert::PlannedRecording& recording : report.recordings) {
      print(recording, output);
      output.line();
    }
    output.line(plural(report.episodes, "episode") + ", " + plural(report.rows, "row") +
                (report.recipe_guessed ? "; recipe guessed" : ""));
    print_memory(report.memory, output);
    print_limits(report, output);
    output.line(
        "disk: " + size_text(report.output_bytes) + " expected, " + size_text(report.staging_bytes) + " of staging" +
        (report.unpacked_bytes > 0 ? " (" + size_text(report.unpacked_bytes) + " of it recordings that are unpacked)" : "") +
        (report.free_bytes > 0 ? ", " + size_text(report.free_bytes) + " free" : ""));
    print_losses(report.losses, output);
    for (const std::string& note : report.notes) output.line(note);
    return exit_code(report);
  }

 private:
  static int exit_code(const convert::PlanReport& report) {
    int code = first_of({report.failed.empty() ? kDone : kSomeFailed, code_of(report.losses)});
    for (const convert::PlannedRecording& recording : report.recordings)
      if (!recording.rejected.empty()) code = first_of({code, kDoneWithLoss});
    return code;
  }

  JobOptions options_;
};

}  // namespace

std::unique_ptr<Verb> make_plan() { return std::make_unique<Plan>(); }

}  // namespace bagloom::cli
