// A loss as JSON: in the records of a job, in the dataset's report, and what --json prints.
#pragma once

#include <nlohmann/json.hpp>

#include "convert/convert.h"

namespace bagloom::convert {

/// `Json` is nlohmann's json or ordered_json. offset and time_ns are left out where they are not known.
template <class Json>
Json loss_to_json(const Loss& loss) {
  Json json = {{"recording", loss.recording}, {"kind", std::string(name_of(loss.kind))},
               {"topic", loss.topic},         {"feature", loss.feature},
               {"count", loss.count},         {"text", loss.text}};
  if (!loss.reason.empty()) json["reason"] = loss.reason;
  json["features"] = Json::array();
  for (const std::string& feature : loss.features) json["features"].push_back(feature);
  if (loss.features.empty() && !loss.feature.empty()) json["features"].push_back(loss.feature);
  if (loss.offset) json["offset"] = *loss.offset;
  if (loss.time_ns) json["time_ns"] = *loss.time_ns;
  return json;
}

/// Throws nlohmann's exceptions where a key is missing or of another type, or the kind is none that is known: callers turn them
/// into values.
template <class Json>
Loss loss_from_json(const Json& json) {
  Loss loss;
  json.at("recording").get_to(loss.recording);
  std::string kind;
  json.at("kind").get_to(kind);
  const auto known = loss_kind(kind);
  if (!known) throw Json::other_error::create(501, "no kind of loss: " + kind, &json);
  loss.kind = *known;
  json.at("topic").get_to(loss.topic);
  json.at("feature").get_to(loss.feature);
  json.at("count").get_to(loss.count);
  json.at("text").get_to(loss.text);
  if (json.contains("reason")) json.at("reason").get_to(loss.reason);
  if (json.contains("features")) json.at("features").get_to(loss.features);
  if (json.contains("offset")) loss.offset = json.at("offset").template get<std::uint64_t>();
  if (json.contains("time_ns")) loss.time_ns = json.at("time_ns").template get<TimeNs>();
  return loss;
}

}  // namespace bagloom::convert
