// Ctrl-C and SIGTERM ask the work to end soon and consistently; a second one ends it at once.
#pragma once

#include <array>
#include <csignal>

namespace bagloom::cli {

/// Those that ask. From a program's first instruction on they wait (`early_signals.cc`), until install_signal_handlers().
inline constexpr std::array kStopSignals{SIGINT, SIGTERM, SIGHUP};

/// Installs the handlers, lets through what waits, and ignores SIGPIPE so that a reader that went away is an error of write. Call
/// once, in main.
void install_signal_handlers();

/// For the library's stop functions. May be called from any thread.
bool stop_requested();
/// The signal that asked, or 0.
int stop_signal();

}  // namespace bagloom::cli
