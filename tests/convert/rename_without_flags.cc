#include "convert/rename_without_flags.h"

#include <fcntl.h>
#include <sys/syscall.h>
#include <unistd.h>

#include <cerrno>
#include <cstdio>

namespace {
int refusal = 0;       // errno for flags; 0: none is refused
int renames_left = 0;  // until the process ends; 0: it does not
}  // namespace

namespace bagloom::convert {

RenameWithoutFlags::RenameWithoutFlags(int code, int fatal_rename) {
  refusal = code;
  renames_left = fatal_rename;
}
RenameWithoutFlags::~RenameWithoutFlags() { refusal = renames_left = 0; }

}  // namespace bagloom::convert

// In place of the C library's, in the whole program.
extern "C" int renameat2(int from_folder, const char* from, int to_folder, const char* to, unsigned int flags) noexcept {
  if (refusal != 0 && flags != 0) {
    errno = refusal;
    return -1;
  }
  return static_cast<int>(::syscall(SYS_renameat2, from_folder, from, to_folder, to, flags));
}

extern "C" int rename(const char* from, const char* to) noexcept {
  if (renames_left > 0 && --renames_left == 0) ::_exit(bagloom::convert::RenameWithoutFlags::kExitCode);
  return static_cast<int>(::syscall(SYS_renameat2, AT_FDCWD, from, AT_FDCWD, to, 0));
}
