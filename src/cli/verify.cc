// bagloom verify: is a dataset what LeRobot will read?
#include "dataset/verify.h"

#include <algorithm>
#include <array>

#include "cli/exit_code.h"
#include "cli/quantity.h"
#include "cli/stop.h"
#include "cli/verb.h"
#include "memory/meter.h"

namespace bagloom::cli {
namespace {

struct Severity {
  char letter;
  bool bad;  // makes the dataset not ok
  const char* title;
};
// lerobot-format.md section 9, the worst first.
constexpr std::array kSeverities{
    Severity{'L', true, "breaks loading"},
    Severity{'S', true, "silently wrong data"},
    Severity{'T', true, "breaks editing, merging or training"},
    Severity{'W', false, "warnings"},
    Severity{'Q', false, "advice"},
};

bool is_bad(const dataset::Problem& problem) {
  for (const Severity& severity : kSeverities)
    if (severity.letter == problem.severity) return severity.bad;
  return true;
}

class Verify : public Verb {
 public:
  std::string name() const override { return "verify"; }
  std::string summary() const override { return "Check a LeRobot v3.0 dataset, every video decoded"; }
  void configure(CLI::App& app) override {
    app.add_option("DATASET", root_, "The dataset's folder, with meta/ in it")->required();
    app.add_flag("--no-decode", no_decode_, "Do not decode the videos");
    app.add_option("--seed", seed_, "Of the random order in which pictures are decoded")->type_name("N");
    add_limits(app, limits_);
    add_json(app);
    app.footer(
        "Severities: L breaks loading, S silently wrong data, T breaks editing, merging or training, W warning,\n"
        "Q advice. Exit code 1 where a problem is worse than W, 6 where the folder is no dataset.");
  }
  int run(Output& output) override {
    dataset::VerifyOptions options;
    options.decode = !no_decode_;
    options.seed = seed_;
    options.memory_limit = limits_.memory_limit;
    options.stop = stop_requested;
    options.progress = [&](std::uint64_t done, std::uint64_t total) {
      output.progress().show(total == 0 ? 0 : static_cast<double>(done) / static_cast<double>(total),
                             count_text(done) + " of " + count_text(total) + " pictures");
    };
    const Result<dataset::VerifyReport> result = dataset::verify_dataset(root_, options);
    output.progress().clear();
    if (!result.ok()) {
      InputOutcome outcome;
      outcome.failed(result.error().kind(), stop_signal());
      return output.fail(result.error(), outcome.code());
    }
    const dataset::VerifyReport& report = *result;
    const bool ok = std::none_of(report.problems.begin(), report.problems.end(), is_bad);
    output.result(to_json(report, ok));
    print(report, ok, output);
    return ok ? kDone : kFailed;
  }

 private:
  Json to_json(const dataset::VerifyReport& report, bool ok) const {
    Json object;
    object["ok"] = ok;
    object["dataset"] = root_;
    object["checks"] = report.checks;
    object["episodes"] = report.episodes;
    object["rows"] = report.rows;
    object["pictures"] = report.pictures;
    object["unlisted_problems"] = report.unlisted;
    object["notes"] = report.notes;
    object["peak_bytes"] = memory::resident().peak;
    if (report.memory.limit > 0) object["memory"] = to_json(report.memory);
    object["problems"] = Json::array();
    for (const dataset::Problem& problem : report.problems) {
      Json entry;
      entry["check"] = problem.check;
      entry["severity"] = std::string(1, problem.severity);
      entry["where"] = problem.where;
      entry["what"] = problem.what;
      object["problems"].push_back(std::move(entry));
    }
    return object;
  }

  static Json to_json(const dataset::VerifyMemory& memory) {
    Json object;
    object["limit_bytes"] = memory.limit;
    object["expected_peak_bytes"] = memory.expected_peak;
    object["smallest_limit_bytes"] = memory.smallest_limit;
    object["start_peak_bytes"] = memory.start_peak;
    object["accounts"] = Json::array();
    for (const auto& [name, bytes] : memory.accounts) object["accounts"].push_back({{"name", name}, {"bytes", bytes}});
    return object;
  }

  void print(const dataset::VerifyReport& report, bool ok, Output& output) const {
    for (const Severity& severity : kSeverities) {
      bool first = true;
      for (const dataset::Problem& problem : report.problems) {
        if (problem.severity != severity.letter) continue;
        if (first) output.line(std::string(severity.title) + ":");
        first = false;
        output.line("  " + problem.check + " " + problem.where + ": " + problem.what);
      }
    }
    if (report.unlisted > 0) output.line("and " + plural(report.unlisted, "more problem") + " of the same kinds");
    for (const std::string& note : report.notes) output.line("not checked: " + note);
    if (!report.problems.empty() || !report.notes.empty()) output.line();
    std::uint64_t problems = static_cast<std::uint64_t>(std::count_if(report.problems.begin(), report.problems.end(), is_bad));
    std::uint64_t remarks = report.problems.size() - problems;  // warnings and advice
    (ok ? remarks : problems) += report.unlisted;
    output.line(root_ + (ok ? ": ok" : ": NOT ok") + ", " + plural(report.checks, "check") + ", " +
                plural(report.episodes, "episode") + ", " + plural(report.rows, "row") + ", " +
                plural(report.pictures, "picture") + " decoded, " + plural(problems, "problem") +
                (remarks > 0 ? ", " + plural(remarks, "remark") : ""));
  }

  std::string root_;
  bool no_decode_ = false;
  std::uint64_t seed_ = 1;
  Limits limits_;
};

}  // namespace

std::unique_ptr<Verb> make_verify() { return std::make_unique<Verify>(); }

}  // namespace bagloom::cli
