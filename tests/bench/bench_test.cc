// The whole experiment, with the real program as what it starts.
#include "bench/bench.h"

#include <gtest/gtest.h>

#include <filesystem>
#include <fstream>
#include <nlohmann/json.hpp>
#include <sstream>

#include "convert/temporary_folder.h"
#include "media/mp4.h"
#include "sanitized.h"
#include "synth/synth.h"

namespace bagloom::bench {
namespace {

namespace fs = std::filesystem;

class BenchTest : public convert::TemporaryFolderTest {
 protected:
  void SetUp() override {
    TemporaryFolderTest::SetUp();
    synth::SynthOptions options;
    options.seconds = 2;
    options.cameras = 2;
    options.width = 320;
    options.height = 240;
    options.joint_hz = 100;
    ASSERT_TRUE(synth::write_synth_bag(path("a.bag"), options).ok());
  }

  BenchOptions options(const std::vector<std::string>& methods) {
    BenchOptions options;
    options.bag = path("a.bag");
    options.threads = 2;
    options.launch = {BAGLOOM_PROGRAM, "bench-method"};
    for (const std::string& name : methods) options.methods.push_back(parse_method(name).value());
    return options;
  }

  BenchReport run(BenchOptions options) {
    auto bench = Bench::prepare(std::move(options));
    if (!bench) {
      ADD_FAILURE() << bench.error().text();
      return {};
    }
    auto report = bench->run();
    if (!report) {
      ADD_FAILURE() << report.error().text();
      return {};
    }
    return *report;
  }
};

/// Changes the last byte of a packet; its bytes stand in the file as they are.
void damage_packet(const std::string& mp4, std::size_t wanted) {
  std::string packet, file;
  std::size_t n = 0;
  ASSERT_TRUE(media::visit_mp4_packets(mp4, [&](const media::Packet& one) -> Status {
                if (n++ == wanted) packet = std::string(as_text(one.bytes));
                return {};
              }).ok());
  {
    std::ifstream in(mp4, std::ios::binary);
    std::ostringstream all;
    all << in.rdbuf();
    file = all.str();
  }
  const std::size_t at = file.find(packet);
  ASSERT_NE(at, std::string::npos);
  file[at + packet.size() - 1] = static_cast<char>(file[at + packet.size() - 1] ^ 1);
  std::ofstream(mp4, std::ios::binary) << file;
}

TEST_F(BenchTest, EveryMethodIsARowWithFiguresAndOneDataset) {
  const BenchReport report = run(options({"scan", "full", "chunked:20", "planned"}));
  ASSERT_EQ(report.rows.size(), 4u);
  for (const Row& row : report.rows) {
    EXPECT_EQ(row.status, "ok") << row.error;
    EXPECT_TRUE(row.measured);
    EXPECT_EQ(row.rows, report.facts.rows);
    EXPECT_GT(row.initial, 1u << 20);
    EXPECT_GE(row.peak, row.initial);
    ASSERT_TRUE(row.tree_peak);
    EXPECT_GE(*row.tree_peak + (1u << 20), row.peak) << "the tree holds the process";
    EXPECT_EQ(row.hash.empty(), row.method.kind == Method::Kind::scan);
  }
  EXPECT_TRUE(report.datasets_compared);
  EXPECT_EQ(report.difference, "");
  EXPECT_EQ(report.rows[1].hash, report.rows[3].hash);
  EXPECT_EQ(report.facts.topics.size(), 4u);
}

TEST_F(BenchTest, ADifferenceIsFoundAndNamed) {
  BenchOptions changed = options({"full", "planned"});
  changed.finished = [](const std::string& method, const std::string& folder) {
    if (method == "planned") damage_packet(folder + "/videos/observation.images.camera_1/chunk-000/file-000.mp4", 37);
  };
  const BenchReport report = run(changed);
  EXPECT_EQ(report.difference,
            "planned (process, repeat 1) against full (process, repeat 1): "
            "videos/observation.images.camera_1/chunk-000/file-000.mp4: frame 37");
  EXPECT_FALSE(report.good());
  EXPECT_EQ(nlohmann::json::parse(to_json(report))["datasets"]["same"], false);
}

TEST_F(BenchTest, NothingStaysButWhatWasAskedFor) {
  const char* const before = std::getenv("TMPDIR");
  const std::string old = before == nullptr ? "" : before;
  fs::create_directories(path("tmp"));
  ::setenv("TMPDIR", path("tmp").c_str(), 1);
  BenchOptions kept = options({"scan", "planned", "chunked:30"});
  kept.output_folder = path("kept");
  EXPECT_TRUE(run(kept).good());
  EXPECT_TRUE(run(options({"planned", "full"})).good());
  if (before == nullptr)
    ::unsetenv("TMPDIR");
  else
    ::setenv("TMPDIR", old.c_str(), 1);
  EXPECT_TRUE(fs::is_empty(path("tmp")));
  EXPECT_TRUE(fs::exists(path("kept/planned-process-1/meta/info.json")));
  EXPECT_TRUE(fs::exists(path("kept/chunked-30-process-1/meta/info.json")));
  // What stands there is not touched by another run.
  const auto again = Bench::prepare(kept);
  ASSERT_TRUE(again.ok());
  auto bench = Bench::prepare(kept);
  EXPECT_FALSE(bench->run().ok());
  EXPECT_TRUE(fs::exists(path("kept/planned-process-1/meta/info.json")));
}

TEST_F(BenchTest, InOneProcessWhatCameBeforeShows) {
  BenchOptions both = options({"full", "scan"});
  both.isolation = Isolation::both;
  const BenchReport report = run(both);
  ASSERT_EQ(report.rows.size(), 4u);
  const Row &own = report.rows[1], &shared = report.rows[3];
  ASSERT_TRUE(own.measured && shared.measured);
  EXPECT_EQ(own.isolation, "process");
  EXPECT_EQ(shared.isolation, "shared");
  // A scan alone needs a few MiB; after `full` it seems to need what that has freed: 120 pictures of 115,200 bytes.
  EXPECT_GT(shared.initial, own.initial + (12u << 20));
  EXPECT_GT(shared.peak, own.peak + (8u << 20));
  EXPECT_LT(shared.increase, own.increase);
  EXPECT_FALSE(report.notes.empty());
  EXPECT_TRUE(report.good());
}

TEST_F(BenchTest, ExternalCommandsAreRowsToo) {
  BenchOptions with = options({"scan"});
  with.externals = {parse_external("copy=mkdir -p {out} && cp {bag} {out}/a").value(),
                    parse_external("broken=echo it will not do >&2; exit 3 # {bag}").value(),
                    // A grandchild that its parents do not wait for holds 40 MB for a moment.
                    parse_external("forks=: {bag}; (setsid " BAGLOOM_PYTHON
                                   " -c 'import time; b=bytearray(40<<20); time.sleep(0.5)' & ) & exit 0")
                        .value()};
  const BenchReport report = run(with);
  ASSERT_EQ(report.rows.size(), 4u);
  EXPECT_EQ(report.rows[1].status, "ok") << report.rows[1].error;
  EXPECT_FALSE(report.rows[1].hash.empty());
  EXPECT_EQ(report.rows[2].status, "failed");
  EXPECT_EQ(report.rows[2].error, "exit code 3: it will not do");
  EXPECT_FALSE(report.good());
  EXPECT_EQ(report.rows[3].status, "ok") << report.rows[3].error;
  EXPECT_GT(report.rows[3].peak, 40u << 20);
}

TEST_F(BenchTest, AMethodThatFailsIsARowAndTheOthersRun) {
  BenchOptions limited = options({"planned", "full"});
  limited.memory_limit = 20 << 20;
  const BenchReport report = run(limited);
  ASSERT_EQ(report.rows.size(), 2u);
  EXPECT_EQ(report.rows[0].status, "failed");
  EXPECT_NE(report.rows[0].error.find("memory limit"), std::string::npos) << report.rows[0].error;
  EXPECT_EQ(report.rows[1].status, "ok");
  EXPECT_FALSE(report.good());
}

TEST_F(BenchTest, AProfileShowsWhatIsHeldAndWhatRuns) {
  BenchOptions profiled = options({"full", "planned"});
  profiled.profile = Profile::stages;
  const BenchReport report = run(profiled);
  ASSERT_EQ(report.rows.size(), 2u);
  for (const Row& row : report.rows) ASSERT_TRUE(row.stage_profile) << row.error;
  const auto account = [](const Row& row, const std::string& name) -> const StageProfile::Account* {
    for (const StageProfile::Account& one : row.stage_profile->accounts)
      if (one.name == name) return &one;
    return nullptr;
  };
  if (kSanitized) return;  // its allocator keeps what is freed: the highest sample may be a later one
  // 2 cameras, 30 Hz, 2 s: 120 pictures of 115,200 bytes, all held when the rows are made.
  const StageProfile::Account* const held = account(report.rows[0], "held messages");
  ASSERT_NE(held, nullptr);
  EXPECT_EQ(account(report.rows[1], "held messages"), nullptr);
  EXPECT_GT(*held->counted, 120 * 115'200 * 9 / 10);
  EXPECT_GE(*held->reserved, static_cast<std::uint64_t>(*held->counted));
  for (const Row& row : report.rows)
    EXPECT_LE(row.stage_profile->tasks.size(), 3u) << row.method.name() << ": 2 threads, 3 units";
}

TEST_F(BenchTest, FullIsSkippedWhereItWillNotFitUnlessItIsNamed) {
  BenchOptions skip = options({"full"});
  skip.full_if_it_fits = true;
  skip.available_bytes = 16 << 20;
  const BenchReport report = run(skip);
  ASSERT_EQ(report.rows.size(), 1u);
  EXPECT_EQ(report.rows[0].status, "skipped");
  EXPECT_NE(report.rows[0].error.find("--methods full runs it"), std::string::npos);
  EXPECT_TRUE(report.good());
}

TEST_F(BenchTest, PredictionsAreNearAndAbove) {
  if (kSanitized) GTEST_SKIP() << "a sanitizer's own memory is not predicted";
  const BenchReport report = run(options({"full", "chunked:20", "planned"}));
  for (const Row& row : report.rows) {
    ASSERT_TRUE(row.predicted);
    EXPECT_GT(*row.predicted + (2u << 20), row.peak) << row.method.name();
    EXPECT_LT(*row.predicted, row.peak * 2) << row.method.name();
  }
}

}  // namespace
}  // namespace bagloom::bench
