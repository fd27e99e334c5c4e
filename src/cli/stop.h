// Ctrl-C and SIGTERM ask the work to end soon and consistently; a second one ends it at once.
#pragma once

namespace bagloom::cli {

/// Makes the signals wait until install_signal_handlers(), also across exec: the full program needs tens of milliseconds until
/// its main() begins, and one that came then would end it without a line.
void hold_signals();

/// Installs the handlers, lets through what waits, and ignores SIGPIPE so that a reader that went away is an error of write. Call
/// once, in main.
void install_signal_handlers();

/// For the library's stop functions. May be called from any thread.
bool stop_requested();
/// The signal that asked, or 0.
int stop_signal();

}  // namespace bagloom::cli
