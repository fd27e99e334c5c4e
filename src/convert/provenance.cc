#include "convert/provenance.h"

#include <algorithm>
#include <nlohmann/json.hpp>

#include "convert/durable_files.h"
#include "convert/loss_json.h"

namespace bagloom::convert {

using Json = nlohmann::ordered_json;

namespace {

/// The certificate: docs/memory.md says how to read it.
Json memory_record(const Report& report) {
  const MemoryLayout& layout = report.memory;
  const MemoryUse& use = report.memory_use;
  Json record = {{"tool", "bagloom " BAGLOOM_VERSION},
                 {"limit_bytes", layout.limit},
                 {"limit_given", layout.limit_given},
                 {"expected_peak_bytes", layout.expected_peak},
                 {"peak_bytes", report.peak_bytes},
                 {"start_peak_bytes", layout.start_peak},
                 {"smallest_limit_bytes", layout.smallest_limit},
                 {"threads", layout.threads},
                 {"tasks_at_once", layout.tasks_at_once},
                 {"most_tasks_at_once", use.tasks_at_once},
                 {"largest_task", layout.largest_task_name},
                 {"largest_task_bytes", layout.largest_task},
                 {"assembly_bytes", layout.assembly},
                 {"accounts", Json::array()}};
  const auto beyond = [](std::uint64_t sampled, std::uint64_t base) { return sampled > base ? sampled - base : 0; };
  for (const MemoryAccount& account : layout.accounts) {
    Json entry = {{"name", account.name}, {"reserved_bytes", account.bytes}, {"measured_bytes", nullptr}};
    if (account.name == "base") entry["measured_bytes"] = use.base_anonymous + use.base_file;
    if (account.name == "code") entry["measured_bytes"] = beyond(use.sampled_file, use.base_file);
    record["accounts"].push_back(std::move(entry));
  }
  record["accounts"].push_back({{"name", "tasks and assembly"},
                                {"reserved_bytes", use.tasks_reserved},
                                {"measured_bytes", beyond(use.sampled_anonymous, use.base_anonymous)}});
  record["samples"] = use.samples;
  record["compressed_chunks"] = use.chunks;
  record["inflations"] = use.inflations;
  record["counters"] = {
      {"peak_bytes", "VmHWM of /proc/self/status: kept by the kernel, misses nothing"},
      {"base", "RssAnon + RssFile before the first row"},
      {"code", "the largest RssFile of the samples while no file was written, beyond the base's"},
      {"tasks and assembly", "the largest RssAnon of the samples, beyond the base's; plan and threads are in it"}};
  return record;
}

}  // namespace

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
  json["memory"] = memory_record(report);
  json["seconds"] = report.seconds;
  RETURN_IF_ERROR(write_synced(folder + "/recipe.yaml", recipe::to_yaml(setup.recipe)));
  RETURN_IF_ERROR(write_synced(folder + "/report.json", json.dump(2, ' ', false, Json::error_handler_t::replace) + "\n"));
  return write_durably(folder + "/job.json", setup.job);
}

std::uint64_t written_bytes(const std::string& dataset) {
  std::uint64_t all = 0;
  for (const char* folder : {"/data", "/videos", "/meta"}) all += tree_bytes(dataset + folder);
  // Of bagloom's own folder one file: the others are written after this was counted, and a run that was killed may have left
  // temporary ones.
  all -= std::min(all, tree_bytes(dataset + "/meta/bagloom"));  // a folder that cannot be read counts nothing
  return all + file_bytes(dataset + "/meta/bagloom/episodes.parquet");
}

Status read_report(const std::string& output, Report& report) {
  const std::string path = output + "/meta/bagloom/report.json";
  ASSIGN_OR_RETURN(const std::string text, read_small_file(path, 1ull << 30));
  try {
    const Json json = Json::parse(text);
    json.at("episodes").get_to(report.episodes);
    json.at("rows").get_to(report.rows);
    json.at("rejected").get_to(report.rejected);
    report.dataset_bytes = json.value("dataset_bytes", std::uint64_t{0});
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
