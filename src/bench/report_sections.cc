#include "bench/report_sections.h"

#include <algorithm>
#include <map>

#include "bench/report_tables.h"
#include "bench/report_text.h"

namespace bagloom::bench {
namespace {

using nlohmann::json;

std::string whole_text(double value) { return decimal_text(value, 0); }
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

std::string paragraph(std::string_view text, std::string_view kind = "") {
  return "<p" + (kind.empty() ? std::string() : " class=\"" + std::string(kind) + "\"") + ">" + escape_html(text) + "</p>\n";
}

class Facts {
 public:
  void add(std::string_view term, std::string_view value) {
    if (!value.empty()) html_ += "<div><dt>" + escape_html(term) + "</dt><dd><bdi>" + escape_html(value) + "</bdi></dd></div>\n";
  }
  std::string html() const { return html_.empty() ? "" : "<dl class=\"facts\">\n" + html_ + "</dl>\n"; }

 private:
  std::string html_;
};

/// "848x480 (3)", "640x480, 320x240 (2)": the pictures' sizes, and how many cameras have each.
std::string pictures_text(const json& topics) {
  std::map<std::string, int> sizes;
  if (!topics.is_array()) return "";
  for (const json& topic : topics)
    if (const auto width = number_of(topic, "width"), height = number_of(topic, "height"); width && height && *width > 0)
      ++sizes[decimal_text(*width, 0) + "x" + decimal_text(*height, 0)];
  std::string text;
  for (const auto& [size, count] : sizes)
    text += (text.empty() ? "" : ", ") + size + (count == 1 ? ", one camera" : ", " + std::to_string(count) + " cameras");
  return text;
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

std::string facts_html(const ReportInput& input) {
  const json& recording = member(input.whole, "recording");
  const json& machine = member(input.whole, "machine");
  const json& settings = member(input.whole, "settings");
  Facts facts;
  if (const auto bytes = number_of(recording, "bytes")) {
    const auto seconds = number_of(recording, "seconds");
    facts.add("Recording", size_text(*bytes) + (seconds ? ", " + seconds_text(*seconds) + " s" : ""));
  }
  if (const auto messages = number_of(recording, "messages")) facts.add("Messages", whole_text(*messages));
  if (const auto rows = number_of(recording, "rows")) {
    const std::string timeline = text_of(recording, "main_timeline");
    facts.add("Rows", whole_text(*rows) + (timeline.empty() ? "" : ", " + timeline));
  }
  facts.add("Pictures", pictures_text(member(recording, "topics")));
  facts.add("Codec", text_of(recording, "codec"));
  if (const json& write = member(settings, "write"); write.is_boolean() && !write.get<bool>())
    facts.add("Not included", "encoding and writing");
  if (const auto share = number_of(recording, "cached_share"))
    facts.add("In the page cache at the start", decimal_text(*share * 100, 0) + " % of the recording");
  if (const auto memory = number_of(machine, "memory_bytes")) {
    const auto available = number_of(machine, "available_bytes");
    facts.add("Machine's memory", size_text(*memory) + (available ? ", " + size_text(*available) + " available" : ""));
  }
  if (const auto cores = number_of(machine, "cores")) {
    const auto threads = number_of(settings, "threads");
    facts.add("Cores", whole_text(*cores) + (threads ? ", " + whole_text(*threads) + " threads used" : ""));
  }
  facts.add("Processor", text_of(machine, "cpu"));
  facts.add("Kernel", text_of(machine, "kernel"));
  if (const auto limit = number_of(settings, "memory_limit_bytes")) facts.add("Memory limit", size_text(*limit));
  if (const auto ceiling = number_of(settings, "ceiling_bytes")) facts.add("Ceiling kept by the kernel", size_text(*ceiling));
  return facts.html();
}

std::string verdict_html(const ReportInput& input) {
  const ReportRun *least = nullptr, *most = nullptr;
  // Peaks of a shared process are no one's own, so there is no winner.
  for (const ReportRun& run : input.runs) {
    // A scan alone makes no dataset: it is no rival.
    if (!run.ok() || run.isolation == "shared" || !run.peak_bytes || run.name == "scan") continue;
    if (!least || *run.peak_bytes < *least->peak_bytes) least = &run;
    if (!most || *run.peak_bytes > *most->peak_bytes) most = &run;
  }
  std::string html;
  if (least && most && least->name != most->name)
    html += "<p class=\"verdict\">Lowest peak: <b>" + size_text(*least->peak_bytes) + "</b> with <bdi>" +
            escape_html(least->display_name) + "</bdi>. Highest: <b>" + size_text(*most->peak_bytes) + "</b> with <bdi>" +
            escape_html(most->display_name) + "</bdi>.</p>\n";
  const json& datasets = member(input.whole, "datasets");
  if (const json& same = member(datasets, "same"); same.is_boolean())
    html += same.get<bool>() ? paragraph("The datasets of all methods and runs are the same.")
                             : paragraph("The datasets differ: " + text_of(datasets, "difference"), "failure");
  return html;
}

std::string figures_html(const ReportInput& input) {
  HtmlTable table("All figures", "MB are 1,000,000 bytes. Increase = peak \xe2\x88\x92 initial.");
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
    html += paragraph(
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
    table.number(number_of(length, "bytes_per_1000_rows"), [](double bytes) { return decimal_text(bytes / 1e6, 2); });
  }
  return "<section><h2>Longer recordings</h2>\n" + table.html() + "</section>\n";
}

std::string notes_html(const ReportInput& input) {
  const json& notes = member(input.whole, "notes");
  std::string items;
  if (notes.is_array())
    for (const json& note : notes)
      if (note.is_string()) items += "<li>" + escape_html(note.get<std::string>()) + "</li>\n";
  return items.empty() ? "" : "<h3>Of this run</h3>\n<ul>\n" + items + "</ul>\n";
}

std::string topics_html(const ReportInput& input) {
  const json& topics = member(member(input.whole, "recording"), "topics");
  if (!topics.is_array() || topics.empty()) return "";
  HtmlTable table("Topics", "");
  table.column("Topic").column("Type").column("Messages", "-").column("Feature");
  for (const json& topic : topics)
    table.row(text_of(topic, "topic"))
        .text(text_of(topic, "type"))
        .number(number_of(topic, "messages"), whole_text)
        .code(text_of(topic, "feature"));
  return "<details class=\"card\"><summary>Topics of the recording (" + std::to_string(topics.size()) + ")</summary>\n" +
         table.html() + "</details>\n";
}

}  // namespace bagloom::bench
