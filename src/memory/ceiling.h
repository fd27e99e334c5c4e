// A limit that the kernel enforces: a control group of its own for one command and everything that it starts.
#pragma once

#include <sys/types.h>

#include <cstdint>
#include <optional>
#include <string>
#include <string_view>
#include <vector>

#include "base/result.h"
#include "memory/process_tree.h"

namespace bagloom::memory {

/// Where a process's memory is accounted: the folder of its group, and which interface that has.
struct MemoryGroup {
  bool v2 = false;
  std::string folder;
};
/// From the texts of /proc/self/mountinfo and /proc/self/cgroup. Where version 1 has the memory controller, version 2 has not.
std::optional<MemoryGroup> memory_group(std::string_view mounts, std::string_view groups);

/// Anonymous memory, page cache, shared memory and the kernel's own memory for the processes count; swap does not help. Page
/// cache that was read is given back before anything is killed; pages that wait to be written need not be (on Linux 6.18 version
/// 1 waits for the disk, version 2 does not). Pages of files that other groups read first are charged to those.
///
/// Version 1: a group below the caller's. Version 2: processes may only be in groups without children, so it is made below the
/// caller's group where that is the root or has nobody but the caller (who is moved aside for as long), else beside it.
class Ceiling {
 public:
  /// Makes the group; `own`: the caller's pids, who may be moved aside. Error: unsupported or io, with what would help.
  static Result<Ceiling> make(std::uint64_t bytes, const std::vector<pid_t>& own);
  /// In a given group: for tests.
  static Result<Ceiling> make_in(const MemoryGroup& parent, std::uint64_t bytes, const std::vector<pid_t>& own);

  Ceiling(Ceiling&& other) noexcept;
  Ceiling& operator=(Ceiling&&) = delete;
  /// Removes the group; processes that are still in it go back to where the caller is.
  ~Ceiling();

  Status add(pid_t pid);
  /// Whether the kernel killed a process of the group for the limit.
  bool killed() const;
  CeilingUse use() const;

 private:
  Ceiling() = default;
  bool make_group(const std::string& parent);
  bool step_aside(const std::vector<pid_t>& own);
  void remove();

  bool v2_ = false;
  std::uint64_t bytes_ = 0;
  std::string home_;   ///< the caller's group
  std::string group_;  ///< ours; empty: moved from
  std::string aside_;  ///< where the caller waits meanwhile (version 2); empty: nowhere
  std::vector<pid_t> moved_;
};

/// The kernel may take the pages of a process that it kills for want of memory before the mark of that process is read, which is
/// then too low. Raises the tree's peak to what the ceiling's group says, and says in `may_have_missed` what is still not known.
/// `kills`: processes that the kernel killed for want of memory anywhere on the machine meanwhile (machine_kills).
void count_killed(TreeUse& use, std::uint64_t kills);

/// Since the machine started; 0 where the kernel does not say (before Linux 4.13).
std::uint64_t machine_kills();

}  // namespace bagloom::memory
