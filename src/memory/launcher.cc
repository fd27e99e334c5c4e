#include "memory/launcher.h"

#include <fcntl.h>
#include <poll.h>
#include <signal.h>
#include <sys/prctl.h>
#include <sys/ptrace.h>
#include <sys/signalfd.h>
#include <sys/socket.h>
#include <sys/stat.h>
#include <sys/wait.h>
#include <time.h>
#include <unistd.h>

#include <algorithm>
#include <array>
#include <cerrno>
#include <chrono>
#include <cstring>
#include <map>
#include <utility>

#include "memory/ceiling.h"
#include "memory/counting_error.h"
#include "memory/proc_files.h"
#include "memory/process_table.h"
#include "memory/program_traits.h"
#include "memory/tree_wire.h"

namespace bagloom::memory {
namespace {

using SteadyClock = std::chrono::steady_clock;

SteadyClock::time_point start;  // the launcher is one process for one command
double since_start() { return std::chrono::duration<double>(SteadyClock::now() - start).count(); }

/// What this process has used of the CPU: what a sum costs, however busy the machine is with others.
SteadyClock::duration cpu_used() {
  timespec used{};
  ::clock_gettime(CLOCK_PROCESS_CPUTIME_ID, &used);
  return std::chrono::seconds(used.tv_sec) + std::chrono::nanoseconds(used.tv_nsec);
}

constexpr int kSignals[] = {SIGINT, SIGQUIT, SIGHUP, SIGTERM, SIGUSR1, SIGUSR2, SIGPIPE, SIGALRM};
constexpr long kOptions =
    PTRACE_O_TRACEFORK | PTRACE_O_TRACEVFORK | PTRACE_O_TRACECLONE | PTRACE_O_TRACEEXEC | PTRACE_O_TRACEEXIT;

void send_message(int socket, LauncherMessage kind, const void* bytes, std::size_t size) {
  const MessageHeader header{kind, 0, size};
  const auto send_all = [socket](const void* data, std::size_t left) {
    const char* at = static_cast<const char*>(data);
    while (left > 0) {
      const ssize_t sent = ::send(socket, at, left, MSG_NOSIGNAL);
      if (sent < 0 && errno == EINTR) continue;
      if (sent <= 0) return;
      at += sent;
      left -= static_cast<std::size_t>(sent);
    }
  };
  send_all(&header, sizeof header);
  send_all(bytes, size);
}

class Launcher {
 public:
  Launcher(const MeasuredCommand& command, int socket) : command_(command), socket_(socket) {}

  void run() {
    prepare();
    report_progress();
    Order first;
    if (!hear(first)) return;
    if (const int error = start_command(first.signal); error != 0) {
      send_message(socket_, LauncherMessage::not_started, &error, sizeof error);
      return;
    }
    if (first.end) kill_all();
    if (const int error = watch(); error != 0) {
      send_message(socket_, LauncherMessage::not_started, &error, sizeof error);
      return;
    }
    TreeUse use = table_.finish();
    use.ceiling = ceiling_use();
    use.counting_error_bytes = counting_error().bytes_a_process;
    count_killed(use, machine_kills() - kills_before_);
    use.counters = use.traced ? "VmHWM at each process's exit stop" : "VmHWM, sampled";
    use.counters += "; sums of RssAnon (Pss_Anon of forked relatives) and of mapped pages, each once";
    const std::string bytes = to_bytes(use);
    send_message(socket_, LauncherMessage::finished, bytes.data(), bytes.size());
  }

 private:
  void prepare();
  bool hear(Order& order) const;
  int start_command(int early_signal);
  void pass_on_early_signals(pid_t child) const;
  [[noreturn]] void become_command(int go, int failure);
  int start_error();
  int watch();
  void handle_stop(pid_t thread, int status, const rusage& use);
  void at_exit_stop(pid_t thread);
  bool may_sum_in_passing(int part) const;
  void sum_in_passing(pid_t ending = 0);
  void look_at_copies();
  void decide_on_tracing();
  void make_ceiling(pid_t child);
  void obey_ceiling();
  std::optional<CeilingUse> ceiling_use() const;
  void at_exec_stop(pid_t pid, const rusage& use);
  const ProgramTraits& traits_at(pid_t pid);
  void resume(pid_t thread, int signal) { ::ptrace(PTRACE_CONT, thread, 0, signal); }
  bool take_orders();
  void sum(pid_t ending);
  void report_progress();
  void kill_all();

