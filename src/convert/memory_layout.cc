#include "convert/memory_layout.h"

#include <algorithm>
#include <array>
#include <cstdio>
#include <limits>

namespace bagloom::convert {
namespace {

constexpr std::uint64_t kMiB = 1024 * 1024;

std::uint64_t round_up_to_mib(std::uint64_t bytes) { return (bytes + kMiB - 1) / kMiB * kMiB; }

/// The most that tasks take together on the job's threads, in `room`.
std::uint64_t tasks_at_most(const MemoryNeeds& needs, std::uint64_t room) {
  std::vector<TaskKind> kinds = needs.kinds;
  std::sort(kinds.begin(), kinds.end(), [](const TaskKind& a, const TaskKind& b) { return a.bytes > b.bytes; });
  const auto largest_first = [&](std::uint64_t left) {
    std::uint64_t threads = std::max(1u, needs.threads), bytes = 0;
    for (const TaskKind& kind : kinds) {
      const std::uint64_t fit = kind.bytes == 0 ? threads : left / kind.bytes;
      const std::uint64_t running = std::min({kind.count, threads, fit});
      bytes += running * kind.bytes;
      left -= running * kind.bytes;
      threads -= running;
    }
    return bytes;
  };
  constexpr std::uint64_t kNoEnd = std::numeric_limits<std::uint64_t>::max();
  const std::uint64_t most = std::max(largest_first(kNoEnd), needs.largest_task);
  if (most <= room) return most;
  // Tasks of middling size may fill what a large one leaves.
  const bool middling = std::any_of(kinds.begin(), kinds.end(), [&](const TaskKind& kind) {
    return kind.bytes < needs.largest_task && kind.bytes * 2 > needs.largest_task;
  });
  return middling ? room : std::max(largest_first(room), needs.largest_task);
}

/// Bytes of what runs in `room`: tasks, and a file being written in the place of one of them, or after them.
std::uint64_t at_once(const MemoryNeeds& needs, std::uint64_t room, bool together) {
  const std::uint64_t tasks = tasks_at_most(needs, room);
  return std::max(tasks, needs.assembly + (together ? tasks - needs.largest_task : 0));
}

// Base and start are what the process measures of itself, and differ a little from start to start.
constexpr std::uint64_t kStartsDiffer = 2 * kMiB;

std::uint64_t sum_of(const std::vector<MemoryAccount>& accounts) {
  std::uint64_t bytes = 0;
  for (const MemoryAccount& account : accounts) bytes += account.bytes;
  return bytes;
}

// The same however little work there is: a limit is a property of the job's kind, not of its length.

/// At least `smallest`: the first limit that lets so many tasks run at once.
std::uint64_t limit_for(const MemoryNeeds& needs, std::uint32_t tasks, std::uint64_t held, std::uint64_t smallest) {
  if (needs.largest_task == 0 || (smallest - held) / needs.largest_task >= tasks) return smallest;
  return std::max(smallest, round_up_to_mib(held + tasks * needs.largest_task + kStartsDiffer));
}

/// Also while a file is written in the place of one of them.
std::uint64_t every_thread(const MemoryNeeds& needs) {
  const std::uint64_t others = (std::max(1u, needs.threads) - 1) * needs.largest_task;
  return std::max(needs.largest_task, needs.assembly) + others;
}

}  // namespace

std::string size_text(std::uint64_t bytes) {
  if (bytes < 1024) return std::to_string(bytes) + (bytes == 1 ? " byte" : " bytes");
  std::array<char, 32> text{};
  const double value = static_cast<double>(bytes);
  if (bytes >= 1024 * kMiB)
    std::snprintf(text.data(), text.size(), "%.1f GiB", value / (1024.0 * kMiB));
  else if (bytes >= kMiB)
    std::snprintf(text.data(), text.size(), "%.0f MiB", value / kMiB);
  else
    std::snprintf(text.data(), text.size(), "%.0f KiB", value / 1024.0);
  return text.data();
}

std::uint64_t task_bytes(const MemoryLayout& layout) {
  const std::uint64_t held = sum_of(layout.accounts);
  return layout.limit > held ? layout.limit - held : 0;
}

Result<MemoryLayout> lay_out_memory(const MemoryNeeds& needs) {
  MemoryLayout layout;
  layout.accounts = needs.held;
  layout.largest_task = needs.largest_task;
  layout.largest_task_name = needs.largest_task_name;
  layout.assembly = needs.assembly;
  layout.start_peak = needs.start_peak;
  layout.threads = std::max(1u, needs.threads);
  layout.growth = needs.growth;
  const std::uint64_t held = sum_of(needs.held);
  const std::uint64_t least = std::max(needs.start_peak, held + std::max(needs.largest_task, needs.assembly));
  // Whole MiB, so that the number that we print is the number that works.
  layout.smallest_limit = round_up_to_mib(least + kStartsDiffer);
  layout.all_threads_limit = limit_for(needs, layout.threads, held, layout.smallest_limit);
  layout.limit_given = needs.limit != 0;
  const std::uint64_t comfortable =
      std::max(layout.all_threads_limit, round_up_to_mib(held + every_thread(needs) + kStartsDiffer));
  layout.limit = needs.limit != 0 ? needs.limit : std::max(layout.smallest_limit, std::min(comfortable, needs.available / 4));
  // What the start took and gave back is available again; what the process holds is not, and is its own.
  const std::uint64_t from_now_on = held + std::max(needs.largest_task, needs.assembly) + kStartsDiffer;
  if (needs.limit == 0 && needs.available != 0 && needs.available + needs.resident < from_now_on)
    return Error(ErrorKind::over_limit, "the job needs " + size_text(layout.smallest_limit) + " of memory, " +
                                            size_text(needs.available + needs.resident) + " are available")
        .fix("a --memory-limit that is given is tried all the same")
        .needing(layout.smallest_limit);
  if (layout.limit < least) {
    std::string table;
    for (const MemoryAccount& account : needs.held) table += account.name + " " + size_text(account.bytes) + ", ";
    table += "one task (" + needs.largest_task_name + ") " + size_text(needs.largest_task) + " or assembly " +
             size_text(needs.assembly);
    if (needs.start_peak == least) table += "; the start took " + size_text(needs.start_peak);
    return Error(ErrorKind::over_limit, "the memory limit of " + size_text(layout.limit) + " is too small: " + table)
        .fix("use --memory-limit " + std::to_string(layout.smallest_limit / kMiB) + "MiB or more")
        .needing(layout.smallest_limit);
  }
  const std::uint64_t fit = needs.largest_task == 0 ? layout.threads : (layout.limit - held) / needs.largest_task;
  layout.tasks_at_once = static_cast<std::uint32_t>(std::clamp<std::uint64_t>(fit, 1, layout.threads));
  const std::uint64_t room = layout.limit - held;
  // What the start reached stands in the peak whatever comes; files may use that much again.
  const std::uint64_t start_room = std::min(room, needs.start_peak - std::min(needs.start_peak, held));
  layout.files = std::max(at_once(needs, room, false), start_room);
  // The kernel counts pages in batches a core; what was reached at the start may be read a little later as more.
  constexpr std::uint64_t kCountingError = kMiB / 2;
  layout.expected_peak =
      std::min(layout.limit, std::max(needs.start_peak + kCountingError, held + at_once(needs, room, needs.files_close_early)));
  return layout;
}

std::vector<LimitChoice> limits_by_tasks(const MemoryNeeds& needs) {
  std::vector<LimitChoice> choices;
  MemoryNeeds asked = needs;
  asked.limit = std::numeric_limits<std::uint64_t>::max();
  const auto widest = lay_out_memory(asked);
  if (!widest) return choices;
  const std::uint64_t held = sum_of(needs.held);
  for (std::uint32_t tasks = 1;; tasks = std::min(2 * tasks, widest->threads)) {
    asked.limit = tasks == 1 ? widest->smallest_limit : limit_for(needs, tasks, held, widest->smallest_limit);
    auto layout = lay_out_memory(asked);
    if (layout && layout->tasks_at_once == widest->threads) {
      // What was rounded up may let the last one run too; the figure for all is one.
      asked.limit = widest->all_threads_limit;
      layout = lay_out_memory(asked);
    }
    if (layout && (choices.empty() || layout->tasks_at_once > choices.back().tasks_at_once))
      choices.push_back({layout->limit, layout->tasks_at_once, layout->expected_peak, 0});
    if (tasks == widest->threads) return choices;
  }
}

}  // namespace bagloom::convert
