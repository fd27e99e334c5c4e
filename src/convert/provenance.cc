#include "convert/provenance.h"

#include <nlohmann/json.hpp>

#include "convert/durable_files.h"
#include "convert/loss_json.h"

namespace bagloom::convert {

using Json = nlohmann::ordered_json;

Status write_provenance(const std::string& dataset, const JobSetup& setup, const Report& report) {
  const std::string folder = dataset + "/meta/bagloom";
  RETURN_IF_ERROR(make_folders(folder));
  Json json;
  json["schema"] = 1;
  json["versions"] = setup.versions;
  json["recordings"] = Json::array();
  for (const InputRecording& input : setup.inputs)
    json["recordings"].push_back({{"path", input.path}, {"bytes", input.bytes}, {"identity", input.identity}});
  json["episodes"] = report.episodes;
  json["rows"] = report.rows;
  json["rejected"] = report.rejected;
  json["dataset_bytes"] = report.dataset_bytes;
  json["losses"] = Json::array();
  for (const Loss& loss : report.losses) json["losses"].push_back(loss_to_json<Json>(loss));
  json["failed"] = Json::array();
  for (const Failure& failure : report.failed)
    json["failed"].push_back({{"recording", failure.recording}, {"error", failure.error}});
  json["memory"] = {{"limit_bytes", report.memory.limit},
                    {"limit_given", report.memory.limit_given},
                    {"tasks_at_once", report.memory.tasks_at_once},
                    {"threads", report.memory.threads},
                    {"peak_bytes", report.peak_bytes},
                    {"accounts", Json::array()}};
  for (const MemoryAccount& account : report.memory.accounts)
    json["memory"]["accounts"].push_back({{"name", account.name}, {"bytes", account.bytes}});
  json["seconds"] = report.seconds;
  RETURN_IF_ERROR(write_durably(folder + "/recipe.yaml", recipe::to_yaml(setup.recipe)));
  RETURN_IF_ERROR(write_durably(folder + "/report.json", json.dump(2, ' ', false, Json::error_handler_t::replace) + "\n"));
  return write_durably(folder + "/job.json", setup.job);
}

Status read_report(const std::string& output, Report& report) {
  const std::string path = output + "/meta/bagloom/report.json";
  ASSIGN_OR_RETURN(const std::string text, read_small_file(path, 1ull << 30));
  try {
    const Json json = Json::parse(text);
    json.at("episodes").get_to(report.episodes);
    json.at("rows").get_to(report.rows);
    json.at("rejected").get_to(report.rejected);
    json.at("dataset_bytes").get_to(report.dataset_bytes);
    json.at("seconds").get_to(report.seconds);
    json.at("memory").at("peak_bytes").get_to(report.peak_bytes);
    for (const Json& entry : json.at("losses")) report.losses.push_back(loss_from_json(entry));
    for (const Json& entry : json.at("failed"))
      report.failed.push_back({entry.at("recording"), entry.at("error"), ErrorKind::corrupt});
    return {};
  } catch (const Json::exception& error) {
    return Error(ErrorKind::corrupt, error.what()).in(path).fix("add --overwrite to make the dataset again");
  }
}

}  // namespace bagloom::convert