  const MeasuredCommand& command_;
  int socket_;
  int children_ = -1;  // signalfd
  int failure_ = -1;   // errno of the exec comes from here
  sigset_t mask_before_{};
  std::array<struct sigaction, std::size(kSignals)> actions_before_{};
  ProcessTable table_{since_start};
  pid_t root_ = 0;
  bool trace_ = true;
  SteadyClock::time_point next_sum_{}, next_look_{}, next_progress_{}, rest_until_ = SteadyClock::time_point::max();
  SteadyClock::duration spent_in_passing_{};
  std::optional<Ceiling> ceiling_;
  std::string no_ceiling_;  // why there is none
  std::uint64_t kills_before_ = 0;
  bool over_ceiling_ = false, ending_ = false;
  std::map<std::pair<dev_t, ino_t>, ProgramTraits> traits_;
};

void Launcher::prepare() {
  start = SteadyClock::now();
  kills_before_ = machine_kills();
  ::prctl(PR_SET_NAME, "bagloom-measure");
  ::prctl(PR_SET_CHILD_SUBREAPER, 1);  // orphans and daemons stay ours
  // What a terminal sends to everybody in front of it is for the command; this process ends after it. Blocked, not ignored: the
  // command begins as a copy of this process, and what reaches that copy before its program runs must wait and not be lost.
  sigset_t child, held;
  sigemptyset(&child);
  sigaddset(&child, SIGCHLD);
  held = child;
  for (std::size_t i = 0; i < std::size(kSignals); ++i) {
    sigaddset(&held, kSignals[i]);
    ::sigaction(kSignals[i], nullptr, &actions_before_[i]);
  }
  ::sigprocmask(SIG_BLOCK, &held, &mask_before_);
  ::signal(SIGCHLD, SIG_DFL);
  children_ = ::signalfd(-1, &child, SFD_CLOEXEC | SFD_NONBLOCK);
}

void Launcher::decide_on_tracing() {
  trace_ = command_.trace;
  if (!trace_) return table_.note("what a process used between two samples and gave back: tracing was not wanted");
  const std::string program = find_program(command_.argv[0]);
  const ProgramTraits traits = traits_of(program);
  if (traits.gains_rights) {
    trace_ = false;
    table_.note("what a process used between two samples and gave back: a program with rights of its own loses them when traced");
  } else if (traits.sanitized ||
             (traits.traces_itself && !is_bagloom_without_tracer(program, command_.argv.size() > 1 ? command_.argv[1] : ""))) {
    trace_ = false;
    table_.note("what a process used between two samples and gave back: the command uses ptrace itself");
  }
}

void Launcher::make_ceiling(pid_t child) {
  if (!command_.ceiling_bytes) return;
  Result<Ceiling> ceiling = Ceiling::make(*command_.ceiling_bytes, {::getpid(), ::getppid(), child});
  if (!ceiling.ok()) {
    no_ceiling_ = ceiling.error().text();
    return;
  }
  ceiling_.emplace(std::move(*ceiling));
  if (const Status added = ceiling_->add(child); !added.ok()) {
    no_ceiling_ = added.error().text();
    ceiling_.reset();
  }
}

void Launcher::obey_ceiling() {
  if (!ceiling_ || over_ceiling_ || !ceiling_->killed()) return;
  over_ceiling_ = true;  // the kernel may have killed one of many, and the others would wait for it without end
  kill_all();
}

std::optional<CeilingUse> Launcher::ceiling_use() const {
  if (!command_.ceiling_bytes) return std::nullopt;
  if (ceiling_) return ceiling_->use();
  CeilingUse use;
  use.bytes = *command_.ceiling_bytes;
  use.how = no_ceiling_;
  return use;
}

/// The answer to the first report. False: nobody is there.
bool Launcher::hear(Order& order) const {
  for (;;) {
    const ssize_t got = ::recv(socket_, &order, sizeof order, MSG_WAITALL);
    if (got >= 0 || errno != EINTR) return got == sizeof order;
  }
}

int Launcher::start_command(int early_signal) {
  int go[2], failure[2];
  if (::pipe2(go, O_CLOEXEC) != 0 || ::pipe2(failure, O_CLOEXEC) != 0) return errno;
  const pid_t child = ::fork();
  if (child < 0) return errno;
  if (child == 0) {
    ::close(go[1]);
    ::close(failure[0]);
    become_command(go[0], failure[1]);
  }
  ::close(go[0]);
  ::close(failure[1]);
  decide_on_tracing();
  if (trace_ && ::ptrace(PTRACE_SEIZE, child, 0, kOptions) != 0) {
    table_.note(std::string("what a process used between two samples and gave back: ptrace is not allowed here (") +
                std::strerror(errno) + ")");
    trace_ = false;
  }
  make_ceiling(child);
  if (early_signal != 0) ::kill(child, early_signal);
  pass_on_early_signals(child);
  [[maybe_unused]] const ssize_t sent = ::write(go[1], "g", 1);
  ::close(go[1]);
  root_ = child;
  failure_ = failure[0];
  if (trace_) return 0;  // its exec is a stop, its end too: `watch` sees them
  if (const int error = start_error(); error != 0) {
    ::waitpid(child, nullptr, 0);
    return error;
  }
  start = SteadyClock::now();
  table_.add_command(child, false);
  return 0;
}

/// A terminal's signal that came before `child` was there. One that has reached both, or that the caller passes on too, is
/// pending in the child already and stays one.
void Launcher::pass_on_early_signals(pid_t child) const {
  sigset_t pending;
  if (::sigpending(&pending) != 0) return;
  for (std::size_t i = 0; i < std::size(kSignals); ++i)
    if (sigismember(&pending, kSignals[i]) == 1 && actions_before_[i].sa_handler != SIG_IGN) ::kill(child, kSignals[i]);
}

/// What kept the child from becoming the command, 0: nothing. Waits until it is that, or has ended.
int Launcher::start_error() {
  int error = 0;
  ssize_t got;
  while ((got = ::read(failure_, &error, sizeof error)) < 0 && errno == EINTR) {
  }
  return got == sizeof error ? error : 0;
}

void Launcher::become_command(int go, int failure) {
  const auto fail = [failure] {
    const int error = errno;
    [[maybe_unused]] const ssize_t sent = ::write(failure, &error, sizeof error);
    ::_exit(127);
  };
  char byte;
  while (::read(go, &byte, 1) < 0 && errno == EINTR) {
  }
  ::prctl(PR_SET_CHILD_SUBREAPER, 0);
  for (std::size_t i = 0; i < std::size(kSignals); ++i) {
    // A handler of the caller's is no handler of the command's; what the caller's caller ignores stays ignored.
    if (actions_before_[i].sa_handler != SIG_IGN || kSignals[i] == SIGPIPE) actions_before_[i].sa_handler = SIG_DFL;
    actions_before_[i].sa_flags = 0;
    ::sigaction(kSignals[i], &actions_before_[i], nullptr);
  }
  ::sigprocmask(SIG_SETMASK, &mask_before_, nullptr);
  const auto redirect = [&fail](const std::string& path, int onto, int flags) {
    if (path.empty()) return;
    const int fd = ::open(path.c_str(), flags | O_CLOEXEC, 0666);
    if (fd < 0 || ::dup2(fd, onto) < 0) fail();
  };
  redirect(command_.stdin_path, STDIN_FILENO, O_RDONLY);
  redirect(command_.stdout_path, STDOUT_FILENO, O_WRONLY | O_CREAT | O_TRUNC);
  if (!command_.stderr_path.empty() && command_.stderr_path == command_.stdout_path) {
    if (::dup2(STDOUT_FILENO, STDERR_FILENO) < 0) fail();
  } else {
    redirect(command_.stderr_path, STDERR_FILENO, O_WRONLY | O_CREAT | O_TRUNC);
  }
  if (!command_.folder.empty() && ::chdir(command_.folder.c_str()) != 0) fail();
  for (const std::string& variable : command_.environment) {
    const std::size_t equals = variable.find('=');
    if (equals != std::string::npos) ::setenv(variable.substr(0, equals).c_str(), variable.c_str() + equals + 1, 1);
  }
  std::vector<char*> arguments;
  for (const std::string& argument : command_.argv) arguments.push_back(const_cast<char*>(argument.c_str()));
  arguments.push_back(nullptr);
  ::execvp(arguments[0], arguments.data());
  fail();
  ::_exit(127);
}

/// Until everything has ended, or nobody wants to know any more. Gives errno where the child did not become the command.
int Launcher::watch() {
  for (;;) {
    bool left = true;
    for (;;) {
      int status = 0;
      rusage use{};
      const pid_t thread = ::wait4(-1, &status, WNOHANG | __WALL, &use);
      if (thread == 0) break;
      if (thread < 0) {
        if (errno == EINTR) continue;
        left = false;  // no child and no traced process: everything ended, orphans too
        break;
      }
      if (WIFSTOPPED(status)) {
        handle_stop(thread, status, use);
      } else {
        if (thread == root_ && !table_.knows(root_)) {
          if (const int error = start_error(); error != 0) return error;
          start = SteadyClock::now();
          table_.add_command(root_, trace_);  // it was killed before its program ran
        }
        table_.gone(thread, status, use);
        if (WIFSIGNALED(status)) obey_ceiling();
      }
      if (SteadyClock::now() >= next_sum_) break;  // a tree that forks without end is sampled all the same
    }
    if (!left) {
      table_.discover(::getpid());  // those that were only sampled ended unseen
      return 0;
    }
    const SteadyClock::time_point now = SteadyClock::now();
    if (table_.command_ended()) {
      if (rest_until_ == SteadyClock::time_point::max() && command_.wait_for_rest) rest_until_ = now + *command_.wait_for_rest;
      if (now >= rest_until_) {
        table_.discover(::getpid());  // one may just have been born
        return 0;
      }
    }
    if (now >= next_sum_) sum(0);
    if (now >= next_look_) look_at_copies();
    if (now >= next_progress_) report_progress();
    const auto wake = std::min({next_sum_, next_look_, next_progress_, rest_until_});
    const auto pause = std::chrono::duration_cast<std::chrono::milliseconds>(wake - SteadyClock::now()).count();
    std::array<pollfd, 2> ready = {pollfd{children_, POLLIN, 0}, pollfd{socket_, POLLIN, 0}};
    ::poll(ready.data(), ready.size(), static_cast<int>(std::clamp<long long>(pause, 0, 1000)));
    signalfd_siginfo information;
    while (::read(children_, &information, sizeof information) > 0) {
    }
    if (ready[1].revents != 0 && !take_orders()) {
      socket_ = -1;  // nobody is there to hear the report; poll passes over it
      kill_all();
    }
  }
}

void Launcher::handle_stop(pid_t thread, int status, const rusage& use) {
  const int signal = WSTOPSIG(status), event = status >> 16;
  switch (event) {
    case PTRACE_EVENT_FORK:
    case PTRACE_EVENT_VFORK:
    case PTRACE_EVENT_CLONE: {
      unsigned long child = 0;
      if (::ptrace(PTRACE_GETEVENTMSG, thread, 0, &child) == 0) table_.forked(thread, static_cast<pid_t>(child));
      return resume(thread, 0);
    }
    case PTRACE_EVENT_EXEC: return at_exec_stop(thread, use);
    case PTRACE_EVENT_EXIT: at_exit_stop(thread); return resume(thread, 0);
    case PTRACE_EVENT_STOP:
      if ((thread != root_ || table_.knows(root_)) && !table_.knows(thread) && table_.appeared(thread, true)) sum_in_passing();
      if (signal == SIGSTOP || signal == SIGTSTP || signal == SIGTTIN || signal == SIGTTOU) {
        ::ptrace(PTRACE_LISTEN, thread, 0, 0);  // stays stopped until SIGCONT
        return;
      }
      return resume(thread, 0);
    default: return resume(thread, signal);
  }
}

const ProgramTraits& Launcher::traits_at(pid_t pid) {
  const std::string path = "/proc/" + std::to_string(pid) + "/exe";
  struct stat file {};
  ::stat(path.c_str(), &file);
  const auto [entry, is_new] = traits_.try_emplace({file.st_dev, file.st_ino});
  if (is_new) entry->second = traits_of(path);
  return entry->second;
}

void Launcher::at_exec_stop(pid_t pid, const rusage& use) {
  if (pid == root_ && !table_.knows(root_)) {
    start = SteadyClock::now();
    table_.add_command(root_, true, static_cast<std::uint64_t>(use.ru_maxrss) * 1024);
  } else {
    table_.executed(pid, use);
    sum_in_passing();
  }
  const ProgramTraits& traits = traits_at(pid);
  if (traits.gains_rights)
    table_.note("the rights that its file gives to " + read_command(pid) +
                ": traced, it ran without them; --no-trace leaves it alone");
  const std::string program = "/proc/" + std::to_string(pid) + "/exe";
  const bool tracer = traits.sanitized || (traits.traces_itself && !is_bagloom_without_tracer(program, read_first_argument(pid)));
  if (tracer && ::ptrace(PTRACE_DETACH, pid, 0, 0) == 0) {
    table_.untrace(pid);
    table_.note("what was used between two samples and given back by a program that uses ptrace itself: " + read_command(pid));
    return;
  }
  resume(pid, 0);
}

void Launcher::at_exit_stop(pid_t thread) {
  if (!table_.exiting(thread)) return;
  const auto process = read_status(thread);
  if (!process || !table_.end_may_matter(process->process)) return;
  const bool much = process->peak >= (16u << 20);
  if (!may_sum_in_passing(much ? 2 : 5)) return table_.sum_skipped();
  sum_in_passing(process->process);
}

/// Thousands of short processes: sums at their births and ends may take a fifth of the time, half of it where much is at stake.
bool Launcher::may_sum_in_passing(int part) const {
  return spent_in_passing_ * part < SteadyClock::now() - start + std::chrono::milliseconds(100);
}

/// At births, so that what a short process does is held against what the others had meanwhile, and at ends.
void Launcher::sum_in_passing(pid_t ending) {
  if (ending == 0 && !may_sum_in_passing(5)) return;
  const auto before = cpu_used();
  table_.sum(ending);
  spent_in_passing_ += cpu_used() - before;
}

/// Sums with forked relatives take long, so that they are rare; when relatives have copied much since the last, one more is due.
void Launcher::look_at_copies() {
  const auto before = cpu_used();
  const bool much = table_.copied_since_sum() > (1u << 20);
  next_look_ = SteadyClock::now() + std::max<SteadyClock::duration>(command_.interval, (cpu_used() - before) * 19);
  if (much && may_sum_in_passing(8)) sum_in_passing();
}

void Launcher::sum(pid_t ending) {
  const auto before = cpu_used();
  obey_ceiling();
  if (ending_) kill_all();  // a process that was forking while it was killed has left a child
  if (!table_.all_traced()) table_.discover(::getpid());
  table_.sum(ending);
  next_sum_ = SteadyClock::now() + std::max<SteadyClock::duration>(command_.interval, (cpu_used() - before) * 19);
}

bool Launcher::take_orders() {
  Order order;
  const ssize_t got = ::recv(socket_, &order, sizeof order, MSG_DONTWAIT);
  if (got < 0) return errno == EAGAIN || errno == EINTR;
  if (got != sizeof order) return false;
  if (order.end) kill_all();
  if (order.signal != 0 && !table_.command_ended()) ::kill(root_, order.signal);
  if (order.signal != 0 && table_.command_ended())
    for (const pid_t pid : table_.living()) ::kill(pid, order.signal);
  return true;
}

void Launcher::kill_all() {
  ending_ = true;
  if (!table_.knows(root_)) {  // still on its way to its program
    ::kill(root_, SIGKILL);
    return;
  }
  for (const pid_t pid : read_descendants(::getpid())) ::kill(pid, SIGKILL);
}

void Launcher::report_progress() {
  TreeProgress progress;
  progress.seconds = since_start();
  progress.resident_bytes = table_.last_sum();
  progress.peak_bytes = table_.peak();
  progress.processes = static_cast<std::uint32_t>(table_.living().size());
  progress.command_started = root_ != 0;
  progress.command_ended = table_.command_ended();
  send_message(socket_, LauncherMessage::progress, &progress, sizeof progress);
  next_progress_ = SteadyClock::now() + std::chrono::milliseconds(250);
}

}  // namespace

void launch(const MeasuredCommand& command, int socket) { Launcher(command, socket).run(); }  // the ceiling's group goes with it

}  // namespace bagloom::memory
