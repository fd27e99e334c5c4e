// The command line as a whole: verbs, help, version, usage errors.
#pragma once

namespace bagloom::cli {

/// Parses, runs the verb, prints; gives the exit code.
int run_command_line(int argc, char** argv);

}  // namespace bagloom::cli
