// Ctrl-C and SIGTERM ask the work to end soon and consistently; a second one ends it at once.
#pragma once

namespace bagloom::cli {

/// Installs the handlers, and ignores SIGPIPE so that a reader that went away is an error of write. May be called again, and before any
/// constructor has run.
void install_signal_handlers();

/// For the library's stop functions. May be called from any thread.
bool stop_requested();
/// The signal that asked, or 0.
int stop_signal();

}  // namespace bagloom::cli
