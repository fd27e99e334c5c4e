#include "memory/process_table.h"

#include <sys/wait.h>
#include <unistd.h>

#include <algorithm>
#include <cmath>

namespace bagloom::memory {
namespace {

/// More than a copy's few pages of stack and heap between fork and exec.
constexpr std::uint64_t kOwnGrowth = 1 << 20;
/// What the figures promise: a peak that may have been higher by more is worth a word.
constexpr std::uint64_t kPromised = 2 << 20;

double seconds_of(const timeval& time) { return static_cast<double>(time.tv_sec) + static_cast<double>(time.tv_usec) * 1e-6; }
std::uint64_t maximum_of(const rusage& use) { return static_cast<std::uint64_t>(use.ru_maxrss) * 1024; }

}  // namespace

ProcessTable::Process& ProcessTable::add(pid_t pid, const ProcStatus& status, bool traced) {
  Process& process = live_[pid];
  process.use = use_.processes.size();
  process.threads = {pid};
  process.reader = pid;
  process.traced = traced;
  process.status = status;
  process.mark = process.mark_at_last_sum = status.peak;
  process.started = ++events_;
  process.family = traced ? ++families_ : kUnknownFamily;
  process_of_[pid] = pid;
  if (!traced) ++untraced_;
  ProcessUse use;
  use.pid = pid;
  use.parent = status.parent;
  use.command = read_command(pid);
  use.start_seconds = clock_();
  use.traced = traced;
  use_.processes.push_back(std::move(use));
  return process;
}

void ProcessTable::add_command(pid_t pid, bool traced, std::uint64_t inherited) {
  const ProcStatus status = read_status(pid).value_or(ProcStatus{});
  command_ = pid;
  use_.traced = traced;
  use_.initial_bytes = status.resident;
  add(pid, status, traced);
  if (const auto command = live_.find(pid); command != live_.end()) command->second.maximum_before = inherited;
}

void ProcessTable::forked(pid_t parent_thread, pid_t child) {
  const auto parent = process_of_.find(parent_thread);
  if (parent == process_of_.end() || process_of_.count(child) != 0) return;
  promised_family_[child] = live_[parent->second].family;
}

bool ProcessTable::appeared(pid_t thread, bool traced) {
  const auto status = read_status(thread);
  if (!status) return false;
  if (status->process != thread) {
    promised_family_.erase(thread);
    if (const auto process = live_.find(status->process); process != live_.end()) {
      process->second.threads.insert(thread);
      process_of_[thread] = status->process;
    }
    return false;
  }
  if (knows(thread)) return true;
  const auto parent = live_.find(status->parent);
  std::uint64_t family = parent == live_.end() ? 0 : parent->second.family;
  if (const auto promised = promised_family_.find(thread); promised != promised_family_.end()) {
    family = promised->second;
    promised_family_.erase(promised);
  }
  Process& process = add(thread, *status, traced);  // `parent` is not valid any more
  if (family != 0) process.family = family;
  if (!traced) process.family = kUnknownFamily;
  process.borrows_memory = same_memory(thread, status->parent).value_or(false);
  if (process.borrows_memory) process.mark = 0;
  const auto forker = read_status(status->parent);
  // Before the fork it had no relatives, and what it faulted in was its own.
  if (const auto before = live_.find(status->parent); before != live_.end() && family_sizes()[family] == 2)
    before->second.faults_at_last_sum = read_faults(status->parent).value_or(0);
  process.size_at_fork = std::max(status->peak, forker ? forker->resident : 0);
  process.mark_at_last_sum = process.size_at_fork;
  process.is_copy = true;
  return true;
}

void ProcessTable::close_life(Process& process) {
  if (process.borrows_memory) return;
  lives_.push_back({process.started, ++events_, process.mark});
}

void ProcessTable::keep_peak(const Process& process) {
  std::uint64_t& peak = use_.processes[process.use].peak_bytes;
  if (!process.borrows_memory) peak = std::max(peak, process.mark);
}

void ProcessTable::executed(pid_t pid, const rusage& use) {
  const auto found = live_.find(pid);
  if (found == live_.end()) return;
  Process& process = found->second;
  // The stop comes when the program before is gone, and with it the pages that it had copied: no sum can see them any more.
  if (process.is_copy && !process.borrows_memory && process.family != kUnknownFamily && family_sizes()[process.family] > 1)
    keep_possible(copied_by(pid, process));
  // The kernel keeps the mark of the program before in ru_maxrss, together with that of children that were waited for.
  const std::uint64_t maximum = maximum_of(use);
  if (!process.borrows_memory && maximum > process.mark && maximum > process.maximum_before) {
    if (maximum > process.children_maximum) {
      process.mark = maximum;
    } else if (maximum > process.mark + (2u << 20)) {
      note("the mark of the program that process " + std::to_string(pid) + " ran before it executed another");
    }
  }
  // A forked copy that only leads to another program has its forker's size, and took nothing for itself: no inherited maximum.
  if (!process.is_copy || process.mark > process.size_at_fork + kOwnGrowth) keep_peak(process);
  close_life(process);
  process.is_copy = false;
  process.maximum_before = maximum;
  for (const pid_t thread : process.threads) process_of_.erase(thread);
  process.threads = {pid};
  process_of_[pid] = pid;
  process.borrows_memory = false;
  process.family = ++families_;
  process.started = ++events_;
  process.mark = process.mark_at_last_sum = process.resident_at_last_sum = 0;
  process.faults_at_last_sum = read_faults(pid).value_or(0);
  if (refresh(pid, process)) process.mark_at_last_sum = process.mark;
  use_.processes[process.use].command = read_command(pid);
}

bool ProcessTable::refresh(pid_t pid, Process& process) {
  auto status = read_status(pid);
  process.reader = pid;
  for (auto thread = process.threads.begin(); (!status || !status->has_memory) && thread != process.threads.end(); ++thread)
    status = read_status(process.reader = *thread);
  if (!status || !status->has_memory) return false;
  process.status = *status;
  process.mark = std::max(process.mark, status->peak);
  return true;
}

bool ProcessTable::exiting(pid_t thread) {
  const auto owner = process_of_.find(thread);
  if (owner == process_of_.end()) return false;
  const pid_t pid = owner->second;
  Process& process = live_[pid];
  process.threads.erase(thread);
  if (!process.threads.empty()) return false;
  if (!process.borrows_memory) refresh(thread, process);
  process.children_times = read_children_times(thread).value_or(process.children_times);
  process.exiting = true;
  return true;
}

void ProcessTable::gone(pid_t thread, int wait_status, const rusage& use) {
  const auto owner = process_of_.find(thread);
  promised_family_.erase(thread);
  if (owner == process_of_.end()) return;
  const pid_t pid = owner->second;
  Process& process = live_[pid];
  if (thread != pid) {
    process.threads.erase(thread);
    process_of_.erase(owner);
    return;
  }
  ProcessUse& entry = use_.processes[process.use];
  if (WIFEXITED(wait_status)) entry.exit_code = WEXITSTATUS(wait_status);
  if (WIFSIGNALED(wait_status)) entry.signal = WTERMSIG(wait_status);
  entry.user_seconds = std::max(0.0, seconds_of(use.ru_utime) - process.children_times.user);
  entry.system_seconds = std::max(0.0, seconds_of(use.ru_stime) - process.children_times.system);
  if (const auto parent = live_.find(entry.parent); parent != live_.end())
    parent->second.children_maximum = std::max(parent->second.children_maximum, maximum_of(use));
  if (process.traced && !process.exiting) {
    entry.traced = false;
    note("what process " + std::to_string(pid) + " used since it was last looked at: it ended without a stop");
  }
  if (pid == command_) {
    command_ended_ = true;
    use_.exit_code = entry.exit_code;
    use_.signal = entry.signal;
  }
  end(pid, process);
}

void ProcessTable::end(pid_t pid, Process& process) {
  keep_peak(process);
  close_life(process);
  use_.processes[process.use].end_seconds = clock_();
  if (!process.traced) --untraced_;
  for (const pid_t thread : process.threads) process_of_.erase(thread);
  process_of_.erase(pid);
  live_.erase(pid);
}

void ProcessTable::untrace(pid_t pid) {
  const auto found = live_.find(pid);
  if (found == live_.end() || !found->second.traced) return;
  found->second.traced = use_.processes[found->second.use].traced = false;
  found->second.family = kUnknownFamily;
  ++untraced_;
  if (pid == command_) use_.traced = false;
}

void ProcessTable::discover(pid_t launcher) {
  const std::vector<pid_t> found = read_descendants(launcher);
  const std::unordered_set<pid_t> seen(found.begin(), found.end());
  for (const pid_t pid : found)
    if (!knows(pid)) appeared(pid, false);
  std::vector<pid_t> ended;
  for (const auto& [pid, process] : live_)
    if (!process.traced && seen.count(pid) == 0 && !read_status(pid)) ended.push_back(pid);
  for (const pid_t pid : ended) end(pid, live_[pid]);
}

std::vector<SummedProcess> ProcessTable::look(pid_t ending, bool backwards) {
  std::vector<pid_t> pids = living();
  std::sort(pids.begin(), pids.end());
  if (backwards) std::reverse(pids.begin(), pids.end());
  const auto sizes = family_sizes();
  std::vector<SummedProcess> seen;
  for (const pid_t pid : pids) {
    Process& process = live_[pid];
    if (process.borrows_memory || (process.exiting && pid != ending)) continue;
    if (!backwards && process.family != kUnknownFamily && sizes.at(process.family) > 1)
      process.faults = read_faults(pid).value_or(process.faults_at_last_sum);
    if (pid != ending && !refresh(pid, process)) continue;
    if (process.status.has_memory) seen.push_back({pid, process.reader, process.family, process.status});
  }
  return seen;
}

/// A mark that rose since the last sum is a moment in between at which that process had more, on top of what the others had: the
/// less of what they had at the two sums. Pages that it shared with relatives and gave back are no such moment: of those
/// processes only the rise itself counts.
std::uint64_t ProcessTable::highest_between(const std::vector<SummedProcess>& seen, std::uint64_t total) const {
  std::unordered_map<std::uint64_t, int> members;
  for (const SummedProcess& one : seen) ++members[one.family];
  std::uint64_t highest = total;
  for (const SummedProcess& one : seen) {
    const Process& process = live_.at(one.pid);
    if (process.mark <= process.mark_at_last_sum) continue;
    const bool alone = members[one.family] == 1 && (members.count(kUnknownFamily) == 0 || seen.size() == 1);
    const std::uint64_t rise = alone ? process.mark : process.mark - process.mark_at_last_sum;
    const auto with_mark = [&](std::uint64_t sum, std::uint64_t resident) {
      return sum + std::min(rise, process.mark - std::min(process.mark, resident));
    };
    highest =
        std::max(highest, std::min(with_mark(total, one.status.resident), with_mark(last_sum_, process.resident_at_last_sum)));
  }
  return highest;
}

std::unordered_map<std::uint64_t, int> ProcessTable::family_sizes() const {
  std::unordered_map<std::uint64_t, int> sizes;
  for (const auto& [pid, process] : live_)
    if (!process.borrows_memory) ++sizes[process.family];
  return sizes;
}

/// Upper bound: a fault may have been for a page of a file, or for one that was given back and taken again.
std::uint64_t ProcessTable::copied_by(pid_t pid, const Process& process) const {
  static const auto page = static_cast<std::uint64_t>(::sysconf(_SC_PAGESIZE));
  const std::uint64_t faults = read_faults(pid).value_or(0);
  return std::min((faults - std::min(faults, process.faults_at_last_sum)) * page, process.mark);
}

std::uint64_t ProcessTable::copied_since_sum() const {
  const auto sizes = family_sizes();
  std::uint64_t copied = 0;
  for (const auto& [pid, process] : live_)
    if (!process.borrows_memory && !process.exiting && process.family != kUnknownFamily && sizes.at(process.family) > 1)
      copied += copied_by(pid, process);
  return copied;
}

void ProcessTable::keep_possible(std::uint64_t copied) {
  if (last_sum_ == 0 || copied == 0 || last_sum_ + copied <= possible_peak_) return;
  possible_peak_ = last_sum_ + copied;
  possible_gap_ = clock_() - last_sum_seconds_;
}

void ProcessTable::sum(pid_t ending) {
  keep_possible(copied_since_sum());
  std::vector<SummedProcess> seen = look(ending, false);
  if (seen.empty()) return;
  TreeResident resident = summing_.of(seen);
  std::uint64_t highest = highest_between(seen, resident.total()), rss = 0;
  for (const SummedProcess& one : seen) rss += one.status.resident;
  if (seen.size() > 1 && highest > peak_) {
    // Processes are read one after the other. What one gives to another meanwhile would count twice; read in the opposite order
    // it counts once or not at all. The smaller sum is one that no such move has made.
    std::vector<SummedProcess> again = look(ending, true);
    const TreeResident second = summing_.of(again);
    highest = std::min(highest, highest_between(again, second.total()));
    if (second.total() < resident.total()) {
      resident = second;
      seen = std::move(again);
    }
  }
  for (auto& [pid, process] : live_) process.resident_at_last_sum = 0;
  for (const SummedProcess& one : seen) {
    Process& process = live_.at(one.pid);
    process.mark_at_last_sum = process.mark;
    process.resident_at_last_sum = one.status.resident;
    process.faults_at_last_sum = std::max(process.faults, process.faults_at_last_sum);
  }
  const double seconds = clock_();
  const std::uint64_t total = resident.total();
  last_sum_ = total;
  last_sum_seconds_ = seconds;
  use_.rss_sum_bytes = std::max(use_.rss_sum_bytes, rss);
  peak_ = std::max({peak_, highest, total});
  if (total > use_.sampled_peak_bytes) {
    use_.sampled_peak_bytes = total;
    use_.anonymous_bytes = resident.anonymous;
    use_.file_bytes = resident.file;
    use_.shared_bytes = resident.shared;
    use_.peak_seconds = seconds;
  }
  timeline_.add(seconds, resident);
}

bool ProcessTable::end_may_matter(pid_t pid) const {
  const auto found = live_.find(pid);
  return found != live_.end() && !found->second.borrows_memory && last_sum_ + found->second.mark > peak_ + (64u << 10);
}

std::uint64_t ProcessTable::bound() const {
  std::vector<std::pair<std::uint64_t, std::int64_t>> steps;
  for (const Life& life : lives_) {
    steps.emplace_back(life.begin, static_cast<std::int64_t>(life.mark));
    steps.emplace_back(life.end, -static_cast<std::int64_t>(life.mark));
  }
  std::sort(steps.begin(), steps.end());
  std::int64_t now = 0, most = 0;
  for (const auto& [event, step] : steps) most = std::max(most, now += step);
  return static_cast<std::uint64_t>(most);
}

std::vector<pid_t> ProcessTable::living() const {
  std::vector<pid_t> pids;
  for (const auto& [pid, process] : live_) pids.push_back(pid);
  return pids;
}

void ProcessTable::note(const std::string& sentence) {
  std::vector<std::string>& notes = use_.may_have_missed;
  if (notes.size() < 20 && std::find(notes.begin(), notes.end(), sentence) == notes.end()) notes.push_back(sentence);
}

TreeUse ProcessTable::finish() {
  use_.wall_seconds = clock_();
  use_.timeline = timeline_.take();
  for (auto& [pid, process] : live_) {
    use_.left_running.push_back(pid);
    keep_peak(process);
    close_life(process);
    use_.processes[process.use].end_seconds = use_.wall_seconds;
  }
  std::sort(use_.left_running.begin(), use_.left_running.end());
  live_.clear();
  for (const ProcessUse& process : use_.processes) {
    peak_ = std::max(peak_, process.peak_bytes);
    use_.user_seconds += process.user_seconds;
    use_.system_seconds += process.system_seconds;
  }
  use_.peak_bytes = peak_;
  use_.increase_bytes = peak_ - std::min(peak_, use_.initial_bytes);
  use_.between_bytes = peak_ - use_.sampled_peak_bytes;
  use_.bound_bytes = std::max(bound(), peak_);
  if (const std::uint64_t possible = std::min(possible_peak_, use_.bound_bytes); possible > peak_ + kPromised) {
    note("pages that forked relatives copied by writing and gave up between two sums, which were " +
         std::to_string(std::llround(possible_gap_ * 1000)) + " ms apart: by their page faults the peak may have been " +
         std::to_string(possible >> 20) + " MiB");
  }
  if (peak_ == 0) note("all memory: the command ended before it was looked at");
  if (skipped_ > 0)
    note(std::to_string(skipped_) +
         " processes ended without a sum of the tree, which would have slowed the command; their marks are in the bound");
  if (summing_.imprecise())
    note("sharing with processes that may not be read closely (another user's): their memory counts fully");
  return std::move(use_);
}

}  // namespace bagloom::memory
