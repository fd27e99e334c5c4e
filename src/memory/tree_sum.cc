#include "memory/tree_sum.h"

#include <algorithm>
#include <map>

namespace bagloom::memory {

TreeResident TreeSum::of(const std::vector<SummedProcess>& processes) {
  TreeResident sum;
  std::map<std::uint64_t, int> members;
  for (const SummedProcess& process : processes) ++members[process.family];
  const bool strangers = processes.size() > 1 && members.count(kUnknownFamily) != 0;
  std::vector<FileState> state;
  for (const SummedProcess& process : processes) {
    const ProcStatus& status = process.status;
    state.push_back({process.pid, status.file, status.shared, process.family});
    if (members[process.family] == 1 && !strangers) {
      sum.anonymous += status.anonymous;
    } else if (const auto share = read_proportional(process.reader)) {
      sum.anonymous += share->anonymous;
    } else if (const auto again = read_status(process.reader); again && again->has_memory) {
      sum.anonymous += status.anonymous;
      imprecise_ = true;
    }  // else it ended just now
  }
  if (processes.size() == 1) {
    sum.file = processes[0].status.file;
    sum.shared = processes[0].status.shared;
    return sum;
  }
  std::sort(state.begin(), state.end(), [](const FileState& a, const FileState& b) { return a.pid < b.pid; });
  if (state != last_) {
    pages_.clear();
    last_union_ = {};
    for (const SummedProcess& process : processes) {
      if (pages_.add(process.reader)) continue;
      if (const auto again = read_status(process.reader); !again || !again->has_memory) continue;
      last_union_.file += process.status.file;
      last_union_.shared += process.status.shared;
      imprecise_ = true;
    }
    last_union_.file += pages_.file_bytes();
    last_union_.shared += pages_.shared_bytes();
    last_ = std::move(state);
  }
  sum.file = last_union_.file;
  sum.shared = last_union_.shared;
  return sum;
}

}  // namespace bagloom::memory
