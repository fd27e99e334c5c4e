#include "bench/report_input.h"

#include <algorithm>
#include <cmath>

namespace bagloom::bench {
namespace {

using nlohmann::json;

constexpr std::size_t kSpans = 400;  // of a timeline in the page; a wide screen has a few thousand pixels

std::uint64_t bytes_of(const json& value) {
  if (!value.is_number()) return 0;
  const double bytes = value.get<double>();
  return bytes > 0 && bytes < 1e18 ? static_cast<std::uint64_t>(bytes) : 0;
}

std::vector<ReportSample> timeline_of(const json& points) {
  std::vector<ReportSample> samples;
  if (!points.is_array()) return samples;
  for (const json& point : points) {
    if (!point.is_array() || point.size() < 2 || !point[0].is_number() || !point[1].is_number()) continue;
    ReportSample sample;
    sample.seconds = point[0].get<double>();
    if (!std::isfinite(sample.seconds)) continue;
    sample.resident = bytes_of(point[1]);
    if (point.size() > 2) sample.anonymous = bytes_of(point[2]);
    if (point.size() > 3) sample.file = bytes_of(point[3]);
    samples.push_back(sample);
  }
  std::stable_sort(samples.begin(), samples.end(),
                   [](const ReportSample& a, const ReportSample& b) { return a.seconds < b.seconds; });
  return thin(samples, kSpans);
}

std::vector<std::pair<std::string, double>> stages_of(const json& object) {
  std::vector<std::pair<std::string, double>> stages;
  if (!object.is_object()) return stages;
  for (const char* known : {"scan", "read", "decode", "align", "encode", "write"})
    if (const auto seconds = number_of(object, known)) stages.emplace_back(known, *seconds);
  for (const auto& [name, value] : object.items()) {
    const bool seen = std::any_of(stages.begin(), stages.end(), [&](const auto& stage) { return stage.first == name; });
    if (!seen && value.is_number()) stages.emplace_back(name, value.get<double>());
  }
  return stages;
}

ReportRun run_of(const json& object) {
  ReportRun run;
  run.name = text_of(object, "name");
  run.display_name = text_of(object, "display_name");
  if (run.display_name.empty()) run.display_name = run.name.empty() ? "(no name)" : run.name;
  run.isolation = text_of(object, "isolation");
  if (run.isolation.empty()) run.isolation = "process";
  run.status = text_of(object, "status");
  run.error = text_of(object, "error");
  run.dataset_hash = text_of(object, "dataset_hash");
  run.counters = text_of(object, "counters");
  if (const json& missed = member(object, "may_have_missed"); missed.is_array())
    for (const json& sentence : missed)
      if (sentence.is_string()) run.may_have_missed.push_back(sentence.get<std::string>());
  run.repeat = static_cast<std::uint64_t>(std::clamp(number_of(object, "repeat").value_or(1), 1.0, 1e6));
  run.seconds = number_of(object, "seconds");
  run.frames = number_of(object, "frames");
  run.frames_per_second = number_of(object, "frames_per_second");
  run.megabytes_per_second = number_of(object, "megabytes_per_second");
  run.initial_bytes = number_of(object, "initial_bytes");
  run.peak_bytes = number_of(object, "peak_bytes");
  run.increase_bytes = number_of(object, "increase_bytes");
  run.tree_peak_bytes = number_of(object, "tree_peak_bytes");
  run.file_bytes = number_of(object, "file_bytes");
  run.predicted_bytes = number_of(object, "predicted_bytes");
  run.stages = stages_of(member(object, "stages"));
  run.timeline = timeline_of(member(object, "timeline"));
  return run;
}

}  // namespace

const json& member(const json& object, const char* key) {
  static const json none;
  if (!object.is_object()) return none;
  const auto found = object.find(key);
  return found == object.end() ? none : *found;
}

std::string text_of(const json& object, const char* key) {
  const json& value = member(object, key);
  return value.is_string() ? value.get<std::string>() : "";
}

std::optional<double> number_of(const json& object, const char* key) {
  const json& value = member(object, key);
  if (!value.is_number()) return std::nullopt;
  const double number = value.get<double>();
  return std::isfinite(number) ? std::optional<double>(number) : std::nullopt;
}

bool ReportInput::has(std::string_view isolation) const {
  return std::any_of(runs.begin(), runs.end(),
                     [&](const ReportRun& run) { return run.isolation == isolation && run.peak_bytes; });
}

Result<ReportInput> read_report_input(std::string_view bench_json) {
  ReportInput input;
  input.whole = json::parse(bench_json, nullptr, false);
  if (!input.whole.is_object()) return Error(ErrorKind::invalid, "the comparison is no JSON object");
  if (number_of(input.whole, "schema").value_or(0) != 1) return Error(ErrorKind::invalid, "the comparison's schema is not 1");
  const json& methods = member(input.whole, "methods");
  if (!methods.is_array() || methods.empty()) return Error(ErrorKind::invalid, "the comparison has no methods");
  for (const json& method : methods)
    if (method.is_object()) input.runs.push_back(run_of(method));
  if (input.runs.empty()) return Error(ErrorKind::invalid, "the comparison has no methods");
  return input;
}

}  // namespace bagloom::bench
