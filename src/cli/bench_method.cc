// bagloom bench-method: what `bagloom bench` starts for each method. Not for people.
#include "bench/job.h"
#include "cli/exit_code.h"
#include "cli/stop.h"
#include "cli/verb.h"

namespace bagloom::cli {
namespace {

class BenchMethod : public Verb {
 public:
  std::string name() const override { return "bench-method"; }
  std::string summary() const override { return "What bench starts for each method"; }
  bool hidden() const override { return true; }
  void configure(CLI::App& app) override { app.add_option("JOB", job_, "A file that bench wrote")->required(); }
  int run(Output& output) override {
    const auto done = bench::run_job(job_, stop_requested);
    return done ? kDone : output.fail(done.error(), exit_code_of(done.error().kind(), stop_signal()));
  }

 private:
  std::string job_;
};

}  // namespace

std::unique_ptr<Verb> make_bench_method() { return std::make_unique<BenchMethod>(); }

}  // namespace bagloom::cli
