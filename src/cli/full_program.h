// The program with all verbs. `bagloom` itself links no codec and no Arrow, so that reading an index takes a few MiB.
#pragma once

#include <string>

#include "base/error.h"

namespace bagloom::cli {

/// Whether `bagloom` answers this command line itself: info, scan or measure as the first argument.
bool answered_without_codecs(int argc, char* const* argv);

/// Where the full program stands: beside this one.
std::string full_program_path();

/// This process becomes the full program, with the same arguments. Returns only where that fails.
Error become_full_program(char* const* argv);

}  // namespace bagloom::cli
