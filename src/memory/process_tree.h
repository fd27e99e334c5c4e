// Runs a command and measures the memory of everything that it starts. docs/measure.md says what is counted and how.
#pragma once

#include <chrono>
#include <cstdint>
#include <functional>
#include <optional>
#include <string>
#include <vector>

#include "base/result.h"

namespace bagloom::memory {

/// Bytes of resident memory; a page that several processes of the tree share counts once.
struct TreeResident {
  std::uint64_t anonymous = 0;  ///< heap, stacks, private pages that were written
  std::uint64_t file = 0;       ///< pages of mapped files: programs, libraries, data
  std::uint64_t shared = 0;     ///< shared memory: memfd, /dev/shm, MAP_SHARED | MAP_ANONYMOUS

  std::uint64_t total() const { return anonymous + file + shared; }
};

struct TreeSample {
  double seconds = 0;  ///< since the command's program was loaded
  TreeResident resident;
};

/// One process of the tree. A process that runs several programs (exec) is one entry, the peak the largest of theirs. A forked
/// copy that leads to another program without having grown by a MiB is none of them: its pages are its forker's.
struct ProcessUse {
  std::int32_t pid = 0, parent = 0;  ///< parent: when the process was first seen
  std::string command;               ///< the last program's arguments, joined by blanks, cut to 200 bytes
  std::uint64_t peak_bytes = 0;      ///< VmHWM, read when the process ended (traced), or the last one seen (sampled)
  double start_seconds = 0, end_seconds = 0;
  double user_seconds = 0, system_seconds = 0;  ///< of this process alone; 0 where it was only sampled
  std::optional<int> exit_code;                 ///< neither code nor signal: still running, or ended unseen
  std::optional<int> signal;
  bool traced = false;  ///< its end was a stop at which its mark was read; else it was only sampled
};

/// What a ceiling did (`memory/ceiling.h`).
struct CeilingUse {
  std::uint64_t bytes = 0;       ///< what was asked for
  bool enforced = false;         ///< the kernel kept it
  std::string how;               ///< "cgroup v2", "cgroup v1"; where it is not enforced: why, and what would help
  bool killed = false;           ///< the kernel killed a process of the tree for it; the rest was then ended too
  std::uint64_t peak_bytes = 0;  ///< the group's own highest charge, page cache included; 0: this kernel does not say
  /// Where it killed: what the tree had of anonymous and shared memory then, at least. 0: not killed.
  std::uint64_t held_bytes = 0;
  std::uint64_t cache_bytes = 0;  ///< page cache that was still charged at the end: given up under pressure, so no need of memory
};

/// What the command and its descendants used.
///
/// `peak_bytes` is the tree's resident memory at its highest, each page counted once:
/// - one process: exactly the kernel's mark VmHWM, which sees every page fault;
/// - several: sums of the tree are taken every `interval` and when a process is born, runs a program, or ends. Where a process's
///   own mark rose between two sums, it had that much more for a moment; it is set on top of what the others had, of the two sums
///   the less. The highest of all these. Several marks that rose between the same two sums may or may not have stood at once: the
///   peak counts one of them, `bound_bytes` all.
/// It is never below `sampled_peak_bytes` nor any one process's mark, and never above `bound_bytes`.
struct TreeUse {
  double wall_seconds = 0, user_seconds = 0, system_seconds = 0;

  std::uint64_t initial_bytes = 0;  ///< when the command's program was loaded and had not run yet
  std::uint64_t peak_bytes = 0;
  std::uint64_t increase_bytes = 0;  ///< peak - initial

  /// The parts of the largest sum; `between_bytes` is what marks add to it (of unknown kind): together they are the peak.
  std::uint64_t anonymous_bytes = 0, file_bytes = 0, shared_bytes = 0, between_bytes = 0;
  double peak_seconds = 0;  ///< when that sum was taken

  std::uint64_t sampled_peak_bytes = 0;  ///< the largest sum alone
  std::uint64_t bound_bytes = 0;    ///< the largest sum of marks of processes that lived at the same time; shared pages often
  std::uint64_t rss_sum_bytes = 0;  ///< the largest sum of VmRSS: what counts shared pages many times, for comparison

  std::vector<ProcessUse> processes;  ///< in the order of their start; the command itself first
  std::vector<TreeSample> timeline;   ///< thinned to a few thousand; a thinned sample is the larger of two

  std::optional<int> exit_code;  ///< of the command itself
  std::optional<int> signal;     ///< that ended it

  std::optional<CeilingUse> ceiling;

  bool traced = false;                       ///< false: sampled only
  std::string counters;                      ///< which of the kernel's counters were used, for people
  std::vector<std::string> may_have_missed;  ///< one sentence each; empty: nothing known
  std::uint64_t counting_error_bytes = 0;    ///< the kernel's own: upper bound of the error of one process's mark
  std::vector<std::int32_t> left_running;    ///< processes that were still there when the watching ended
};

/// What the caller wants of a tree that is being watched.
struct Order {
  int signal = 0;    ///< sent to the command itself; 0: none
  bool end = false;  ///< every process of the tree is killed
};

struct TreeProgress {
  double seconds = 0;
  std::uint64_t resident_bytes = 0, peak_bytes = 0;
  std::uint32_t processes = 0;   ///< that live now
  bool command_started = false;  ///< false at the first call alone: its answer starts the command
  bool command_ended = false;    ///< only processes that outlive it are left
};

struct MeasuredCommand {
  std::vector<std::string> argv;                     ///< argv[0] is looked up in PATH where it has no '/'
  std::vector<std::string> environment;              ///< "NAME=value", added to or replacing the caller's
  std::string folder;                                ///< where it runs; empty: the caller's
  std::string stdin_path, stdout_path, stderr_path;  ///< empty: the caller's own; output files are made anew

  std::optional<std::uint64_t> ceiling_bytes;
  std::chrono::milliseconds interval{10};  ///< between sums; longer where summing would take more than 5 % of the time
  /// How long processes that outlive the command are watched, after its end; none: until they end.
  std::optional<std::chrono::milliseconds> wait_for_rest;
  bool trace = true;  ///< false: never ptrace, only sample

  /// Called once before the command starts, then about four times a second, and when a system call of the calling thread is
  /// interrupted by a signal. A signal that a terminal sends to everybody in front of it reaches the command too once this was
  /// called: one that came earlier does so only as the answer to the first call.
  std::function<Order(const TreeProgress&)> on_progress;
};

/// Runs the command to its end, and what it leaves running too. Blocks the calling thread; a process of its own (the launcher)
/// starts, traces and samples, so the caller may have threads, and its memory is in no figure. If the caller dies, the tree is
/// killed. Errors: io where the command cannot be started; `start_failure` says why.
struct StartFailure {
  int error = 0;  ///< errno of the exec: ENOENT, EACCES, ...; 0: the launcher itself failed
};
Result<TreeUse> run_measured(const MeasuredCommand& command, StartFailure* start_failure = nullptr);

}  // namespace bagloom::memory
