// The report as JSON: docs/bench.md. Schema 1.
#include <nlohmann/json.hpp>

#include "bench/bench_parts.h"
#include "convert/durable_files.h"

namespace bagloom::bench {
namespace {

using Json = nlohmann::ordered_json;

Json or_null(const std::optional<std::uint64_t>& value) { return value ? Json(*value) : Json(); }
Json or_null(const std::string& text) { return text.empty() ? Json() : Json(text); }

Json recording_json(const Facts& facts) {
  Json json = {{"path", facts.path},
               {"bytes", facts.bytes},
               {"seconds", facts.seconds},
               {"messages", facts.messages},
               {"main_timeline", facts.main_timeline},
               {"rows", facts.rows},
               {"episodes", facts.episodes}};
  json["topics"] = Json::array();
  for (const TopicFacts& topic : facts.topics) {
    Json entry = {{"topic", topic.topic}, {"type", topic.type}, {"messages", topic.messages}, {"feature", topic.feature}};
    if (topic.width > 0) {
      entry["width"] = topic.width;
      entry["height"] = topic.height;
    }
    json["topics"].push_back(std::move(entry));
  }
  json["codec"] = facts.codec;
  json["cached_share"] = facts.cached_share < 0 ? Json() : Json(facts.cached_share);
  json["read_before"] = facts.read_before;
  return json;
}

Json row_json(const BenchReport& report, const Row& row) {
  Json json = {{"name", row.method.name()},
               {"display_name", row.method.display_name()},
               {"isolation", row.isolation},
               {"repeat", row.repeat},
               {"status", row.status},
               {"error", or_null(row.error)},
               {"predicted_bytes", or_null(row.predicted)}};
  if (row.smallest_limit != 0) json["smallest_limit_bytes"] = row.smallest_limit;
  if (row.tree_peak) {
    json["tree_peak_bytes"] = *row.tree_peak;
    json["file_bytes"] = row.file_bytes;
  }
  if (row.measured) {
    json["seconds"] = row.seconds;
    json["stages"] = Json();
    if (row.has_stages) {
      for (std::size_t i = 0; i < row.stages.size(); ++i) json["stages"][std::string(convert::kStageNames[i])] = row.stages[i];
      json["threads"] = row.threads;
    }
    json["frames"] = or_null(row.rows);
    const bool rate = row.rows && row.seconds > 0;
    json["frames_per_second"] = rate ? Json(static_cast<double>(*row.rows) / row.seconds) : Json();
    json["megabytes_per_second"] = row.seconds > 0 ? Json(static_cast<double>(report.facts.bytes) / 1e6 / row.seconds) : Json();
    json["initial_bytes"] = row.initial;
    json["peak_bytes"] = row.peak;
    json["increase_bytes"] = row.increase;
    if (!row.tree_peak) {
      json["tree_peak_bytes"] = Json();
      json["file_bytes"] = row.file_bytes;
    }
    json["dataset_hash"] = or_null(row.hash);
    json["dataset_bytes"] = row.dataset_bytes;
  }
  if (!row.counters.empty()) json["counters"] = row.counters;
  if (!row.may_have_missed.empty()) json["may_have_missed"] = row.may_have_missed;
  if (row.heap_profile) json["profile"] = Json::parse(to_json(*row.heap_profile));
  if (row.stage_profile) json["profile"] = Json::parse(to_json(*row.stage_profile));
  json["timeline"] = Json::array();
  for (const MemoryPoint& point : row.timeline)
    json["timeline"].push_back({point.seconds, point.resident, point.anonymous, point.file});
  return json;
}

const char* isolation_name(Isolation isolation) {
  switch (isolation) {
    case Isolation::process: return "process";
    case Isolation::shared: return "shared";
    case Isolation::both: return "both";
  }
  return "";
}

Json profile_name(Profile profile) {
  switch (profile) {
    case Profile::none: return nullptr;
    case Profile::stages: return "stages";
    case Profile::heap: return "heap";
  }
  return nullptr;
}

}  // namespace

std::string to_json(const BenchReport& report) {
  const BenchOptions& options = report.options;
  Json json = {{"schema", 1}, {"recording", recording_json(report.facts)}};
  const Facts& facts = report.facts;
  json["machine"] = {{"memory_bytes", facts.memory_bytes},
                     {"available_bytes", facts.available_bytes},
                     {"cores", facts.cores},
                     {"kernel", facts.kernel},
                     {"cpu", facts.cpu}};
  json["settings"] = {
      {"threads", facts.threads},   {"memory_limit_bytes", options.memory_limit == 0 ? Json() : Json(options.memory_limit)},
      {"write", options.write},     {"ceiling_bytes", or_null(options.ceiling)},
      {"repeats", options.repeats}, {"isolation", isolation_name(options.isolation)}};
  json["methods"] = Json::array();
  for (const Row& row : report.rows) json["methods"].push_back(row_json(report, row));
  json["comparisons"] = Json::array();
  for (const Comparison& one : report.comparisons)
    json["comparisons"].push_back({{"kind", one.kind},
                                   {"isolation", one.isolation},
                                   {"trusted", one.isolation != "shared"},
                                   {"name", one.name},
                                   {"other", one.other},
                                   {"less_by_increase", one.less_by_increase},
                                   {"less_by_peak", one.less_by_peak},
                                   {"times_as_fast", one.times_as_fast},
                                   {"text", one.text}});
  json["repeats"] = Json::array();
  for (const Spread& spread : report.repeats)
    json["repeats"].push_back({{"name", spread.name},
                               {"isolation", spread.isolation},
                               {"count", spread.count},
                               {"seconds", spread.seconds},
                               {"increase_bytes", spread.increase},
                               {"peak_bytes", spread.peak}});
  json["datasets"] = {{"same", report.datasets_compared ? Json(report.difference.empty()) : Json()},
                      {"difference", or_null(report.difference)}};
  json["lengths"] = Json::array();
  for (const LengthSeries& series : report.lengths) {
    Json entry = {{"name", series.method.name()}};
    for (const LengthPoint& point : series.points)
      entry["points"].push_back(
          {{"times", point.times}, {"bytes", point.bytes}, {"rows", point.rows}, {"peak_bytes", point.peak}});
    const auto slope = [](const std::optional<double>& bytes) { return bytes ? Json(*bytes) : Json(nullptr); };
    entry["bytes_per_gigabyte"] = slope(series.bytes_per_gigabyte);
    entry["bytes_per_1000_rows"] = slope(series.bytes_per_1000_rows);
    json["lengths"].push_back(std::move(entry));
  }
  json["profile"] = profile_name(options.profile);
  json["notes"] = report.notes;
  return json.dump(2, ' ', false, Json::error_handler_t::replace);
}

std::optional<std::uint64_t> dataset_rows(const std::string& folder) {
  constexpr std::uint64_t kMost = 16 << 20;
  const auto text = convert::read_small_file(folder + "/meta/info.json", kMost);
  if (!text) return std::nullopt;
  const auto json = nlohmann::json::parse(*text, nullptr, false);
  if (!json.is_object() || !json.contains("total_frames") || !json["total_frames"].is_number_unsigned()) return std::nullopt;
  return json["total_frames"].get<std::uint64_t>();
}

}  // namespace bagloom::bench
