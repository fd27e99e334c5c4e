// What /proc says of other processes: memory, descent, command. No allocation but for names and lists; nothing here fails loudly,
// because a process may end between two reads.
#pragma once

#include <sys/types.h>

#include <cstdint>
#include <optional>
#include <string>
#include <vector>

namespace bagloom::memory {

/// Of /proc/PID/status; bytes.
struct ProcStatus {
  pid_t process = 0;  ///< Tgid: differs from the asked number for a thread
  pid_t parent = 0;
  bool has_memory = false;  ///< false for a zombie, which has given everything back
  std::uint64_t peak = 0;   ///< VmHWM
  std::uint64_t resident = 0, anonymous = 0, file = 0, shared = 0;
};
std::optional<ProcStatus> read_status(pid_t pid);

/// Of /proc/PID/smaps_rollup: each page divided by the number of its mappings; bytes. None where it may not be read.
struct ProportionalSet {
  std::uint64_t anonymous = 0, file = 0, shared = 0;
};
std::optional<ProportionalSet> read_proportional(pid_t pid);

/// Arguments joined by blanks, cut to 200 bytes; the name in brackets where there are none. Empty: the process is gone.
std::string read_command(pid_t pid);

/// The first argument after the program's name; empty where there is none.
std::string read_first_argument(pid_t pid);

/// CPU seconds of children that a process has waited for: /proc/PID/stat, in hundredths of a second.
struct ChildrenTimes {
  double user = 0, system = 0;
};
std::optional<ChildrenTimes> read_children_times(pid_t pid);

/// Page faults of all threads that needed no disk: among them one for each shared page that was written and so copied. It goes on
/// counting through an exec. None where the process is gone.
std::optional<std::uint64_t> read_faults(pid_t pid);

/// Direct children of all threads of a process; falls back to reading every process's parent.
std::vector<pid_t> read_children(pid_t pid);

/// Children, their children, and so on; not the process itself.
std::vector<pid_t> read_descendants(pid_t pid);

/// Whether two processes have one address space (vfork, clone with CLONE_VM). None where the kernel does not say.
std::optional<bool> same_memory(pid_t a, pid_t b);

}  // namespace bagloom::memory
