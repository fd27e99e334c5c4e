// The command line as a whole: verbs, help, version, usage errors.
#pragma once

#include <functional>
#include <memory>
#include <string>
#include <vector>

#include "base/error.h"
#include "cli/verb.h"

namespace bagloom::cli {

/// Parses, runs the verb, prints; gives the exit code. `version` is called for --version.
int run_command_line(int argc, char** argv, const std::vector<std::unique_ptr<Verb>>& verbs,
                     const std::function<std::string()>& version);

/// Says why the full program did not start, as JSON where that is asked for; gives the exit code.
int report_start_failure(int argc, char** argv, const Error& error);

}  // namespace bagloom::cli
