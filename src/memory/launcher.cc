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
#include <unistd.h>

#include <algorithm>
#include <array>
#include <cerrno>
#include <chrono>
#include <cstring>

#include "memory/process_table.h"
#include "memory/tree_wire.h"

namespace bagloom::memory {
namespace {

using SteadyClock = std::chrono::steady_clock;

SteadyClock::time_point start;  // the launcher is one process for one command
double since_start() { return std::chrono::duration<double>(SteadyClock::now() - start).count(); }

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
    if (const int error = start_command(); error != 0) {
      send_message(socket_, LauncherMessage::not_started, &error, sizeof error);
      return;
    }
    watch();
    TreeUse use = table_.finish();
    use.counters = use.traced ? "VmHWM at each process's exit stop" : "VmHWM and VmRSS, sampled";
    const std::string bytes = to_bytes(use);
    send_message(socket_, LauncherMessage::finished, bytes.data(), bytes.size());
  }

 private:
  void prepare();
  int start_command();
  [[noreturn]] void become_command(int go, int failure);
  void watch();
  void handle_stop(pid_t thread, int status, const rusage& use);
  void at_exit_stop(pid_t thread);
  void resume(pid_t thread, int signal) { ::ptrace(PTRACE_CONT, thread, 0, signal); }
  bool take_orders();
  void sum(pid_t ending);
  void report_progress();
  void kill_all();

  const MeasuredCommand& command_;
  int socket_;
  int children_ = -1;  // signalfd
  sigset_t mask_before_{};
  std::array<struct sigaction, std::size(kSignals)> actions_before_{};
  ProcessTable table_{since_start};
  pid_t root_ = 0;
  bool trace_ = true;
  SteadyClock::time_point next_sum_{}, next_progress_{}, rest_until_ = SteadyClock::time_point::max();
  SteadyClock::duration spent_at_ends_{};
};

void Launcher::prepare() {
  ::prctl(PR_SET_NAME, "bagloom-measure");
  ::prctl(PR_SET_CHILD_SUBREAPER, 1);  // orphans and daemons stay ours
  // What a terminal sends to everybody in front of it is for the command; this process ends after it.
  for (std::size_t i = 0; i < std::size(kSignals); ++i) {
    struct sigaction ignore {};
    ignore.sa_handler = SIG_IGN;
    ::sigaction(kSignals[i], &ignore, &actions_before_[i]);
  }
  sigset_t child;
  sigemptyset(&child);
  sigaddset(&child, SIGCHLD);
  ::sigprocmask(SIG_BLOCK, &child, &mask_before_);
  ::signal(SIGCHLD, SIG_DFL);
  children_ = ::signalfd(-1, &child, SFD_CLOEXEC | SFD_NONBLOCK);
}

int Launcher::start_command() {
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
  trace_ = command_.trace;
  if (trace_ && ::ptrace(PTRACE_SEIZE, child, 0, kOptions) != 0) {
    table_.note(std::string("what a process used between two samples and gave back: ptrace is not allowed here (") +
                std::strerror(errno) + ")");
    trace_ = false;
  }
  [[maybe_unused]] const ssize_t sent = ::write(go[1], "g", 1);
  ::close(go[1]);
  int error = 0;
  ssize_t got;
  while ((got = ::read(failure[0], &error, sizeof error)) < 0 && errno == EINTR) {
  }
  ::close(failure[0]);
  if (got == sizeof error) {  // it could not become the command
    ::kill(child, SIGKILL);
    for (int status; ::waitpid(child, &status, __WALL) == child && WIFSTOPPED(status);) resume(child, 0);
    return error;
  }
  root_ = child;
  start = SteadyClock::now();
  if (!trace_) table_.add_command(child, false);
  return 0;
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

void Launcher::watch() {
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
        table_.gone(thread, status, use);
      }
      if (SteadyClock::now() >= next_sum_) break;  // a tree that forks without end is sampled all the same
    }
    if (!left) return;
    const SteadyClock::time_point now = SteadyClock::now();
    if (table_.command_ended()) {
      if (rest_until_ == SteadyClock::time_point::max() && command_.wait_for_rest) rest_until_ = now + *command_.wait_for_rest;
      if (now >= rest_until_) return;
    }
    if (now >= next_sum_) sum(0);
    if (now >= next_progress_) report_progress();
    const auto wake = std::min({next_sum_, next_progress_, rest_until_});
    const auto pause = std::chrono::duration_cast<std::chrono::milliseconds>(wake - SteadyClock::now()).count();
    std::array<pollfd, 2> ready = {pollfd{children_, POLLIN, 0}, pollfd{socket_, POLLIN, 0}};
    ::poll(ready.data(), ready.size(), static_cast<int>(std::clamp<long long>(pause, 0, 1000)));
    signalfd_siginfo information;
    while (::read(children_, &information, sizeof information) > 0) {
    }
    if (ready[1].revents != 0 && !take_orders()) {
      kill_all();
      return;  // nobody is there to hear the report
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
    case PTRACE_EVENT_EXEC:
      if (thread == root_ && !table_.knows(root_)) {
        start = SteadyClock::now();
        table_.add_command(root_, true);
      } else {
        table_.executed(thread, use);
      }
      return resume(thread, 0);
    case PTRACE_EVENT_EXIT: at_exit_stop(thread); return resume(thread, 0);
    case PTRACE_EVENT_STOP:
      if (thread != root_ || table_.knows(root_)) table_.appeared(thread, true);
      if (signal == SIGSTOP || signal == SIGTSTP || signal == SIGTTIN || signal == SIGTTOU) {
        ::ptrace(PTRACE_LISTEN, thread, 0, 0);  // stays stopped until SIGCONT
        return;
      }
      return resume(thread, 0);
    default: return resume(thread, signal);
  }
}

void Launcher::at_exit_stop(pid_t thread) {
  if (!table_.exiting(thread)) return;
  const auto process = read_status(thread);
  if (!process || !table_.end_may_matter(process->process)) return;
  // Thousands of short processes: summing at each end may take a fifth of the time, unless much is at stake.
  if (spent_at_ends_ * 5 > SteadyClock::now() - start + std::chrono::milliseconds(100) && process->peak < (16u << 20))
    return table_.sum_skipped();
  const auto before = SteadyClock::now();
  table_.sum(process->process);
  spent_at_ends_ += SteadyClock::now() - before;
}

void Launcher::sum(pid_t ending) {
  const auto before = SteadyClock::now();
  if (!table_.all_traced()) table_.discover(::getpid());
  table_.sum(ending);
  const auto after = SteadyClock::now();
  next_sum_ = after + std::max<SteadyClock::duration>(command_.interval, (after - before) * 19);
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
  // A process that is forking while it is killed leaves a child: again, until none is left.
  table_.discover(::getpid());
  for (const pid_t pid : table_.living()) ::kill(pid, SIGKILL);
}

void Launcher::report_progress() {
  TreeProgress progress;
  progress.seconds = since_start();
  progress.resident_bytes = table_.last_sum();
  progress.peak_bytes = table_.peak();
  progress.processes = static_cast<std::uint32_t>(table_.living().size());
  progress.command_ended = table_.command_ended();
  send_message(socket_, LauncherMessage::progress, &progress, sizeof progress);
  next_progress_ = SteadyClock::now() + std::chrono::milliseconds(250);
}

}  // namespace

void launch(const MeasuredCommand& command, int socket) { Launcher(command, socket).run(); }

}  // namespace bagloom::memory
