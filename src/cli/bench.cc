// bagloom bench: what converting a recording costs by each method.
#include "bench/bench.h"

#include <algorithm>
#include <filesystem>

#include "cli/bench_report.h"
#include "cli/bench_text.h"
#include "cli/exit_code.h"
#include "cli/job.h"
#include "cli/quantity.h"
#include "cli/stop.h"

namespace bagloom::cli {
namespace {

class BenchVerb : public Verb {
 public:
  std::string name() const override { return "bench"; }
  std::string summary() const override { return "Measure what converting a recording costs, by several methods"; }

  void configure(CLI::App& app) override {
    app.add_option("BAG", bag_, "A recording")->required();
    app.add_option("--recipe", recipe_, "Which topics become what (default: guessed)")->type_name("FILE");
    app.add_option("--set", sets_, "Change the recipe: --set video.codec=av1; may be repeated")
        ->type_name("KEY=VALUE")
        ->allow_extra_args(false);
    add_msg_paths(app, options_.msg_paths);
    CLI::Option* methods = app.add_option("--methods", methods_, "scan, full, chunked:N, planned, in the order they run")
                               ->type_name("M,M")
                               ->delimiter(',')
                               ->allow_extra_args(false);
    app.add_option("--repeats", options_.repeats, "Runs of each method")
        ->type_name("N")
        ->capture_default_str()
        ->check(CLI::Range(1u, 1000u));
    app.add_option("--isolation", isolation_, "process: one each; shared: one for all; both")
        ->type_name("HOW")
        ->capture_default_str()
        ->check(CLI::IsMember({"process", "shared", "both"}));
    app.add_option("--profile", profile_,
                   "stages: who had the memory at the peak, by account, task and stage; heap: where it was allocated (each "
                   "method once more, "
                   "under heaptrack)")
        ->type_name("KIND")
        ->check(CLI::IsMember({"stages", "heap"}));
    add_limits(app, limits_);
    app.get_option("--memory-limit")->description("Of planned: peak resident memory that may be used: 256MiB, 1.2GiB");
    add_memory_size(app, "--ceiling", ceiling_, "Let the kernel end a method that takes more, where it may be asked to");
    app.add_flag("--no-write", no_write_, "Neither encode nor write");
    app.add_option("--external", externals_, "Any other converter: 'NAME=command with {bag} and {out}'; may be repeated")
        ->type_name("NAME=COMMAND")
        ->allow_extra_args(false);
    app.add_option("--lengths", options_.lengths, "Run each method on the recording repeated (or cut) to these lengths: 1,4,16")
        ->type_name("N,N")
        ->delimiter(',')
        ->allow_extra_args(false)
        ->check(CLI::Range(0.01, 10000.0));
    app.add_option("--output-dir", options_.output_folder, "Keep the datasets here (default: a temporary folder)")
        ->type_name("DIR");
    app.add_option("--report", report_, "Write the comparison as one HTML page with curves")->type_name("FILE");
    add_json(app);
    const char* old = "As the script before it";
    app.add_option("--chunk-sizes", chunk_sizes_, "Rows of the chunked methods (default: 100 50)")
        ->type_name("N N ...")
        ->excludes(methods)
        ->group(old);
    CLI::Option* test =
        app.add_flag("--test-original", test_original_, "Run full whatever it needs")->excludes(methods)->group(old);
    app.add_flag("--skip-original", skip_original_, "Do not run full")->excludes(methods)->excludes(test)->group(old);
    app.add_flag("--test-streaming", test_streaming_, "Run planned (it always does)")->excludes(methods)->group(old);
    app.footer(
        "docs/bench.md explains every column. Exit code 1 where two methods' datasets differ, or a method failed; 5 where "
        "--memory-limit is too small for a method and nothing else failed.");
  }

  int run(Output& output) override {
    if (!report_.empty())
      if (const Status asked = may_write_report(report_); !asked)
        return output.fail(asked.error(), exit_code_of(asked.error().kind(), stop_signal()));
    auto report = measure(output);
    output.progress().clear();
    if (!report)
      return output.fail(report.error().kind() == ErrorKind::stopped ? stopped() : report.error(),
                         exit_code_of(report.error().kind(), stop_signal()));
    const std::string json = bench::to_json(*report);
    const Status written = report_.empty() ? Status() : write_report(report_, json);
    output.block(bench_text(*report, output.width()));
    // The figures are there all the same.
    if (!written) return output.fail(written.error(), exit_code_of(written.error().kind(), stop_signal()), Json::parse(json));
    const std::uint64_t smallest = report->smallest_limit();
    if (output.json()) {
      Json object = smallest != 0 ? error_json(limit_error(*report), kOverLimit) : Json::object();
      object.update(Json::parse(json));
      output.result(object);
    }
    if (!report_.empty()) output.line(report_ + ": the comparison as a page");
    return report->good() ? kDone : smallest != 0 ? kOverLimit : kFailed;
  }

