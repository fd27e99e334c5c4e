// What `bench --profile` found, as tables of the page.
#include "bench/report_sections.h"
#include "bench/report_tables.h"
#include "bench/report_text.h"

namespace bagloom::bench {
namespace {

using nlohmann::json;

/// Calls `use(run, profile)` for each run with a profile of that kind.
template <class Use>
void each_profile(const ReportInput& input, std::string_view kind, const Use& use) {
  std::size_t next = 0;
  for (const json& method : member(input.whole, "methods")) {
    if (!method.is_object() || next == input.runs.size()) continue;
    const ReportRun& run = input.runs[next++];
    const json& profile = member(method, "profile");
    if (text_of(profile, "kind") == kind && text_of(profile, "error").empty()) use(run, profile);
  }
}

std::string heading(const ReportInput& input, const ReportRun& run) {
  return run_name(input, run) + (run.isolation == "shared" ? ", shared process" : "");
}

std::string accounts_html(const ReportInput& input) {
  HtmlTable table("Accounts at the highest sample",
                  "Reserved before it was used, and counted, at each method's highest sample. Tasks: all that were open then.");
  table.column("Account").column("Reserved", "MB").column("Counted", "MB").column("Counted by");
  bool any = false;
  each_profile(input, "stages", [&](const ReportRun& run, const json& profile) {
    any = true;
    table.group(heading(input, run) + ": " + megabytes_text(number_of(profile, "resident_bytes").value_or(0)) + " MB");
    const json& accounts = member(profile, "accounts");
    if (accounts.is_array())
      for (const json& account : accounts)
        table.row(text_of(account, "name"))
            .number(number_of(account, "reserved_bytes"), megabytes_text)
            .number(number_of(account, "counted_bytes"), megabytes_text)
            .text(text_of(account, "counted_by"));
    table.row("unexplained").number(std::nullopt, megabytes_text);
    table.number(number_of(profile, "unexplained_bytes"), megabytes_text).text("");
  });
  return any ? table.html() : "";
}

std::string sites_html(const ReportInput& input) {
  HtmlTable table("Where the heap was allocated",
                  "At each method's largest heap, in another run under heaptrack, which is slower and larger.");
  table.column("Function")
      .column("Peak", "MB")
      .column("Calls", "-")
      .column("File and line")
      .column("Called from")
      .column("Allocated by");
  bool any = false;
  each_profile(input, "heap", [&](const ReportRun& run, const json& profile) {
    any = true;
    table.group(heading(input, run) + ": " + megabytes_text(number_of(profile, "peak_heap_bytes").value_or(0)) + " MB of heap");
    const json& sites = member(profile, "sites");
    if (sites.is_array())
      for (const json& site : sites) {
        const std::string file = text_of(site, "file");
        table.row(text_of(site, "function")).number(number_of(site, "peak_bytes"), megabytes_text);
        table.number(number_of(site, "calls"), whole_text)
            .code(file.empty() ? "" : file + ":" + whole_text(number_of(site, "line").value_or(0)))
            .text(text_of(site, "caller"))
            .text(text_of(site, "allocated_by"));
      }
  });
  return any ? table.html() : "";
}

}  // namespace

std::string profiles_html(const ReportInput& input) {
  const std::string tables = accounts_html(input) + sites_html(input);
  return tables.empty() ? "" : "<section><h2>Who had the memory</h2>\n" + tables + "</section>\n";
}

}  // namespace bagloom::bench
