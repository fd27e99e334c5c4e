// Part of the two programs, not of the library: from the first instruction that is ours the signals that ask to stop wait until
// the handlers stand (stop.h), across exec too: the full program needs tens of milliseconds until its main() begins, and one that
// came then would end it without a line.
#include <sys/syscall.h>
#include <unistd.h>

#include <csignal>

#include "cli/stop.h"

namespace {

// No sanitizer is set up yet, and its own sigprocmask must not be called.
__attribute__((no_sanitize("address", "undefined", "thread"))) void hold_signals(int, char**, char**) {
  sigset_t held;
  sigemptyset(&held);
  for (const int signal : bagloom::cli::kStopSignals) sigaddset(&held, signal);
  ::syscall(SYS_rt_sigprocmask, SIG_BLOCK, &held, nullptr, (NSIG - 1) / 8);
}

// Before the constructors of all libraries, the C++ library's included: only what is loaded runs earlier, the dynamic linker.
__attribute__((section(".preinit_array"), used)) void (*const before_all)(int, char**, char**) = hold_signals;

}  // namespace
