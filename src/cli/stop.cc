#include "cli/stop.h"

#include <atomic>
#include <csignal>

namespace bagloom::cli {
namespace {

// The one thing that a signal handler may touch; the program's, not the library's.
std::atomic<int> requested{0};
static_assert(std::atomic<int>::is_always_lock_free);

void on_signal(int signal) { requested.store(signal); }

}  // namespace

void install_signal_handlers() {
  struct sigaction action {};
  action.sa_handler = on_signal;
  // The second signal finds the default action: the work may hang in a read of a dead disk.
  action.sa_flags = static_cast<int>(SA_RESETHAND) | SA_RESTART;
  sigemptyset(&action.sa_mask);
  sigset_t waiting;
  sigemptyset(&waiting);
  for (const int signal : kStopSignals) {
    sigaddset(&waiting, signal);
    struct sigaction before {};
    sigaction(signal, nullptr, &before);
    if (before.sa_handler != SIG_IGN) sigaction(signal, &action, nullptr);  // nohup stays nohup
  }
  std::signal(SIGPIPE, SIG_IGN);
  sigprocmask(SIG_UNBLOCK, &waiting, nullptr);
}

bool stop_requested() { return requested.load() != 0; }
int stop_signal() { return requested.load(); }

}  // namespace bagloom::cli
