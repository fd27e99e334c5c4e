// bagloom measure: what a command and everything that it starts take of memory and time.
#include <fcntl.h>
#include <signal.h>
#include <sys/stat.h>
#include <unistd.h>

#include <algorithm>
#include <array>
#include <cerrno>
#include <chrono>
#include <cmath>
#include <cstring>
#include <filesystem>
#include <fstream>

#include "cli/exit_code.h"
#include "cli/measure_report.h"
#include "cli/output.h"
#include "cli/quantity.h"
#include "cli/stop.h"
#include "cli/verb.h"
#include "memory/process_tree.h"

namespace bagloom::cli {
namespace {

constexpr int kNotFound = 127, kNotExecutable = 126;  // as env, time and nohup say it

/// While a command runs, signals are its own affair. What the terminal sends reaches it directly; what is sent to this process
/// alone is passed on.
class PassedSignals {
 public:
  PassedSignals() {
    struct sigaction action {};
    action.sa_sigaction = [](int signal, siginfo_t* information, void*) {
      from_terminal_ = information->si_code == SI_KERNEL;
      pending_ = signal;
    };
    action.sa_flags = SA_SIGINFO;  // no SA_RESTART: waiting ends, so that it is passed on at once
    sigemptyset(&action.sa_mask);
    for (std::size_t i = 0; i < kSignals.size(); ++i) {
      ::sigaction(kSignals[i], nullptr, &before_[i]);
      if (before_[i].sa_handler != SIG_IGN) ::sigaction(kSignals[i], &action, nullptr);
    }
    if (stop_requested() && pending_ == 0) pending_ = stop_signal();  // it came just before
  }
  ~PassedSignals() {
    for (std::size_t i = 0; i < kSignals.size(); ++i) ::sigaction(kSignals[i], &before_[i], nullptr);
  }
  PassedSignals(const PassedSignals&) = delete;
  PassedSignals& operator=(const PassedSignals&) = delete;

  /// The signal to pass on, 0: none. The terminal's count too where the command could not get them: before its start, and once
  /// it has ended and left processes that may have left the terminal.
  static int take(bool command_runs) {
    const int signal = pending_;
    pending_ = 0;
    return from_terminal_ && command_runs ? 0 : signal;
  }

 private:
  static constexpr std::array<int, 6> kSignals = {SIGINT, SIGQUIT, SIGTERM, SIGHUP, SIGUSR1, SIGUSR2};
  static inline volatile sig_atomic_t pending_ = 0, from_terminal_ = 0;
  std::array<struct sigaction, kSignals.size()> before_{};
};

/// Whether a file can be written there, before an hour is spent on what goes into it. What stands there is not touched.
Status may_write_json(const std::string& path) {
  if (path.empty()) return {};
  const auto refused = [&path](const char* why) {
    return Error(ErrorKind::invalid, std::string("cannot be written: ") + why)
        .in(path)
        .fix("name a file in a folder that is there and may be written");
  };
  struct stat there {};
  const bool exists = ::stat(path.c_str(), &there) == 0;
  if (exists && S_ISDIR(there.st_mode)) return refused("it is a folder");
  if (exists && !S_ISREG(there.st_mode)) {  // opening a pipe would wait for its reader
    if (::access(path.c_str(), W_OK) != 0) return refused(std::strerror(errno));
    return {};
  }
  const int file = ::open(path.c_str(), O_WRONLY | O_APPEND | O_CREAT | O_CLOEXEC, 0666);
  if (file < 0) return refused(std::strerror(errno));
  ::close(file);
  if (struct stat link{}; !exists && ::lstat(path.c_str(), &link) == 0 && S_ISREG(link.st_mode)) ::unlink(path.c_str());
  return {};
}

/// Both paths lead to one file, of which the second would overwrite the first.
bool same_file(const std::string& a, const std::string& b) {
  if (a.empty() || b.empty()) return false;
  std::error_code failed;
  const auto one = std::filesystem::weakly_canonical(a, failed), other = std::filesystem::weakly_canonical(b, failed);
  return a == b || (!failed && one == other) || std::filesystem::equivalent(a, b, failed);
}

Status write_json(const std::string& path, const Json& object) {
  if (path.empty()) return {};
  std::ofstream out(path);
  out << object.dump(2, ' ', false, Json::error_handler_t::replace) << '\n' << std::flush;
  if (!out) return Error(ErrorKind::io, std::string("cannot be written: ") + std::strerror(errno)).in(path);
  return {};
}

class Measure : public Verb {
 public:
  std::string name() const override { return "measure"; }
  std::string summary() const override { return "What any command and all that it starts take of memory and time"; }
  void configure(CLI::App& app) override {
    app.add_option("COMMAND", command_.argv, "The command and its arguments; options of measure stand before it")->required();
    app.add_option("--json", json_, "Write the figures to FILE, as one JSON object (stdout is the command's)")->type_name("FILE");
    app.add_option("--timeline", timeline_, "Write memory over time, as JSON")->type_name("FILE");
    app.add_option("--interval", interval_, "Time between two sums of the tree (default 10)")
        ->type_name("MS")
        ->check(CLI::Range(1, 60000));
    add_memory_size(app, "--ceiling", ceiling_, "Let the kernel kill what needs more: 256MiB (a control group's limit)");
    app.add_option("--wait", wait_, "Watch processes that outlive the command for so long (default: until they end)")
        ->type_name("SECONDS")
        ->check(CLI::Range(0.0, 1e9));
    app.add_flag("--no-trace", no_trace_, "Sample only: for debuggers, and programs with rights of their own (sudo)");
    app.footer(
        "The figures go to stderr when the command has ended; its own output is left alone. The exit code is the command's,\n"
        "128+n where signal n ended it, 127 where it was not found, 126 where it cannot be run; 2, before it starts, where a\n"
        "FILE cannot be written.\n"
        "  peak      the most that the whole tree had resident, each page counted once, however many processes share it\n"
        "  initial   when the command's program was loaded and had not run yet\n"
        "  bound     all marks of processes that lived at the same time: the peak cannot be above it\n"
        "docs/measure.md says how it is counted.");
  }

