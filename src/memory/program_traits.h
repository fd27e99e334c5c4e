// What a program file says of itself that matters to who wants to trace it.
#pragma once

#include <string>

namespace bagloom::memory {

struct ProgramTraits {
  /// Running it gives other rights (set-user-ID, set-group-ID, capabilities) than this process has; the kernel withholds them
  /// from a program that is traced by a process without rights of its own.
  bool gains_rights = false;
  /// It names ptrace or a sanitizer that checks for leaks with it: two tracers are one too many. Read from the file's dynamic
  /// symbol names, so a program that makes the system call without libc is not seen.
  bool traces_itself = false;
};

/// A path that cannot be read has no traits.
ProgramTraits traits_of(const std::string& path);

/// Where execvp would find `name`; empty: nowhere.
std::string find_program(const std::string& name);

}  // namespace bagloom::memory
