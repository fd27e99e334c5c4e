#include "convert/records.h"

#include <nlohmann/json.hpp>

#include "convert/loss_json.h"

namespace bagloom::convert {
namespace {

using nlohmann::json;

// Of schema 1 two episodes or cameras could name one unit, which the first of their files took away.
// What schema 2 names are units that do not say which formats lie. Schema 3 does not say whose messages a topic holds.
constexpr int kSchema = 4;

json statistics_json(const dataset::FeatureStatistics& s) {
  return {{"min", s.min}, {"max", s.max}, {"mean", s.mean}, {"std", s.std}, {"q01", s.q01},
          {"q10", s.q10}, {"q50", s.q50}, {"q90", s.q90},   {"q99", s.q99}, {"count", s.count}};
}

dataset::FeatureStatistics statistics_of_json(const json& j) {
  dataset::FeatureStatistics s;
  j.at("min").get_to(s.min);
  j.at("max").get_to(s.max);
  j.at("mean").get_to(s.mean);
  j.at("std").get_to(s.std);
  j.at("q01").get_to(s.q01);
  j.at("q10").get_to(s.q10);
  j.at("q50").get_to(s.q50);
  j.at("q90").get_to(s.q90);
  j.at("q99").get_to(s.q99);
  j.at("count").get_to(s.count);
  return s;
}

json histogram_json(const media::RgbHistogram& h) {
  if (h.millimetres.empty()) return {{"counts", h.counts}, {"pictures", h.pictures}};
  // Of depth each distance that occurs, with its count.
  std::vector<std::uint64_t> pairs;
  for (std::size_t value = 0; value < h.millimetres.size(); ++value)
    if (h.millimetres[value] > 0) pairs.insert(pairs.end(), {value, h.millimetres[value]});
  return {{"millimetres", pairs}, {"pictures", h.pictures}};
}

media::RgbHistogram histogram_of_json(const json& j) {
  media::RgbHistogram h;
  j.at("pictures").get_to(h.pictures);
  if (j.contains("millimetres")) {
    h.millimetres.resize(65536);
    const json& pairs = j["millimetres"];
    for (std::size_t i = 0; i + 1 < pairs.size(); i += 2)
      h.millimetres[pairs.at(i).get<std::uint16_t>()] = pairs.at(i + 1).get<std::uint64_t>();
    return h;
  }
  for (std::size_t channel = 0; channel < 3; ++channel)
    for (std::size_t value = 0; value < 256; ++value)
      h.counts[channel][value] = j.at("counts").at(channel).at(value).get<std::uint64_t>();
  return h;
}

json episode_json(const EpisodeRecord& episode) {
  json j = {{"rows", episode.units.rows},
            {"task", episode.units.task},
            {"row_blocks", episode.units.row_blocks},
            {"segments", episode.units.segments},
            {"video_bytes", episode.units.video_bytes},
            {"held", episode.held},
            {"start_ns", episode.start_ns},
            {"end_ns", episode.end_ns},
            {"histograms", json::array()},
            {"vectors", json::array()}};
  for (const auto& histogram : episode.units.histograms) j["histograms"].push_back(histogram_json(histogram));
  for (const auto& vector : episode.units.vectors) j["vectors"].push_back(statistics_json(vector));
  return j;
}

EpisodeRecord episode_of_json(const json& j) {
  EpisodeRecord episode;
  j.at("rows").get_to(episode.units.rows);
  j.at("task").get_to(episode.units.task);
  j.at("row_blocks").get_to(episode.units.row_blocks);
  j.at("segments").get_to(episode.units.segments);
  j.at("video_bytes").get_to(episode.units.video_bytes);
  j.at("held").get_to(episode.held);
  j.at("start_ns").get_to(episode.start_ns);
  j.at("end_ns").get_to(episode.end_ns);
  for (const json& histogram : j.at("histograms")) episode.units.histograms.push_back(histogram_of_json(histogram));
  for (const json& vector : j.at("vectors")) episode.units.vectors.push_back(statistics_of_json(vector));
  return episode;
}

}  // namespace

std::string to_json(const RecordingRecord& record) {
  json j = {{"schema", kSchema}, {"rejected", record.rejected}, {"episodes", json::array()}, {"losses", json::array()}};
  for (const EpisodeRecord& episode : record.episodes) j["episodes"].push_back(episode_json(episode));
  for (const Loss& loss : record.losses) j["losses"].push_back(loss_to_json<json>(loss));
  j["mismatches"] = json::array();
  for (const TopicMismatch& one : record.mismatches)
    j["mismatches"].push_back({{"topic", one.topic}, {"since_start", one.since_start}, {"what", one.what}});
  j["names"] = json::array();
  for (const TopicNames& one : record.names)
    j["names"].push_back({{"topic", one.topic}, {"messages", one.messages}, {"unused", one.unused}, {"taken", one.taken}});
  if (record.failure)
    j["failure"] = {{"recording", record.failure->recording},
                    {"error", record.failure->error},
                    {"kind", static_cast<int>(record.failure->kind)}};
  // Paths and messages of hostile files may hold bytes that are not UTF-8.
  return j.dump(-1, ' ', false, json::error_handler_t::replace);
}

std::optional<RecordingRecord> record_from_json(const std::string& text) {
  try {
    const json j = json::parse(text);
    if (j.at("schema") != kSchema) return std::nullopt;
    RecordingRecord record;
    j.at("rejected").get_to(record.rejected);
    for (const json& episode : j.at("episodes")) record.episodes.push_back(episode_of_json(episode));
    for (const json& loss : j.at("losses")) record.losses.push_back(loss_from_json(loss));
    for (const json& one : j.at("mismatches"))
      record.mismatches.push_back({one.at("topic"), one.at("since_start").get<TimeNs>(), one.at("what")});
    for (const json& one : j.at("names"))
      record.names.push_back({one.at("topic"), one.at("messages"), one.at("unused"),
                              one.at("taken").get<std::vector<std::pair<std::string, std::uint64_t>>>()});
    if (j.contains("failure"))
      record.failure = Failure{j["failure"].at("recording"), j["failure"].at("error"),
                               static_cast<ErrorKind>(j["failure"].at("kind").get<int>())};
    return record;
  } catch (const json::exception&) {
    return std::nullopt;
  }
}

}  // namespace bagloom::convert
