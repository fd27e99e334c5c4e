// bagloom convert: recordings become one dataset.
#include "convert/convert.h"

#include "base/shell_word.h"
#include "cli/exit_code.h"
#include "cli/job.h"
#include "cli/quantity.h"
#include "cli/stop.h"

namespace bagloom::cli {
namespace {

std::string progress_text(const convert::ProgressState& state) {
  std::string text;
  const double rate = state.seconds > 0.5 ? static_cast<double>(state.rows_done) / state.seconds : 0;
  if (rate > 0) text += fixed_text(rate, 0) + " rows/s  ";
  if (state.share > 0.01 && state.seconds > 0.5) text += clock_text(state.seconds / state.share * (1 - state.share)) + " left  ";
  text += size_text(state.resident_bytes) + "  ";
  if (state.recordings > 1) text += std::to_string(state.recordings_done) + "/" + std::to_string(state.recordings) + "  ";
  return text + state.activity;
}

class Convert : public Verb {
 public:
  std::string name() const override { return "convert"; }
  std::string summary() const override { return "Make one LeRobot v3.0 dataset of recordings"; }
  void configure(CLI::App& app) override {
    options_.configure(app, true);
    app.add_flag("--overwrite", options_.job.overwrite, "Replace a dataset that bagloom made");
    app.add_flag("--restart", options_.job.restart, "Throw away an unfinished job that had other settings");
    app.add_flag("--check-pictures", options_.job.check_pictures,
                 "With video.codec copy: decode every JPEG (video packets always are)");
    app.add_flag("--hash-inputs", options_.job.hash_inputs, "Tell recordings apart by all of their bytes");
    app.footer(
        "An interrupted run goes on when the same command is given again. Where bagloom keeps what is unfinished: OUT.bagloom.");
  }
  int run(Output& output) override {
    Result<convert::Options> made = options_.make();
    if (!made.ok()) return output.fail(made.error(), exit_code_of(made.error().kind(), stop_signal()));
    convert::Options options = std::move(made).value();
    if (output.progress().enabled()) {
      options.progress = [&](const convert::ProgressState& state) { output.progress().show(state.share, progress_text(state)); };
    }
    options.warn = [&](const std::string& line) { output.note("bagloom: " + line); };
    const Result<convert::Report> result = convert::convert(options);
    output.progress().clear();
    if (!result.ok()) {
      return output.fail(result.error(), exit_code_of(result.error().kind(), stop_signal()));
    }
    const convert::Report& report = *result;
    const int code = exit_code(report);
    print_failures(report.failed, output);
    if (report.episodes == 0)
      return output.fail(Error(ErrorKind::corrupt, "no recording gave an episode"), code, to_json(report));
    output.product_stands(report.dataset);
    output.result(to_json(report));
    print(report, output);
    return code;
  }

 private:
  static int exit_code(const convert::Report& report) {
    return first_of({report.episodes == 0 ? kFailed : kDone, report.failed.empty() ? kDone : kSomeFailed,
                     report.rejected > 0 ? kDoneWithLoss : kDone, code_of(report.losses)});
  }

  static Json to_json(const convert::Report& report) {
    Json object;
    object["dataset"] = report.dataset;
    object["episodes"] = report.episodes;
    object["rows"] = report.rows;
    object["seconds"] = report.seconds;
    object["statistics_seconds"] = report.statistics_seconds;
    object["peak_bytes"] = report.peak_bytes;
    object["tasks_at_once"] = report.memory.tasks_at_once;
    object["losses"] = cli::to_json(report.losses);
    object["failed"] = cli::to_json(report.failed);
    object["dataset_bytes"] = report.dataset_bytes;
    object["recordings"] = report.recordings;
    object["rejected"] = report.rejected;
    object["already_done"] = report.already_done;
    object["recipe_guessed"] = report.recipe_guessed;
    object["memory"] = cli::to_json(report.memory);
    object["inflations"] = report.memory_use.inflations;
    object["pass_through"] = cli::to_json(report.pass_through);
    object["notes"] = report.notes;
    return object;
  }

  void print(const convert::Report& report, Output& output) const {
    if (report.already_done) {
      output.line(report.dataset + " is complete already (--overwrite makes it again)");
    } else {
      output.line(report.dataset + ": " + plural(report.episodes, "episode") + ", " + plural(report.rows, "row") + ", " +
                  size_text(report.dataset_bytes) + " in " + duration_text(report.seconds) + "; peak memory " +
                  size_text(report.peak_bytes) + " (" + size_text(report.memory.expected_peak) + " expected) with " +
                  plural(report.memory.tasks_at_once, "task") + " at once");
    }
    if (report.rejected > 0 || !report.failed.empty()) {
      output.line(plural(report.recordings, "recording") + ": " + count_text(report.failed.size()) + " failed, " +
                  count_text(report.rejected) + " rejected by the recipe's gap rule");
    }
    print_losses(report.losses, output);
    for (const std::string& note : report.notes) output.line(note);
    std::string path = report.dataset;
    while (path.size() > 1 && path.back() == '/') path.pop_back();
    const std::string name = shell_word("local/" + path.substr(path.find_last_of('/') + 1));
    path = shell_word(path);
    output.line("next:");
    output.line("  bagloom verify " + path);
    output.line("  lerobot-dataset-viz --repo-id " + name + " --root " + path + " --episode-index 0");
    output.line("  lerobot-train --dataset.repo_id=" + name + " --dataset.root=" + path +
                " --policy.type=act --policy.push_to_hub=false");
  }

  JobOptions options_;
};

}  // namespace

std::unique_ptr<Verb> make_convert() { return std::make_unique<Convert>(); }

}  // namespace bagloom::cli
