// Who had the memory at the highest sample: sums of made-up moments, and of real runs.
#include "bench/stage_profile.h"

#include <gtest/gtest.h>

#include <filesystem>
#include <nlohmann/json.hpp>

#include "bench/run_method.h"
#include "convert/temporary_folder.h"
#include "sanitized.h"
#include "synth/synth.h"

namespace bagloom::bench {
namespace {

constexpr std::uint64_t kMiB = 1 << 20;

convert::WorkNow moment() {
  convert::WorkNow now;
  now.layout.emplace();
  now.layout->accounts = {{"base", 90}, {"code", 100}, {"threads", 3}, {"plan", 2}, {"chunk cache", 20}};
  now.base.anonymous = 30;
  now.base.file = 60;
  now.base.heap = memory::HeapCounts{10, 5};
  now.base.pages = memory::AnonymousPages{20, 4};
  now.tasks = {{"segment a", 50, true, convert::Stage::encode},
               {"segment b", 50, true, convert::Stage::decode},
               {"segment c", 50, false, std::nullopt}};
  now.other_stages = {convert::Stage::decode};
  now.held = {{"chunk cache", std::nullopt, 15}, {"held messages", 200, 180}};
  return now;
}

const StageProfile::Account& account(const StageProfile& profile, const std::string& name) {
  for (const StageProfile::Account& one : profile.accounts)
    if (one.name == name) return one;
  throw std::runtime_error("no account " + name);
}

TEST(StageProfileTest, EachAccountHasWhatWasReservedAndWhatWasCounted) {
  const StageProfile profile =
      stage_profile({1.5, 500, 400, 100}, {memory::HeapCounts{400, 6}, memory::AnonymousPages{320, 7}, 385}, moment());
  EXPECT_EQ(account(profile, "base").reserved, 90u);
  EXPECT_EQ(account(profile, "base").counted, 90);
  EXPECT_EQ(account(profile, "code").counted, 40);
  EXPECT_EQ(account(profile, "threads").counted, 3);
  EXPECT_EQ(account(profile, "chunk cache").reserved, 20u);
  EXPECT_EQ(account(profile, "chunk cache").counted, 15);
  EXPECT_EQ(account(profile, "held messages").reserved, 200u);
  EXPECT_EQ(account(profile, "freed, kept").counted, 1);
  EXPECT_EQ(account(profile, "tasks").reserved, 150u);
  EXPECT_EQ(account(profile, "tasks").counted, 300 - 15 - 180 - 1);
  EXPECT_EQ(account(profile, "plan").counted, std::nullopt);
  EXPECT_EQ(profile.allocated, 390);
  EXPECT_EQ(account(profile, "came or went").counted, 15);
  EXPECT_EQ(profile.explained(), 90 + 40 + 3 + 300 + 15);
  EXPECT_EQ(profile.unexplained(), 500 - 448);
  EXPECT_TRUE(profile.laid_out);
}

TEST(StageProfileTest, FilePagesThatWereLetGoAreNoNegativeCode) {
  const StageProfile profile = stage_profile({1.5, 440, 400, 40}, {}, moment());
  EXPECT_EQ(account(profile, "base").counted, 70);
  EXPECT_EQ(account(profile, "code").counted, 0);
  EXPECT_EQ(account(profile, "tasks").counted, std::nullopt) << "nobody counted the heap";
  EXPECT_EQ(account(profile, "threads").counted, std::nullopt);
  EXPECT_EQ(profile.explained() + profile.unexplained(), 440);
  for (const StageProfile::Account& one : profile.accounts)
    EXPECT_NE(one.name, "came or went") << "nothing was counted after the sample";
}

TEST(StageProfileTest, WithoutPagesTheAllocatorsCountServes) {
  const StageProfile profile = stage_profile({1.5, 500, 400, 100}, {memory::HeapCounts{400, 6}, std::nullopt, 400}, moment());
  EXPECT_EQ(account(profile, "tasks").counted, 390 - 15 - 180);
}

TEST(StageProfileTest, IsReadBack) {
  StageProfile profile =
      stage_profile({1.5, 300, 200, 100}, {memory::HeapCounts{4, 6}, memory::AnonymousPages{10, 7}, 200}, moment());
  profile.samples = 9;
  profile.mark = 301;
  const auto read = stage_profile_from_json(to_json(profile));
  ASSERT_TRUE(read.ok()) << read.error().text();
  EXPECT_EQ(to_json(*read), to_json(profile));
  const auto json = nlohmann::json::parse(to_json(profile));
  EXPECT_LT(json["accounts"].back()["counted_bytes"].get<std::int64_t>(), 0) << "less than at the layout";
  EXPECT_EQ(json["stages"], nlohmann::json::parse(R"([{"stage":"decode","threads":2,"reserved_bytes":50},
                                                      {"stage":"encode","threads":1,"reserved_bytes":50}])"));
  EXPECT_EQ(json["tasks"][2]["stage"], nullptr);
  for (const char* text : {"", "{}", "[]", R"({"samples":1})"}) EXPECT_FALSE(stage_profile_from_json(text).ok()) << text;
  auto broken = json;
  broken["accounts"][0]["counted_bytes"] = "many";
  EXPECT_FALSE(stage_profile_from_json(broken.dump()).ok());
}

class StageProfileRunTest : public convert::TemporaryFolderTest {
 protected:
  Result<MethodRun> run(const std::string& method) {
    convert::Options options;
    options.bags = {path("a.bag")};
    options.output = path(method);
    options.threads = 2;
    return run_method(*parse_method(method), options, PeakFrom::mark, true);
  }
  void SetUp() override {
    TemporaryFolderTest::SetUp();
    synth::SynthOptions options;
    options.seconds = 5;
    options.cameras = 2;
    options.width = 320;
    options.height = 240;
    ASSERT_TRUE(synth::write_synth_bag(path("a.bag"), options).ok());
  }
};

TEST_F(StageProfileRunTest, ExplainsWhatItMeasured) {
  for (const char* method : {"planned", "chunked:50", "full", "scan"}) {
    const auto measured = run(method);
    ASSERT_TRUE(measured.ok()) << measured.error().text();
    ASSERT_TRUE(measured->profile) << method;
    const StageProfile& profile = *measured->profile;
    EXPECT_EQ(profile.explained() + profile.unexplained(), static_cast<std::int64_t>(profile.sample.resident));
    EXPECT_GT(profile.sample.resident, kMiB);
    EXPECT_GT(profile.samples, 0u);
    for (const MemoryPoint& point : measured->memory.timeline)
      EXPECT_LE(point.resident, profile.sample.resident) << method << ": a sample above the highest";
    EXPECT_GE(profile.mark.value_or(profile.sample.resident) + kMiB / 2, profile.sample.resident);
    EXPECT_LE(std::count_if(profile.tasks.begin(), profile.tasks.end(), [](const auto& task) { return task.at_work; }), 2);
    EXPECT_EQ(account(profile, "tasks").reserved, profile.tasks_reserved());
    if (kSanitized || !profile.allocated || !account(profile, "threads").counted) continue;
    // Stacks that were made otherwise.
    EXPECT_LT(std::abs(profile.unexplained()), static_cast<std::int64_t>(3 * kMiB)) << method << " " << to_json(profile);
  }
}

TEST_F(StageProfileRunTest, IsOnlyMadeWhenAsked) {
  convert::Options options;
  options.bags = {path("a.bag")};
  options.output = path("out");
  const auto plain = run_method(*parse_method("planned"), options, PeakFrom::mark);
  ASSERT_TRUE(plain.ok());
  EXPECT_FALSE(plain->profile);
}

}  // namespace
}  // namespace bagloom::bench
