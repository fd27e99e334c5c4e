#include "bench/job.h"

#include <cerrno>
#include <cstdlib>
#include <fstream>
#include <nlohmann/json.hpp>

#include "convert/durable_files.h"
#include "convert/task_messages.h"
#include "memory/allocator.h"
#include "recipe/message_folders.h"

namespace bagloom::bench {
namespace {

constexpr std::uint64_t kMostBytes = 64 << 20;

Result<Job> read_job(const std::string& path) {
  ASSIGN_OR_RETURN(const std::string text, convert::read_small_file(path, kMostBytes));
  try {
    const auto json = nlohmann::json::parse(text);
    Job job;
    for (const auto& entry : json.at("parts")) {
      ASSIGN_OR_RETURN(Method method, parse_method(entry.at("method")));
      job.parts.push_back({std::move(method), entry.at("output"), entry.at("result")});
    }
    json.at("bag").get_to(job.bag);
    json.at("recipe").get_to(job.recipe);
    json.at("msg_paths").get_to(job.msg_paths);
    json.at("threads").get_to(job.threads);
    json.at("memory_limit").get_to(job.memory_limit);
    json.at("write").get_to(job.write);
    json.at("profile").get_to(job.profile);
    json.at("progress").get_to(job.progress);
    job.peak = json.at("peak") == "samples" ? PeakFrom::samples : PeakFrom::mark;
    return job;
  } catch (const nlohmann::json::exception& problem) {
    return Error(ErrorKind::invalid, problem.what()).in(path);
  }
}

/// Not synced: nobody needs it after a crash, and a sync would count as the method's time.
Status write_text(const std::string& path, const std::string& text) {
  std::ofstream out(path, std::ios::binary);
  out << text << std::flush;
  if (out) return {};
  return convert::system_error("cannot write", errno).in(path);
}

std::string failure_text(const Error& error) {
  return nlohmann::json{
      {"error", error.text()}, {"kind", static_cast<int>(error.kind())}, {"smallest_limit_bytes", error.smallest_limit_bytes()}}
      .dump(-1, ' ', false, nlohmann::json::error_handler_t::replace);
}

}  // namespace

Status write_job(const std::string& path, const Job& job) {
  nlohmann::json json;
  for (const Job::Part& part : job.parts)
    json["parts"].push_back({{"method", part.method.name()}, {"output", part.output}, {"result", part.result}});
  json["bag"] = job.bag;
  json["recipe"] = job.recipe;
  json["msg_paths"] = job.msg_paths;
  json["threads"] = job.threads;
  json["memory_limit"] = job.memory_limit;
  json["write"] = job.write;
  json["peak"] = job.peak == PeakFrom::samples ? "samples" : "mark";
  json["profile"] = job.profile;
  json["progress"] = job.progress;
  try {
    return write_text(path, json.dump());
  } catch (const nlohmann::json::exception&) {
    return Error(ErrorKind::invalid, "the path is not UTF-8").in(job.bag).fix("rename the recording, or link to it");
  }
}

Status run_job(const std::string& path, const std::function<bool()>& stop) {
  ASSIGN_OR_RETURN(const Job job, read_job(path));
  ASSIGN_OR_RETURN(const recipe::Recipe recipe, recipe::parse_recipe("recipe", job.recipe));
  if (job.peak == PeakFrom::samples) memory::keep_freed_memory();
  ASSIGN_OR_RETURN(const auto definitions, recipe::definitions_in(job.msg_paths));
  for (const Job::Part& part : job.parts) {
    convert::Options options;
    options.definitions = definitions;
    options.bags = {job.bag};
    options.recipe = recipe;
    options.output = part.output;
    options.threads = job.threads;
    options.memory_limit = job.memory_limit;
    options.write = job.write;
    options.stop = stop;
    options.progress = [&](const convert::ProgressState& state) {
      (void)write_text(job.progress, std::to_string(state.rows_done)).ok();
    };
    const Result<MethodRun> run = run_method(part.method, options, job.peak, job.profile);
    RETURN_IF_ERROR(write_text(part.result, run ? to_json(*run) : failure_text(run.error())));
    if (!run && run.error().kind() == ErrorKind::stopped) return run.error();
  }
  return {};
}

Result<MethodRun> read_result(const std::string& path) {
  const auto text = convert::read_small_file(path, kMostBytes);
  if (!text) return Error(ErrorKind::internal, "ended without a result");
  const auto json = nlohmann::json::parse(*text, nullptr, false);
  if (json.is_object() && json.contains("error") && json["error"].is_string() && json.contains("kind") &&
      json["kind"].is_number_integer())
    return Error(static_cast<ErrorKind>(json["kind"].get<int>()), json["error"].get<std::string>())
        .needing(json.value("smallest_limit_bytes", std::uint64_t{0}));
  return method_run_from_json(*text);
}

std::uint64_t read_progress(const std::string& path) {
  const auto text = convert::read_small_file(path, 64);
  return text ? std::strtoull(text->c_str(), nullptr, 10) : 0;
}

}  // namespace bagloom::bench