 private:
  Error stopped() const {
    return Error(ErrorKind::stopped, "stopped before the end")
        .fix(options_.output_folder.empty()
                 ? "no figures are kept: the same command measures anew"
                 : "no figures are kept; the datasets that were made stay: measure anew with another --output-dir");
  }

  /// What the first method said that the limit is too small for; with the limit that does for all.
  static Error limit_error(const bench::BenchReport& report) {
    const auto failed =
        std::find_if(report.rows.begin(), report.rows.end(), [](const auto& row) { return row.smallest_limit != 0; });
    return Error(ErrorKind::over_limit, failed->method.name() + ": " + failed->error).needing(report.smallest_limit());
  }

  Result<bench::BenchReport> measure(Output& output) {
    RETURN_IF_ERROR(fill_options());
    if (output.progress().enabled()) options_.progress = [&](const bench::BenchOptions::Progress& now) { show(output, now); };
    ASSIGN_OR_RETURN(bench::Bench bench, bench::Bench::prepare(options_));
    output.block(bench_header(options_, bench.facts()));
    return bench.run();
  }

  Status fill_options() {
    JobOptions job;
    job.bags = {bag_};
    job.recipe = recipe_;
    job.sets = sets_;
    job.msg_paths = options_.msg_paths;
    ASSIGN_OR_RETURN(const convert::Options made, job.make());
    if (made.bags.size() != 1) return Error(ErrorKind::invalid, "bench takes one recording").in(bag_);
    options_.bag = made.bags.front();
    options_.recipe = made.recipe;
    options_.threads = limits_.threads;
    options_.memory_limit = limits_.memory_limit;
    options_.write = !no_write_;
    if (ceiling_ != 0) options_.ceiling = ceiling_;
    options_.isolation = isolation_ == "shared" ? bench::Isolation::shared
                         : isolation_ == "both" ? bench::Isolation::both
                                                : bench::Isolation::process;
    options_.profile = profile_ == "stages" ? bench::Profile::stages
                       : profile_ == "heap" ? bench::Profile::heap
                                            : bench::Profile::none;
    options_.stop = stop_requested;
    std::error_code failed;
    const auto program = std::filesystem::read_symlink("/proc/self/exe", failed);
    options_.launch = {failed ? "/proc/self/exe" : program.string(), "bench-method"};
    for (const std::string& text : externals_) {
      ASSIGN_OR_RETURN(const bench::Method external, bench::parse_external(text));
      for (const bench::Method& before : options_.externals)
        if (before.name() == external.name())
          return Error(ErrorKind::invalid, "two external methods are called " + external.name()).fix("give each its own name");
      options_.externals.push_back(external);
    }
    return choose_methods();
  }

  Status choose_methods() {
    std::vector<std::string> names = methods_;
    if (names.empty()) {
      names.push_back("scan");
      if (!skip_original_) names.push_back("full");
      options_.full_if_it_fits = !test_original_;
      if (chunk_sizes_.empty()) chunk_sizes_ = {100, 50};
      for (const std::uint64_t rows : chunk_sizes_) names.push_back("chunked:" + std::to_string(rows));
      names.push_back("planned");
    }
    for (const std::string& name : names) {
      ASSIGN_OR_RETURN(const bench::Method method, bench::parse_method(name));
      if (std::find(options_.methods.begin(), options_.methods.end(), method) != options_.methods.end())
        return Error(ErrorKind::invalid, name + " is named twice").fix("--repeats N runs each method several times");
      options_.methods.push_back(method);
    }
    return {};
  }

  static void show(Output& output, const bench::BenchOptions::Progress& now) {
    std::string text = std::to_string(now.run) + "/" + std::to_string(now.runs) + " " + now.method + "  ";
    if (now.rows > 0 && now.seconds > 0.2) text += fixed_text(static_cast<double>(now.rows) / now.seconds, 0) + " rows/s  ";
    text += size_text(now.resident_bytes);
    const double share = now.of_rows == 0 ? 0 : std::min(1.0, static_cast<double>(now.rows) / static_cast<double>(now.of_rows));
    output.progress().show((now.run - 1 + share) / std::max(1u, now.runs), text);
  }

  std::string bag_, recipe_, isolation_ = "process", profile_, report_;
  std::vector<std::string> sets_, methods_, externals_;
  std::vector<std::uint64_t> chunk_sizes_;
  std::uint64_t ceiling_ = 0;
  bool no_write_ = false, test_original_ = false, skip_original_ = false, test_streaming_ = false;
  Limits limits_;
  bench::BenchOptions options_;
};

}  // namespace

std::unique_ptr<Verb> make_bench() { return std::make_unique<BenchVerb>(); }

}  // namespace bagloom::cli
