#include "cli/measure_report.h"

#include <algorithm>
#include <csignal>
#include <cstring>
#include <sstream>

#include "cli/quantity.h"
#include "cli/table.h"
#include "cli/terminal.h"

namespace bagloom::cli {
namespace {

constexpr std::size_t kMostRows = 12;

std::string end_text(const std::optional<int>& code, const std::optional<int>& signal) {
  if (signal) return "signal " + std::to_string(*signal);
  if (code) return "exit " + std::to_string(*code);
  return "unseen";
}

std::string processes_text(std::size_t count) { return count_text(count) + (count == 1 ? " process" : " processes"); }

std::vector<std::string> lines_of(const std::string& text) {
  std::vector<std::string> lines;
  std::istringstream in(text);
  for (std::string line; std::getline(in, line);) lines.push_back(line);
  return lines;
}

void add_processes(const memory::TreeUse& use, std::vector<std::string>& lines) {
  std::vector<const memory::ProcessUse*> largest;
  for (const memory::ProcessUse& process : use.processes) largest.push_back(&process);
  std::stable_sort(largest.begin(), largest.end(), [](const auto* a, const auto* b) { return a->peak_bytes > b->peak_bytes; });
  const bool cut = largest.size() > kMostRows;
  lines.push_back("  " + processes_text(largest.size()) + (cut ? ", the largest " + std::to_string(kMostRows) + ":" : ":"));
  if (cut) largest.resize(kMostRows);
  using Align = Table::Align;
  Table table({{"pid", Align::right},
               {"parent", Align::right},
               {"peak", Align::right},
               {"CPU s", Align::right},
               {"end", Align::left},
               {"command", Align::left, 20}});
  for (const memory::ProcessUse* process : largest)
    table.add({std::to_string(process->pid), std::to_string(process->parent), size_text(process->peak_bytes),
               fixed_text(process->user_seconds + process->system_seconds, 2), end_text(process->exit_code, process->signal),
               process->command});
  const std::size_t width = terminal_width(2);
  for (std::string& line : lines_of(table.text(4, width == 0 ? 120 : width))) lines.push_back(std::move(line));
}

void add_ceiling(const memory::CeilingUse& ceiling, std::vector<std::string>& lines) {
  const std::string size = size_text(ceiling.bytes);
  if (!ceiling.enforced) {
    lines.push_back("  ceiling   " + size + " cannot be proven here: " + ceiling.how);
    return;
  }
  std::string line = "  ceiling   " + std::string(ceiling.killed ? "killed at " : "held: ") + size + " (" + ceiling.how + ")";
  if (ceiling.peak_bytes > 0)
    line += "; the group's peak " + size_text(ceiling.peak_bytes) + " counts page cache too, " + size_text(ceiling.cache_bytes) +
            " of it at the end";
  lines.push_back(line);
}

Json optional_json(const std::optional<int>& value) { return value ? Json(*value) : Json(nullptr); }

}  // namespace

std::vector<std::string> measure_text(const memory::TreeUse& use) {
  std::vector<std::string> lines;
  const bool several = use.processes.size() > 1;
  lines.push_back("measured: " + (use.processes.empty() ? std::string() : use.processes[0].command));
  lines.push_back("  time      wall " + fixed_text(use.wall_seconds, 3) + " s, user " + fixed_text(use.user_seconds, 3) +
                  " s, system " + fixed_text(use.system_seconds, 3) + " s; " + end_text(use.exit_code, use.signal));
  lines.push_back("  memory    peak " + size_text(use.peak_bytes) + ", initial " + size_text(use.initial_bytes) + ", increase " +
                  size_text(use.increase_bytes));
  std::string parts = "  of it     anonymous " + size_text(use.anonymous_bytes) + ", mapped files " + size_text(use.file_bytes);
  if (use.shared_bytes > 0) parts += ", shared memory " + size_text(use.shared_bytes);
  if (use.between_bytes > 0) parts += ", between sums " + size_text(use.between_bytes);
  lines.push_back(parts);
  if (several)
    lines.push_back("  between   " + size_text(use.sampled_peak_bytes) + " (largest sum seen) and " + size_text(use.bound_bytes) +
                    " (all marks at once); RSS added up says " + size_text(use.rss_sum_bytes));
  if (use.ceiling) add_ceiling(*use.ceiling, lines);
  add_processes(use, lines);
  lines.push_back("  counted   " + use.counters);
  lines.push_back("  error     the kernel's own: a mark may be off by " + size_text(use.counting_error_bytes) + " at most");
  for (const std::string& sentence : use.may_have_missed) lines.push_back("  not seen  " + sentence);
  if (!use.left_running.empty()) lines.push_back("  left      " + processes_text(use.left_running.size()) + " still running");
  return lines;
}

Json measure_json(const memory::TreeUse& use) {
  Json object;
  object["schema"] = 1;
  object["wall_seconds"] = use.wall_seconds;
  object["user_seconds"] = use.user_seconds;
  object["system_seconds"] = use.system_seconds;
  object["initial_bytes"] = use.initial_bytes;
  object["peak_bytes"] = use.peak_bytes;
  object["increase_bytes"] = use.increase_bytes;
  object["anonymous_bytes"] = use.anonymous_bytes;
  object["file_bytes"] = use.file_bytes;
  object["shared_bytes"] = use.shared_bytes;
  object["between_bytes"] = use.between_bytes;
  object["peak_at_seconds"] = use.peak_seconds;
  object["sampled_peak_bytes"] = use.sampled_peak_bytes;
  object["bound_bytes"] = use.bound_bytes;
  object["rss_sum_bytes"] = use.rss_sum_bytes;
  object["counting_error_bytes"] = use.counting_error_bytes;
  object["counters"] = use.counters;
  object["traced"] = use.traced;
  object["may_have_missed"] = use.may_have_missed;
  object["left_running"] = use.left_running;
  object["exit_code"] = optional_json(use.exit_code);
  object["signal"] = optional_json(use.signal);
  if (use.ceiling) {
    Json& ceiling = object["ceiling"];
    ceiling["bytes"] = use.ceiling->bytes;
    ceiling["enforced"] = use.ceiling->enforced;
    ceiling["how"] = use.ceiling->how;
    ceiling["killed"] = use.ceiling->killed;
    ceiling["peak_bytes"] = use.ceiling->peak_bytes;
    ceiling["held_bytes"] = use.ceiling->held_bytes;
    ceiling["cache_bytes"] = use.ceiling->cache_bytes;
  }
  object["processes"] = Json::array();
  for (const memory::ProcessUse& process : use.processes) {
    Json entry;
    entry["pid"] = process.pid;
    entry["parent"] = process.parent;
    entry["command"] = process.command;
    entry["peak_bytes"] = process.peak_bytes;
    entry["exit_code"] = optional_json(process.exit_code);
    entry["signal"] = optional_json(process.signal);
    entry["start_seconds"] = process.start_seconds;
    entry["end_seconds"] = process.end_seconds;
    entry["user_seconds"] = process.user_seconds;
    entry["system_seconds"] = process.system_seconds;
    entry["traced"] = process.traced;
    object["processes"].push_back(std::move(entry));
  }
  return object;
}

Json timeline_json(const memory::TreeUse& use) {
  Json object;
  object["schema"] = 1;
  object["columns"] = {"seconds", "resident_bytes", "anonymous_bytes", "file_bytes"};
  object["samples"] = Json::array();
  for (const memory::TreeSample& sample : use.timeline)
    object["samples"].push_back({sample.seconds, sample.resident.total(), sample.resident.anonymous, sample.resident.file});
  return object;
}

}  // namespace bagloom::cli
