// The memory limit, laid out before anything is written. architecture.md section 4.
#pragma once

#include <string>
#include <vector>

#include "convert/convert.h"

namespace bagloom::convert {

/// Tasks of one size.
struct TaskKind {
  std::uint64_t bytes = 0;  ///< of each
  std::uint64_t count = 0;  ///< rather too many
};

struct MemoryNeeds {
  std::vector<MemoryAccount> held;  ///< all the time: base, code, threads, plan, chunk cache
  std::uint64_t largest_task = 0;
  std::string largest_task_name;
  std::vector<TaskKind> kinds;     ///< tasks that may run at once, of the whole job
  std::uint64_t assembly = 0;      ///< while a data file is written; no less than while an mp4 is
  std::uint64_t copied_from = 0;   ///< of it, and of each mp4: an open recording, where pictures are copied
  bool files_close_early = false;  ///< files are written while tasks run, not only after them
  std::uint64_t start_peak = 0;    ///< reached before the layout
  std::uint64_t resident = 0;      ///< held by the process now
  std::uint32_t threads = 1;
  std::uint64_t limit = 0;      ///< given by the user; 0: none
  std::uint64_t available = 0;  ///< of the machine and cgroup, beside what the process holds
  MemoryGrowth growth;
};

/// Chooses the limit where none is given (what is held + threads x the largest task, at most a quarter of what is available; one
/// task always fits) and how many tasks run at once. Error over_limit: a table of who needs what, and the smallest limit that
/// would do.
Result<MemoryLayout> lay_out_memory(const MemoryNeeds& needs);

/// The smallest limits that let 1, 2, 4 ... tasks run at once, up to the threads; a limit that lets no more run than one before
/// it is left out; the last is `all_threads_limit`. `expected_seconds` stays 0.
std::vector<LimitChoice> limits_by_tasks(const MemoryNeeds& needs);

/// "256 MiB", "1.2 GiB".
std::string size_text(std::uint64_t bytes);

/// What the limit leaves to tasks and assembly.
std::uint64_t task_bytes(const MemoryLayout& layout);

}  // namespace bagloom::convert
