// The processes of a watched tree: who lives, their marks, the sums taken of them, and the peak and bound that follow.
#pragma once

#include <sys/resource.h>

#include <cstdint>
#include <string>
#include <unordered_map>
#include <unordered_set>
#include <vector>

#include "memory/process_tree.h"
#include "memory/timeline.h"
#include "memory/tree_sum.h"

namespace bagloom::memory {

/// Told of events by the launcher (ptrace stops, or what sampling finds); reads /proc itself. One thread.
class ProcessTable {
 public:
  /// Seconds since the start; the launcher's clock.
  using Clock = double (*)();
  explicit ProcessTable(Clock clock) : clock_(clock) {}

  /// The command itself, its program loaded.
  /// `inherited`: bytes of ru_maxrss when its program was loaded: the mark of the process that forked it, which is not its own.
  void add_command(pid_t pid, bool traced, std::uint64_t inherited = 0);
  /// A forker's relation to a child that may be seen only later.
  void forked(pid_t parent_thread, pid_t child);
  /// The first stop of a thread or process. True: it is a process.
  bool appeared(pid_t thread, bool traced);
  /// A new program. `use`: what wait4 said at the stop; it knows the mark of the program before.
  void executed(pid_t pid, const rusage& use);
  /// A thread is about to end, its memory still there. True: it was the last of its process, whose mark is now read.
  bool exiting(pid_t thread);
  /// A thread is gone; with the leader its process.
  void gone(pid_t thread, int wait_status, const rusage& use);
  /// From now on this process and what it starts are only sampled.
  void untrace(pid_t pid);
  /// Looks for processes that no stop announces; `launcher`: whose children are the tree's roots.
  void discover(pid_t launcher);

  /// Sums the tree, and moves the peak. `ending`: a process at its exit stop, still in the sum.
  void sum(pid_t ending = 0);
  /// Whether a sum at this process's end could move the peak by more than 64 KiB.
  bool end_may_matter(pid_t pid) const;
  /// Bytes that forked relatives may have copied by writing since the last sum: neither their resident memory nor their marks
  /// rise by that. From their page faults, so an upper bound.
  std::uint64_t copied_since_sum() const;

  bool knows(pid_t pid) const { return live_.count(pid) != 0; }
  bool is_command(pid_t pid) const { return pid == command_; }
  bool command_ended() const { return command_ended_; }
  bool all_traced() const { return untraced_ == 0; }
  std::vector<pid_t> living() const;
  std::uint64_t last_sum() const { return last_sum_; }
  std::uint64_t peak() const { return peak_; }
  void note(const std::string& sentence);  ///< for may_have_missed; each once
  void sum_skipped() { ++skipped_; }

  /// What is known at the end; the table is empty after it.
  TreeUse finish();

 private:
  struct Process {
    std::size_t use = 0;  ///< in use_.processes
    std::unordered_set<pid_t> threads;
    std::uint64_t family = 0;
    bool borrows_memory = false;  ///< its parent's address space, until it executes a program
    bool is_copy = false;         ///< its forker's program, until it executes one
    bool exiting = false;
    bool traced = false;
    std::uint64_t mark = 0;  ///< of the program that it runs
    std::uint64_t mark_at_last_sum = 0, resident_at_last_sum = 0;
    std::uint64_t size_at_fork = 0;  ///< what its forker had resident: a copy maps the same files only when it touches them
    std::uint64_t started = 0;       ///< event number of the program's start
    std::uint64_t faults = 0, faults_at_last_sum = 0;  ///< kept up while it has relatives
    std::uint64_t children_maximum = 0;                ///< largest ru_maxrss of children that ended
    std::uint64_t maximum_before = 0;                  ///< ru_maxrss at the last exec
    pid_t reader = 0;                                  ///< the thread whose files are read: a leader may end before its threads
    ProcStatus status;
    ChildrenTimes children_times;
  };
  /// One program of one process, for the bound.
  struct Life {
    std::uint64_t begin = 0, end = 0, mark = 0;
  };

  Process& add(pid_t pid, const ProcStatus& status, bool traced);
  bool refresh(pid_t pid, Process& process);
  std::vector<SummedProcess> look(pid_t ending, bool backwards);
  std::uint64_t highest_between(const std::vector<SummedProcess>& seen, std::uint64_t total) const;
  void close_life(Process& process);
  void end(pid_t pid, Process& process);
  void keep_peak(const Process& process);
  std::uint64_t bound() const;
  std::unordered_map<std::uint64_t, int> family_sizes() const;
  std::uint64_t copied_by(pid_t pid, const Process& process) const;
  void keep_possible(std::uint64_t copied);

  Clock clock_;
  pid_t command_ = 0;
  bool command_ended_ = false;
  std::unordered_map<pid_t, Process> live_;
  std::unordered_map<pid_t, pid_t> process_of_;  ///< thread to process
  std::unordered_map<pid_t, std::uint64_t> promised_family_;
  std::vector<Life> lives_;
  TreeSum summing_;
  Timeline timeline_;
  TreeUse use_;
  double last_sum_seconds_ = 0;
  std::uint64_t possible_peak_ = 0;  ///< if all that relatives may have copied between two sums stood at once
  double possible_gap_ = 0;          ///< seconds between those two
  std::uint64_t events_ = 0, families_ = 0, peak_ = 0, last_sum_ = 0, skipped_ = 0, untraced_ = 0;
};

}  // namespace bagloom::memory
