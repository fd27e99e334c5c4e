#include "bench/report_sections.h"

#include <algorithm>

#include "bench/report_tables.h"
#include "bench/report_text.h"

namespace bagloom::bench {
namespace {

using nlohmann::json;

std::string rate_text(double value) { return decimal_text(value, value < 99.95 ? 1 : 0); }

std::string_view isolation_heading(std::string_view isolation) {
  if (isolation == "process") return "Each method in its own process";
  if (isolation == "shared") return "All methods in one process, one after another";
  if (isolation == "external") return "Other programs, each in its own process tree";
  return isolation;
}

/// The isolations there are, in the order of the run.
std::vector<std::string> isolations(const ReportInput& input) {
  std::vector<std::string> found;
  for (const ReportRun& run : input.runs)
    if (std::find(found.begin(), found.end(), run.isolation) == found.end()) found.push_back(run.isolation);
  return found;
}

const ReportRun* first_run(const ReportInput& input, const ReportRun& like, std::string_view isolation) {
  for (const ReportRun& run : input.runs)
    if (run.isolation == isolation && run.name == like.name && run.display_name == like.display_name && run.peak_bytes)
      return &run;
  return nullptr;
}

}  // namespace

std::string run_name(const ReportInput& input, const ReportRun& run) {
  const bool again = std::any_of(input.runs.begin(), input.runs.end(), [&](const ReportRun& other) {
    return other.isolation == run.isolation && other.name == run.name && other.display_name == run.display_name &&
           other.repeat > 1;
  });
  return run.display_name + (again ? ", run " + std::to_string(run.repeat) : "");
}

std::string figures_html(const ReportInput& input) {
  HtmlTable table("All figures",
                  "MB are 1,048,576 bytes; read: millions of the recording\xe2\x80\x99s bytes a second. Increase = peak "
                  "\xe2\x88\x92 initial.");
  table.column("Method")
      .column("Time", "s")
      .column("Frames", "-")
      .column("FPS", "-")
      .column("Read", "MB/s")
      .column("Initial", "MB");
  table.column("Peak mem", "MB").column("Mem inc", "MB").column("Tree peak", "MB").column("Files\xe2\x80\x99 share", "MB");
  table.column("Dataset hash").column("Status");
  const auto groups = isolations(input);
  bool doubts = false;
  for (const std::string& isolation : groups) {
    if (groups.size() > 1 || isolation != "process") table.group(isolation_heading(isolation));
    bool first = true;
    for (const ReportRun& run : input.runs) {
      if (run.isolation != isolation) continue;
      const bool doubtful = isolation == "shared" && !first;  // the first method found a fresh process
      doubts |= doubtful && run.peak_bytes;
      if (run.peak_bytes) first = false;
      table.row(run_name(input, run), run.ok() ? "" : run.status == "skipped" ? "skipped" : "failed");
      table.number(run.seconds, seconds_text).number(run.frames, whole_text).number(run.frames_per_second, rate_text);
      table.number(run.megabytes_per_second, rate_text).number(run.initial_bytes, megabytes_text, doubtful);
      table.number(run.peak_bytes, megabytes_text, doubtful).number(run.increase_bytes, megabytes_text, doubtful);
      table.number(run.tree_peak_bytes, megabytes_text, doubtful).number(run.file_bytes, megabytes_text);
      table.code(run.dataset_hash.substr(0, 12)).text(run.status + (run.error.empty() ? "" : ": " + run.error));
    }
  }
  std::string html = table.html();
  if (doubts)
    html += paragraph_html(
        "\xe2\x80\xa0 Not to be trusted: this method began in memory that the ones before it had left, so initial and peak are "
        "too high, "
        "and the increase may be too low.",
        "footnote");
  return html;
}

std::string stages_html(const ReportInput& input) {
  std::vector<std::string> names;
  for (const ReportRun& run : input.runs)
    for (const auto& [name, seconds] : run.stages)
      if (std::find(names.begin(), names.end(), name) == names.end()) names.push_back(name);
  if (names.empty()) return "";
  HtmlTable table("Seconds by stage", "Seconds of threads: with several threads they add up to more than the time that passed.");
  table.column("Method").column("Time", "s");
  for (const std::string& name : names) table.column(name, "s");
  const auto groups = isolations(input);
  for (const std::string& isolation : groups) {
    if (groups.size() > 1) table.group(isolation_heading(isolation));
    for (const ReportRun& run : input.runs) {
      if (run.isolation != isolation || run.stages.empty()) continue;
      table.row(run_name(input, run)).number(run.seconds, seconds_text);
      for (const std::string& name : names) {
        const auto found =
            std::find_if(run.stages.begin(), run.stages.end(), [&](const auto& stage) { return stage.first == name; });
        table.number(found == run.stages.end() ? std::nullopt : std::optional<double>(found->second), seconds_text);
      }
    }
  }
  return "<section><h2>Seconds by stage</h2>\n" + table.html() + "</section>\n";
}

std::string comparisons_html(const ReportInput& input) {
  const json& comparisons = member(input.whole, "comparisons");
  std::string items;
  if (comparisons.is_array())
    for (const json& comparison : comparisons)
      if (const std::string text = text_of(comparison, "text"); !text.empty())
        items += "<li><bdi>" + escape_html(text) + "</bdi>" +
                 (text_of(comparison, "isolation") == "shared" ? " <span class=\"unit\">(in one process)</span>" : "") +
                 "</li>\n";
  return items.empty() ? "" : "<section><h2>Against each other</h2>\n<ul>\n" + items + "</ul></section>\n";
}

std::string isolation_html(const ReportInput& input) {
  if (!input.has("process") || !input.has("shared")) return "";
  HtmlTable table(
      "Own process beside one shared process",
      "The same method, measured both ways. Own: in a process of its own. Shared: in one process, after the methods above it.");
  table.column("Method").column("Initial, own", "MB").column("shared", "MB").column("Peak, own", "MB").column("shared", "MB");
  table.column("Increase, own", "MB").column("shared", "MB").column("Shared shows", "% of the increase");
  bool first = true;
  for (const ReportRun& run : input.runs) {
    if (run.isolation != "shared" || run.repeat > 1 || !run.peak_bytes) continue;
    const ReportRun* own = first_run(input, run, "process");
    if (!own) continue;
    const bool doubtful = !first;
    first = false;
    table.row(run.display_name);
    table.number(own->initial_bytes, megabytes_text).number(run.initial_bytes, megabytes_text, doubtful);
    table.number(own->peak_bytes, megabytes_text).number(run.peak_bytes, megabytes_text, doubtful);
    table.number(own->increase_bytes, megabytes_text).number(run.increase_bytes, megabytes_text, doubtful);
    std::optional<double> share;
    if (own->increase_bytes && run.increase_bytes && *own->increase_bytes > 0)
      share = *run.increase_bytes / *own->increase_bytes * 100;
    table.number(share, whole_text, doubtful);
  }
  return first ? "" : table.html();
}

std::string repeats_html(const ReportInput& input) {
  const json& repeats = member(input.whole, "repeats");
  if (!repeats.is_array() || repeats.empty()) return "";
  HtmlTable table("Repeats", "Of all runs of a method: minimum / median / maximum.");
  table.column("Method").column("Runs", "-").column("Time", "s").column("Peak mem", "MB").column("Mem inc", "MB");
  bool any = false;
  for (const json& repeat : repeats) {
    if (number_of(repeat, "count").value_or(0) < 2) continue;
    any = true;
    std::string name = text_of(repeat, "name");
    for (const ReportRun& run : input.runs)
      if (run.name == name) {
        name = run.display_name;
        break;
      }
    const auto three = [&](const char* key, std::string (*write)(double)) {
      const json& values = member(repeat, key);
      std::string text;
      if (values.is_array())
        for (const json& value : values)
          if (value.is_number()) text += (text.empty() ? "" : " / ") + write(value.get<double>());
      return text;
    };
    table.row(name + (text_of(repeat, "isolation") == "shared" ? " (in one process)" : ""))
        .number(number_of(repeat, "count"), whole_text);
    table.text(three("seconds", seconds_text))
        .text(three("peak_bytes", megabytes_text))
        .text(three("increase_bytes", megabytes_text));
  }
  return any ? "<section><h2>Repeats</h2>\n" + table.html() + "</section>\n" : "";
}

std::string lengths_html(const ReportInput& input) {
  const json& lengths = member(input.whole, "lengths");
  if (!lengths.is_array() || lengths.empty()) return "";
  HtmlTable table("Longer recordings", "How the peak grows with the recording.");
  table.column("Method").column("Peak mem at each length").column("Slope", "MB per GB").column("Slope", "MB per 1,000 rows");
  for (const json& length : lengths) {
    std::string name = text_of(length, "name");
    for (const ReportRun& run : input.runs)
      if (run.name == name) {
        name = run.display_name;
        break;
      }
    std::string points;
    if (const json& list = member(length, "points"); list.is_array())
      for (const json& point : list)
        if (const auto times = number_of(point, "times"), peak = number_of(point, "peak_bytes"); times && peak)
          points += (points.empty() ? "" : ", ") + decimal_text(*times, 0) + "x: " + size_text(*peak);
    table.row(name).text(points).number(number_of(length, "bytes_per_gigabyte"), megabytes_text);
    table.number(number_of(length, "bytes_per_1000_rows"), [](double bytes) { return decimal_text(bytes / 1048576, 2); });
  }
  return "<section><h2>Longer recordings</h2>\n" + table.html() + "</section>\n";
}

}  // namespace bagloom::bench
