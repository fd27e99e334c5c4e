// The methods hold more or less, and make the same dataset.
#include "bench/run_method.h"

#include <gtest/gtest.h>

#include <algorithm>
#include <filesystem>
#include <fstream>
#include <map>
#include <sstream>

#include "base/hash.h"
#include "bench/held_messages.h"
#include "convert/dataset_contents.h"
#include "convert/temporary_folder.h"
#include "recipe/guess.h"
#include "sanitized.h"
#include "synth/synth.h"

namespace bagloom::bench {
namespace {

class RunMethodTest : public convert::TemporaryFolderTest {
 protected:
  std::string synth(const std::function<void(synth::SynthOptions&)>& change = {}) {
    synth::SynthOptions options;
    options.seconds = 5;
    options.cameras = 2;
    options.width = 160;
    options.height = 120;
    options.joint_hz = 100;
    if (change) change(options);
    const auto written = synth::write_synth_bag(path("a.bag"), options);
    EXPECT_TRUE(written.ok()) << (written.ok() ? "" : written.error().text());
    return path("a.bag");
  }

  Result<MethodRun> run(const std::string& method, const std::string& out,
                        const std::function<void(convert::Options&)>& change = {}) {
    convert::Options options;
    options.bags = {path("a.bag")};
    options.output = path(out);
    options.threads = 2;
    if (change) change(options);
    return run_method(*parse_method(method), options, PeakFrom::mark);
  }

  void expect_same(const std::vector<std::string>& methods, const std::function<void(convert::Options&)>& change = {}) {
    const auto planned = run("planned", "planned", change);
    ASSERT_TRUE(planned.ok()) << planned.error().text();
    ASSERT_GT(planned->rows, 0u);
    for (const std::string& method : methods) {
      const auto other = run(method, method, change);
      ASSERT_TRUE(other.ok()) << method << ": " << other.error().text();
      EXPECT_EQ(other->rows, planned->rows) << method;
      EXPECT_EQ(contents(path(method)), contents(path("planned"))) << method;
      std::filesystem::remove_all(path(method));
    }
  }
};

TEST_F(RunMethodTest, AllMethodsMakeTheSameDataset) {
  synth();
  expect_same({"full", "chunked:1", "chunked:50", "chunked:64", "chunked:100", "chunked:100000"});
}

TEST_F(RunMethodTest, CompressedRecordingsAndCopyToo) {
  synth([](auto& o) { o.bag.compression = bag::Compression::lz4; });
  expect_same({"full", "chunked:50"});
  std::filesystem::remove_all(path("planned"));
  const auto reader = bag::open_bag(path("a.bag"), bag::OpenOptions{});
  ASSERT_TRUE(reader.ok());
  auto guess = recipe::guess_recipe(**reader);
  ASSERT_TRUE(guess.ok() && guess->complete);
  guess->recipe.video.codec = "copy";
  expect_same({"full", "chunked:50"}, [&](auto& o) { o.recipe = guess->recipe; });
}

TEST_F(RunMethodTest, UnusableMessagesAreLeftOutAlike) {
  synth([](auto& o) { o.corrupt = {20, 41, 42, 100}; });
  expect_same({"full", "chunked:30"});
}

TEST_F(RunMethodTest, FullHoldsMoreThanChunkedHoldsMoreThanPlanned) {
  if (kSanitized) GTEST_SKIP() << "a sanitizer holds freed memory back";
  synth([](auto& o) {
    o.width = 320;
    o.height = 240;
  });
  const auto one = [](auto& o) { o.threads = 1; };
  const auto planned = run("planned", "planned", one), chunked = run("chunked:50", "chunked", one),
             full = run("full", "full", one);
  ASSERT_TRUE(planned.ok() && chunked.ok() && full.ok());
  // 2 cameras, 30 Hz: a decoded picture is 115,200 bytes; `full` holds 300 of them, 34.5 MB, and chunked:50 about 100.
  EXPECT_GT(full->memory.peak, chunked->memory.peak + (15u << 20));
  EXPECT_GT(chunked->memory.increase(), planned->memory.increase() + (5u << 20));
}

TEST_F(RunMethodTest, ScanReadsNoPayloadAndFindsTheRows) {
  synth();
  const auto scan = run("scan", "scan");
  ASSERT_TRUE(scan.ok()) << scan.error().text();
  const auto planned = run("planned", "planned");
  ASSERT_TRUE(planned.ok());
  EXPECT_EQ(scan->rows, planned->rows);
  EXPECT_FALSE(std::filesystem::exists(path("scan")));
  EXPECT_EQ(scan->stages[static_cast<std::size_t>(convert::Stage::decode)], 0);
  EXPECT_GT(planned->stages[static_cast<std::size_t>(convert::Stage::decode)], 0);
}

TEST_F(RunMethodTest, TheMemoryLimitIsThatOfPlanned) {
  synth();
  const auto limit = [](convert::Options& options) { options.memory_limit = 1 << 20; };
  for (const std::string method : {"scan", "full", "chunked:20"})
    EXPECT_TRUE(run(method, "limited_" + method.substr(0, 4), limit).ok()) << method;
  const auto planned = run("planned", "limited", limit);
  ASSERT_FALSE(planned.ok());
  EXPECT_EQ(planned.error().kind(), ErrorKind::over_limit);
}

TEST_F(RunMethodTest, WithoutWritingNothingIsEncodedAndNothingStays) {
  synth();
  for (const char* method : {"planned", "chunked:50", "full"}) {
    const auto dry = run(method, "dry", [](auto& o) { o.write = false; });
    ASSERT_TRUE(dry.ok()) << dry.error().text();
    EXPECT_GT(dry->rows, 100u);
    EXPECT_EQ(dry->dataset_bytes, 0u);
    EXPECT_GT(dry->stages[static_cast<std::size_t>(convert::Stage::decode)], 0);
    EXPECT_FALSE(std::filesystem::exists(path("dry")));
    EXPECT_FALSE(std::filesystem::exists(path("dry.bagloom")));
  }
}

TEST_F(RunMethodTest, TheReportOfAProcessIsReadBack) {
  MethodRun run;
  run.seconds = 1.5;
  run.stages = {1, 2, 3, 4, 5, 6};
  run.rows = 7;
  run.memory.initial = 10;
  run.memory.peak = 30;
  run.memory.timeline = {{0.5, 1, 2, 3}};
  const auto read = method_run_from_json(to_json(run));
  ASSERT_TRUE(read.ok()) << read.error().text();
  EXPECT_EQ(to_json(*read), to_json(run));
  EXPECT_FALSE(method_run_from_json("{}").ok());
  EXPECT_FALSE(method_run_from_json("").ok());
}

TEST(InParallelTest, EveryItemOnceAndTheFirstErrorEndsIt) {
  std::vector<std::atomic<int>> done(1000);
  ASSERT_TRUE(in_parallel(done.size(), 4, [&](std::size_t i, std::size_t) -> Status {
                ++done[i];
                return {};
              }).ok());
  EXPECT_TRUE(std::all_of(done.begin(), done.end(), [](const auto& n) { return n == 1; }));
  const auto failed = in_parallel(done.size(), 4, [&](std::size_t i, std::size_t) -> Status {
    if (i == 10) return Error(ErrorKind::io, "ten");
    return {};
  });
  ASSERT_FALSE(failed.ok());
  EXPECT_EQ(failed.error().message(), "ten");
}

}  // namespace
}  // namespace bagloom::bench
