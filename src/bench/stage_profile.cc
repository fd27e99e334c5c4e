#include "bench/stage_profile.h"

#include <algorithm>
#include <cstdlib>
#include <nlohmann/json.hpp>

namespace bagloom::bench {
namespace {

using Json = nlohmann::ordered_json;
using convert::WorkNow;

constexpr int kAttempts = 5;
constexpr std::int64_t kStill = 256 * 1024;

std::int64_t difference(std::uint64_t a, std::uint64_t b) { return static_cast<std::int64_t>(a) - static_cast<std::int64_t>(b); }

std::optional<convert::Stage> stage_named(const std::string& name) {
  const auto at = std::find(convert::kStageNames.begin(), convert::kStageNames.end(), name);
  if (at == convert::kStageNames.end()) return std::nullopt;
  return static_cast<convert::Stage>(at - convert::kStageNames.begin());
}

Json name_or_null(const std::optional<convert::Stage>& stage) {
  return stage ? Json(convert::kStageNames[static_cast<std::size_t>(*stage)]) : Json();
}

template <class Value>
Json or_null(const std::optional<Value>& value) {
  return value ? Json(*value) : Json();
}

template <class Value>
std::optional<Value> optional_of(const Json& json) {
  return json.is_null() ? std::nullopt : std::optional<Value>(json.get<Value>());
}

/// Threads in a stage, and what is reserved for the tasks that they work on.
Json stages_json(const StageProfile& profile) {
  Json stages = Json::array();
  for (std::size_t i = 0; i < convert::kStageNames.size(); ++i) {
    const auto stage = static_cast<convert::Stage>(i);
    auto threads = static_cast<std::uint64_t>(std::count(profile.other_stages.begin(), profile.other_stages.end(), stage));
    std::uint64_t reserved = 0;
    for (const WorkNow::Task& task : profile.tasks) {
      if (!task.at_work || task.stage != stage) continue;
      ++threads;
      reserved += task.reserved;
    }
    if (threads > 0) stages.push_back({{"stage", convert::kStageNames[i]}, {"threads", threads}, {"reserved_bytes", reserved}});
  }
  return stages;
}

}  // namespace

std::uint64_t StageProfile::reserved() const {
  std::uint64_t sum = 0;
  for (const Account& account : accounts) sum += account.reserved.value_or(0);
  return sum;
}

std::int64_t StageProfile::explained() const {
  std::int64_t sum = 0;
  for (const Account& account : accounts) sum += account.counted.value_or(0);
  return sum;
}

std::int64_t StageProfile::unexplained() const { return static_cast<std::int64_t>(sample.resident) - explained(); }

std::uint64_t StageProfile::tasks_reserved() const {
  std::uint64_t sum = 0;
  for (const WorkNow::Task& task : tasks) sum += task.reserved;
  return sum;
}

CountedNow count_now() {
  CountedNow counted;
  std::uint64_t before = memory::resident().anonymous;
  // A count during which memory moved belongs to no moment: the next one is likely to.
  for (int attempt = 0; attempt < kAttempts; ++attempt) {
    counted.heap = memory::heap_counts();
    counted.pages = memory::anonymous_pages();
    counted.anonymous_after = memory::resident().anonymous;
    if (std::abs(difference(counted.anonymous_after, before)) < kStill) break;
    before = counted.anonymous_after;
  }
  return counted;
}

StageProfile stage_profile(const MemoryPoint& sample, const CountedNow& counted, const WorkNow& now) {
  const auto& [heap, pages, anonymous_after] = counted;
  StageProfile profile;
  profile.sample = sample;
  profile.laid_out = now.layout.has_value();
  profile.tasks = now.tasks;
  profile.other_stages = now.other_stages;
  const convert::MemoryBase& base = now.base;
  const bool heap_known = heap && base.heap, pages_known = pages && base.pages;

  const auto reserved = [&](const std::string& name) -> std::optional<std::uint64_t> {
    if (now.layout)
      for (const convert::MemoryAccount& account : now.layout->accounts)
        if (account.name == name) return account.bytes;
    return std::nullopt;
  };
  // Pages of files that were let go since the layout are not there any more.
  const std::uint64_t base_file = std::min(base.file, sample.file);
  profile.accounts.push_back({"base", reserved("base"), difference(base.anonymous + base_file, 0),
                              now.layout ? "resident at the layout" : "resident at the method's start"});
  profile.accounts.push_back({"code", reserved("code"), difference(sample.file, base_file), "pages of files mapped in since"});
  profile.accounts.push_back({"threads", reserved("threads"),
                              pages_known ? std::optional(difference(pages->stacks, base.pages->stacks)) : std::nullopt,
                              pages_known ? "touched pages of stacks" : "not told apart"});
  std::int64_t elsewhere = 0;  // of the heap
  for (const WorkNow::Held& held : now.held) {
    profile.accounts.push_back(
        {held.name, held.reserved ? held.reserved : reserved(held.name), difference(held.counted, 0), "its own count"});
    elsewhere += difference(held.counted, 0);
  }
  if (heap_known) {
    const std::int64_t kept = difference(heap->free, base.heap->free);
    profile.accounts.push_back({"freed, kept", std::nullopt, kept, "the allocator's free blocks"});
    elsewhere += kept;
  }
  if (heap_known || pages_known)
    profile.accounts.push_back(
        {"came or went", std::nullopt, difference(sample.anonymous, anonymous_after), "between the sample and the count"});
  if (const auto plan = reserved("plan")) profile.accounts.push_back({"plan", plan, std::nullopt, "part of the next line"});
  StageProfile::Account tasks{"tasks", profile.tasks_reserved(), std::nullopt, "not told apart"};
  if (heap_known) profile.allocated = difference(heap->in_use, base.heap->in_use);
  if (pages_known) {
    tasks.counted = difference(pages->heaps, base.pages->heaps) - elsewhere;
    tasks.how = "touched pages of heaps, without the above";
  } else if (heap_known) {
    tasks.counted = *profile.allocated - elsewhere + difference(heap->free, base.heap->free);
    tasks.how = "allocated, without the above";
  }
  profile.accounts.push_back(std::move(tasks));
  return profile;
}

std::string to_json(const StageProfile& profile) {
  Json json = {{"kind", "stages"},
               {"interval_seconds", std::chrono::duration<double>(kWatchInterval).count()},
               {"samples", profile.samples},
               {"seconds", profile.sample.seconds},
               {"resident_bytes", profile.sample.resident},
               {"anonymous_bytes", profile.sample.anonymous},
               {"file_bytes", profile.sample.file},
               {"mark_bytes", or_null(profile.mark)},
               {"laid_out", profile.laid_out},
               {"allocated_bytes", or_null(profile.allocated)},
               {"reserved_bytes", profile.reserved()},
               {"explained_bytes", profile.explained()},
               {"unexplained_bytes", profile.unexplained()}};
  json["accounts"] = Json::array();
  for (const StageProfile::Account& account : profile.accounts)
    json["accounts"].push_back({{"name", account.name},
                                {"reserved_bytes", or_null(account.reserved)},
                                {"counted_bytes", or_null(account.counted)},
                                {"counted_by", account.how}});
  json["tasks"] = Json::array();
  for (const WorkNow::Task& task : profile.tasks)
    json["tasks"].push_back(
        {{"name", task.name}, {"reserved_bytes", task.reserved}, {"at_work", task.at_work}, {"stage", name_or_null(task.stage)}});
  json["other_threads"] = Json::array();
  for (const convert::Stage stage : profile.other_stages) json["other_threads"].push_back(name_or_null(stage));
  json["stages"] = stages_json(profile);
  return json.dump(-1, ' ', false, Json::error_handler_t::replace);
}

Result<StageProfile> stage_profile_from_json(const std::string& text) {
  try {
    const Json json = Json::parse(text);
    StageProfile profile;
    json.at("samples").get_to(profile.samples);
    json.at("seconds").get_to(profile.sample.seconds);
    json.at("resident_bytes").get_to(profile.sample.resident);
    json.at("anonymous_bytes").get_to(profile.sample.anonymous);
    json.at("file_bytes").get_to(profile.sample.file);
    profile.mark = optional_of<std::uint64_t>(json.at("mark_bytes"));
    json.at("laid_out").get_to(profile.laid_out);
    profile.allocated = optional_of<std::int64_t>(json.at("allocated_bytes"));
    for (const Json& account : json.at("accounts"))
      profile.accounts.push_back({account.at("name"), optional_of<std::uint64_t>(account.at("reserved_bytes")),
                                  optional_of<std::int64_t>(account.at("counted_bytes")), account.at("counted_by")});
    for (const Json& task : json.at("tasks")) {
      const Json& stage = task.at("stage");
      profile.tasks.push_back({task.at("name"), task.at("reserved_bytes"), task.at("at_work"),
                               stage.is_null() ? std::nullopt : stage_named(stage.get<std::string>())});
    }
    for (const Json& name : json.at("other_threads"))
      if (const auto stage = stage_named(name.get<std::string>())) profile.other_stages.push_back(*stage);
    return profile;
  } catch (const nlohmann::json::exception& problem) {
    return Error(ErrorKind::corrupt, std::string("a profile cannot be read: ") + problem.what());
  }
}

}  // namespace bagloom::bench
