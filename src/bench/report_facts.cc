// The page's head and foot: recording, machine, verdict, notes, topics.
#include <algorithm>
#include <map>

#include "bench/report_sections.h"
#include "bench/report_tables.h"
#include "bench/report_text.h"

namespace bagloom::bench {
namespace {

using nlohmann::json;

bool is_true(const json& value) { return value.is_boolean() && value.get<bool>(); }

class Facts {
 public:
  void add(std::string_view term, std::string_view value) {
    if (!value.empty()) html_ += "<div><dt>" + escape_html(term) + "</dt><dd><bdi>" + escape_html(value) + "</bdi></dd></div>\n";
  }
  std::string html() const { return html_.empty() ? "" : "<dl class=\"facts\">\n" + html_ + "</dl>\n"; }

 private:
  std::string html_;
};

/// "640x480, one camera, 848x480, 3 cameras": the pictures' sizes, and how many cameras have each.
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

}  // namespace

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
    facts.add("In the page cache at the start",
              decimal_text(*share * 100, 0) + " % of the recording" +
                  (is_true(member(recording, "read_before")) ? ", then all of it was read" : ""));
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
  struct Peaks {
    std::string display_name;
    std::vector<double> bytes;
    double middle() const { return bytes[(bytes.size() - 1) / 2]; }  // as the drawings take it
  };
  std::map<std::string, Peaks> methods;
  bool scan = false;
  for (const ReportRun& run : input.runs) {
    // Peaks of a shared process are no one's own, so there is no winner.
    if (!run.ok() || run.isolation == "shared" || !run.peak_bytes) continue;
    scan = scan || run.name == "scan";
    if (run.name == "scan") continue;  // it makes no dataset and is no rival
    Peaks& peaks = methods[run.name];
    peaks.display_name = run.display_name;
    peaks.bytes.push_back(*run.peak_bytes);
  }
  const Peaks *least = nullptr, *most = nullptr;
  bool repeated = false;
  for (auto& [name, peaks] : methods) {
    std::sort(peaks.bytes.begin(), peaks.bytes.end());
    repeated = repeated || peaks.bytes.size() > 1;
    if (!least || peaks.middle() < least->middle()) least = &peaks;
    if (!most || peaks.middle() > most->middle()) most = &peaks;
  }
  std::string html;
  if (least != most)
    html += std::string("<p class=\"verdict\">Lowest peak") + (scan ? " of those that make a dataset" : "") +
            (repeated ? ", in the middle of the runs" : "") + ": <b>" + size_text(least->middle()) + "</b> with <bdi>" +
            escape_html(least->display_name) + "</bdi>. Highest: <b>" + size_text(most->middle()) + "</b> with <bdi>" +
            escape_html(most->display_name) + "</bdi>.</p>\n";
  const json& datasets = member(input.whole, "datasets");
  if (const json& same = member(datasets, "same"); same.is_boolean())
    html += same.get<bool>() ? paragraph_html("The datasets of all methods and runs are the same.")
                             : paragraph_html("The datasets differ: " + text_of(datasets, "difference"), "failure");
  return html;
}

std::string notes_html(const ReportInput& input) {
  std::vector<std::string> counters;  // which of the kernel's counters gave the peaks, and what may be missing
  const auto add = [&](std::string text) {
    if (std::find(counters.begin(), counters.end(), text) == counters.end()) counters.push_back(std::move(text));
  };
  for (const ReportRun& run : input.runs) {
    if (!run.counters.empty())
      add((run.isolation == "shared" ? "Peaks in one process: " : "Peaks of own processes: ") + run.counters);
    for (const std::string& missed : run.may_have_missed) add(run.display_name + " may have missed: " + missed);
  }
  const json& notes = member(input.whole, "notes");
  std::string items;
  for (const std::string& text : counters) items += "<li>" + escape_html(text) + "</li>\n";
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
