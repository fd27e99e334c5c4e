#include "cli/bench_profile_text.h"

#include <algorithm>

#include "cli/quantity.h"
#include "cli/table.h"
#include "cli/terminal.h"

namespace bagloom::cli {
namespace {

using bench::StageProfile;
using Align = Table::Align;

constexpr double kMB = 1024 * 1024;

template <class Bytes>
std::string mb(Bytes bytes) {
  const std::string text = fixed_text(static_cast<double>(bytes) / kMB, 1);
  return text == "-0.0" ? "0.0" : text;
}

template <class Bytes>
std::string mb_or_dash(const std::optional<Bytes>& bytes) {
  return bytes ? mb(*bytes) : "-";
}

std::string stage_text(const std::optional<convert::Stage>& stage) {
  return stage ? std::string(convert::kStageNames[static_cast<std::size_t>(*stage)]) : "-";
}

std::string heading(const StageProfile& profile, const std::string& name) {
  std::string text = name + ": highest sample " + mb(profile.sample.resident) + " MB (anonymous " + mb(profile.sample.anonymous) +
                     ", files " + mb(profile.sample.file) + ") at " + fixed_text(profile.sample.seconds, 2) + " s";
  if (profile.mark) text += "; the kernel's mark " + mb(*profile.mark) + " MB";
  if (profile.allocated)
    text += std::string("; allocated since the ") + (profile.laid_out ? "layout " : "start ") + mb(*profile.allocated) +
            " MB, touched or not";
  if (!profile.laid_out) text += "; before memory was laid out";
  return printable(text) + "\n";
}

std::string accounts_table(const StageProfile& profile, std::size_t width) {
  Table table({{"account", Align::left, 12},
               {"reserved(MB)", Align::right},
               {"counted(MB)", Align::right},
               {"counted by", Align::left, 12}});
  for (const StageProfile::Account& account : profile.accounts)
    table.add({account.name, mb_or_dash(account.reserved), mb_or_dash(account.counted), account.how});
  table.add({"together", mb(profile.reserved()), mb(profile.explained()), ""});
  table.add({"unexplained", "", mb(profile.unexplained()), ""});
  return table.text(2, width);
}

std::string tasks_table(const StageProfile& profile, std::size_t width) {
  Table table({{"task", Align::left, 20}, {"reserved(MB)", Align::right}, {"stage"}});
  for (const convert::WorkNow::Task& task : profile.tasks)
    table.add({task.name, mb(task.reserved), task.at_work ? stage_text(task.stage) : "waits for its next rows"});
  for (const convert::Stage stage : profile.other_stages) table.add({"(a thread without a task)", "-", stage_text(stage)});
  return table.empty() ? "" : table.text(2, width);
}

std::string heap_text(const bench::HeapProfile& profile, const std::string& name, std::size_t width) {
  std::string text = printable(name) + ": at most " + mb(profile.peak_bytes) + " MB of heap; " + count_text(profile.allocations) +
                     " allocations, " + count_text(profile.temporary) + " of them temporary\n";
  if (!profile.sees_memalign)
    text += "  what libx264 takes is not among it: libbagloom_memalign.so was not found beside the program\n";
  if (std::all_of(profile.sites.begin(), profile.sites.end(), [](const bench::HeapSite& site) { return site.file.empty(); }))
    text += "  without files and lines: this build has no line tables (built with -DBAGLOOM_LINE_TABLES=OFF, or stripped)\n";
  Table table({{"MB", Align::right},
               {"calls", Align::right},
               {"function", Align::left, 16},
               {"file:line", Align::left, 12},
               {"called from", Align::left, 12},
               {"allocated by", Align::left, 12}});
  for (const bench::HeapSite& site : profile.sites)
    table.add({mb(site.bytes), count_text(site.calls), site.function,
               site.file.empty() ? "-" : site.file + ":" + std::to_string(site.line), site.caller.empty() ? "-" : site.caller,
               site.allocated_by.empty() ? "-" : site.allocated_by});
  const std::uint64_t rest = profile.peak_bytes - std::min(profile.peak_bytes, profile.listed_bytes());
  table.add({mb(rest), "", plural(profile.other_sites, "other site"), "", "", ""});
  return text + table.text(2, width);
}

/// What could not be done is one line, and not one for each method.
std::string heap_profiles(const bench::BenchReport& report, const std::function<std::string(const bench::Row&)>& name,
                          std::size_t width) {
  std::string text, error;
  for (const bench::Row& row : report.rows) {
    if (!row.heap_profile) continue;
    if (row.heap_profile->error.empty())
      text += "\n" + heap_text(*row.heap_profile, name(row), width);
    else if (row.heap_profile->error != error)
      text += "\nno heap profile" + (row.heap_profile->error == bench::heaptrack_missing() ? "" : " of " + printable(name(row))) +
              ": " + printable(error = row.heap_profile->error) + "\n";
  }
  const bool any = std::any_of(report.rows.begin(), report.rows.end(),
                               [](const bench::Row& row) { return row.heap_profile && row.heap_profile->error.empty(); });
  if (!any) return text;
  return "\nWhere the heap was allocated when it was largest, in another run of each method under heaptrack, which is slower and "
         "larger: the figures "
         "above are not from it.\n" +
         text;
}

}  // namespace

std::string profile_text(const bench::BenchReport& report, const std::function<std::string(const bench::Row&)>& name,
                         std::size_t width) {
  std::string text;
  for (const bench::Row& row : report.rows) {
    if (!row.stage_profile) continue;
    text += "\n" + heading(*row.stage_profile, name(row)) + accounts_table(*row.stage_profile, width) +
            tasks_table(*row.stage_profile, width);
  }
  if (text.empty()) return heap_profiles(report, name, width);
  return "\nWho had the memory at each method's highest sample, one every " + std::to_string(bench::kWatchInterval.count()) +
         " ms:\n" + text;
}

}  // namespace bagloom::cli
