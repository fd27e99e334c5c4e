// What a program file says of itself that matters to who wants to trace it.
#pragma once

#include <string>

namespace bagloom::memory {

struct ProgramTraits {
  /// Running it gives other rights (set-user-ID, set-group-ID, capabilities) than this process has; the kernel withholds them
  /// from a program that is traced by a process without rights of its own.
  bool gains_rights = false;
  /// It names ptrace: two tracers are one too many. Read from the file's dynamic symbol names, so a program that makes the system
  /// call without libc is not seen.
  bool traces_itself = false;
  /// It names a sanitizer, which checks for leaks by ptrace.
  bool sanitized = false;
};

/// A path that cannot be read has no traits.
ProgramTraits traits_of(const std::string& path);

/// bagloom's programs name ptrace for the sake of `measure` and `bench`; with another verb (`argument`, the first one) they may
/// be traced like any program. `path`: of the program; it is ours where it stands beside the running one.
bool is_bagloom_without_tracer(const std::string& path, const std::string& argument);

/// Where execvp would find `name`; empty: nowhere.
std::string find_program(const std::string& name);

}  // namespace bagloom::memory
