#include "bench/report_html.h"

#include <map>

#include "bench/report_input.h"
#include "bench/report_page.h"
#include "bench/report_sections.h"
#include "bench/report_text.h"

namespace bagloom::bench {
namespace {

using nlohmann::json;

/// What the scripts draw: runs with their timelines as columns, each pointing to its method, so that a method keeps its colour.
json drawing_data(const ReportInput& input) {
  json data = {{"methods", json::array()}, {"runs", json::array()}};
  std::map<std::pair<std::string, std::string>, std::size_t> methods;
  for (const ReportRun& run : input.runs) {
    const auto [method, fresh] = methods.try_emplace({run.name, run.display_name}, methods.size());
    if (fresh) data["methods"].push_back(run.display_name);
    if (!run.peak_bytes && run.timeline.empty()) continue;
    json seconds = json::array(), resident = json::array(), anonymous = json::array(), file = json::array();
    for (const ReportSample& sample : run.timeline) {
      seconds.push_back(sample.seconds);
      resident.push_back(sample.resident);
      anonymous.push_back(sample.anonymous);
      file.push_back(sample.file);
    }
    const auto number = [](const std::optional<double>& value) { return value ? json(*value) : json(); };
    data["runs"].push_back({{"method", method->second},
                            {"name", run_name(input, run)},
                            {"isolation", run.isolation},
                            {"repeat", run.repeat},
                            {"ok", run.ok()},
                            {"status", run.status},
                            {"length", number(run.seconds)},
                            {"initial", number(run.initial_bytes)},
                            {"peak", number(run.peak_bytes)},
                            {"increase", number(run.increase_bytes)},
                            {"seconds", seconds},
                            {"resident", resident},
                            {"anonymous", anonymous},
                            {"file", file}});
  }
  return data;
}

/// `outline` with each {{slot}} filled. One pass: a slot's name inside a filling stays as it is.
std::string fill(std::string_view outline, const std::map<std::string_view, std::string>& fillings) {
  std::string page;
  for (;;) {
    const std::size_t begin = outline.find("{{");
    const std::size_t end = begin == outline.npos ? outline.npos : outline.find("}}", begin);
    if (end == outline.npos) return page.append(outline);
    page.append(outline.substr(0, begin));
    if (const auto filling = fillings.find(outline.substr(begin + 2, end - begin - 2)); filling != fillings.end())
      page += filling->second;
    outline.remove_prefix(end + 2);
  }
}

/// Chart.js without the comment in which npm's file names a map for debuggers: the page loads nothing.
std::string_view library() {
  const std::size_t map = page::chart_js.rfind("//# sourceMappingURL=");
  return page::chart_js.substr(0, map);
}

constexpr const char* kNothingDrawn = "<section><p>No method gave figures that could be drawn.</p></section>\n";
constexpr const char* kOnlyShared =
    "<p>All methods ran one after another in one process: every curve but the first stands on what the ones before it "
    "left.</p>\n";

std::string file_name(const std::string& path) { return path.substr(path.find_last_of('/') + 1); }

}  // namespace

Status can_draw_report() {
  if (!page::chart_js.empty()) return {};
  return Error(ErrorKind::unsupported, "this bagloom was built without Chart.js, which draws the report")
      .fix("install libjs-chart.js (scripts/setup.sh does), then configure and build again");
}

bool is_report(std::string_view beginning) {
  return beginning.starts_with("<!doctype html>") &&
         beginning.find("<meta name=\"generator\" content=\"bagloom bench\">") != beginning.npos;
}

Result<std::string> report_html(std::string_view bench_json) {
  RETURN_IF_ERROR(can_draw_report());
  ASSIGN_OR_RETURN(const ReportInput input, read_report_input(bench_json));
  const std::string recording = file_name(text_of(member(input.whole, "recording"), "path"));
  const bool both = input.has("process") && input.has("shared");
  const bool only_shared = input.has("shared") && !input.has("process");
  const json data = drawing_data(input);
  const bool drawn = !data["runs"].empty();
  std::string scripts;
  for (const std::string_view part : {page::look, page::over_time, page::bars, page::start}) scripts.append(part);
  return fill(page::outline, {
                                 {"recording", escape_html(recording.empty() ? "a recording" : recording)},
                                 {"style", std::string(page::style)},
                                 {"facts", facts_html(input)},
                                 {"verdict", verdict_html(input)},
                                 {"only_shared", only_shared ? kOnlyShared : ""},
                                 {"nothing_drawn", drawn ? "" : kNothingDrawn},
                                 {"drawn", drawn ? "" : " hidden"},
                                 {"both", both ? "" : " hidden"},
                                 {"not_both", both ? " hidden" : ""},
                                 {"isolation", isolation_html(input)},
                                 {"figures", figures_html(input)},
                                 {"comparisons", comparisons_html(input)},
                                 {"stages", stages_html(input)},
                                 {"repeats", repeats_html(input)},
                                 {"profiles", profiles_html(input)},
                                 {"lengths", lengths_html(input)},
                                 {"notes", notes_html(input)},
                                 {"topics", topics_html(input)},
                                 {"chart_terms", escape_html(page::chart_terms)},
                                 {"data", script_json(data)},
                                 {"chart_js", std::string(library())},
                                 {"scripts", scripts},
                             });
}

}  // namespace bagloom::bench