  int run(Output& output) override {
    for (const std::string& path : {json_, timeline_})
      if (const Status status = may_write_json(path); !status.ok()) return output.fail(status.error(), kUsage);
    if (same_file(json_, timeline_))
      return output.fail(Error(ErrorKind::invalid, "--json and --timeline are the same file").in(json_).fix("name two files"),
                         kUsage);
    if (ceiling_ > 0) command_.ceiling_bytes = ceiling_;
    command_.interval = std::chrono::milliseconds(interval_);
    if (wait_ >= 0) command_.wait_for_rest = std::chrono::milliseconds(std::llround(wait_ * 1000));
    command_.trace = !no_trace_;
    int progress_after_end = 0;  // the first may come while the last processes are ending
    command_.on_progress = [&](const memory::TreeProgress& progress) {
      memory::Order order;
      order.signal = PassedSignals::take(progress.command_started && !progress.command_ended);
      if (progress.command_ended && progress.processes > 0 && wait_ < 0 && ++progress_after_end == 2) {
        output.note("the command has ended and left " + count_text(progress.processes) +
                    " running, still watched until the end; Ctrl-C ends them, --wait 0 leaves them alone");
      }
      return order;
    };
    memory::StartFailure failure;
    const Result<memory::TreeUse> use = [&] {
      const PassedSignals signals;
      return memory::run_measured(command_, &failure);
    }();
    if (!use.ok()) {
      const int code = failure.error == ENOENT || failure.error == ENOTDIR ? kNotFound
                       : failure.error != 0                                ? kNotExecutable
                                                                           : kFailed;
      return output.fail(use.error(), code);
    }
    for (const std::string& line : measure_text(*use)) output.note(line);
    const int code = use->signal ? kSignal + *use->signal : use->exit_code.value_or(kFailed);
    int written = 0;
    if (const Status status = write_json(json_, measure_json(*use)); !status.ok()) written = output.fail(status.error(), kFailed);
    if (const Status status = write_json(timeline_, timeline_json(*use)); !status.ok())
      written = output.fail(status.error(), kFailed);
    return code != 0 ? code : written;
  }

 private:
  memory::MeasuredCommand command_;
  std::string json_, timeline_;
  int interval_ = 10;
  double wait_ = -1;
  std::uint64_t ceiling_ = 0;
  bool no_trace_ = false;
};

}  // namespace

std::unique_ptr<Verb> make_measure() { return std::make_unique<Measure>(); }

}  // namespace bagloom::cli
