// Whole conversions of small recordings, in this process: under the thread sanitizer too. Rows and pictures are compared with
// independent readers in tests/python.
#include <algorithm>
#include <atomic>
#include <fstream>
#include <map>
#include <sstream>

#include "base/hash.h"
#include "convert/convert.h"
#include "convert/dataset_contents.h"
#include "convert/durable_files.h"
#include "convert/provenance.h"
#include "convert/temporary_folder.h"
#include "dataset/verify.h"
#include "synth/synth.h"

namespace bagloom::convert {
namespace {

class ConversionTest : public TemporaryFolderTest {
 protected:
  std::string synth(const std::string& name, const std::function<void(synth::SynthOptions&)>& change = {}) {
    synth::SynthOptions options;
    options.seconds = 3;
    options.cameras = 2;
    options.width = 160;
    options.height = 120;
    options.joint_hz = 100;
    if (change) change(options);
    const auto written = synth::write_synth_bag(path(name), options);
    EXPECT_TRUE(written.ok()) << (written.ok() ? "" : written.error().text());
    return path(name);
  }

  Options options(std::vector<std::string> bags, const std::string& out, std::uint32_t threads = 2) {
    Options options;
    options.bags = std::move(bags);
    if (!out.empty()) options.output = path(out);
    options.threads = threads;
    return options;
  }

  void expect_verified(const std::string& dataset) {
    const auto report = dataset::verify_dataset(dataset, {});
    ASSERT_TRUE(report.ok()) << report.error().text();
    for (const auto& problem : report->problems)
      if (problem.severity != 'Q') ADD_FAILURE() << problem.check << " " << problem.where << ": " << problem.what;
  }
};

TEST_F(ConversionTest, ThreadsDoNotShow) {
  const auto bag = synth("a.bag");
  const auto one = convert(options({bag}, "one", 1));
  ASSERT_TRUE(one.ok()) << one.error().text();
  EXPECT_EQ(one->episodes, 1u);
  EXPECT_GT(one->rows, 80u);
  EXPECT_TRUE(one->losses.empty());
  const auto four = convert(options({bag}, "four", 4));
  ASSERT_TRUE(four.ok()) << four.error().text();
  EXPECT_EQ(contents(path("one")), contents(path("four")));
  expect_verified(path("one"));
  EXPECT_FALSE(exists(path("one.bagloom")));
}

TEST_F(ConversionTest, ManyRecordingsABadOneAndSmallFiles) {
  std::vector<std::string> bags;
  for (int i = 0; i < 4; ++i)
    bags.push_back(synth(std::to_string(i) + ".bag", [&](auto& o) {
      o.seed = static_cast<std::uint64_t>(i) + 1;
      o.seconds = 2;
    }));
  std::ofstream(path("bad.bag")) << "not a bag";
  bags.insert(bags.begin() + 1, path("bad.bag"));
  auto many = options(bags, "many");
  many.video_file_mib = 1;
  const auto report = convert(many);
  ASSERT_TRUE(report.ok()) << report.error().text();
  EXPECT_EQ(report->episodes, 4u);
  ASSERT_EQ(report->failed.size(), 1u);
  EXPECT_EQ(report->failed[0].recording, path("bad.bag"));
  expect_verified(path("many"));
}

TEST_F(ConversionTest, BadPicturesAreAsIfTheyWereNeverRecorded) {
  const auto whole = synth("whole.bag");
  const auto bag = synth("corrupt.bag", [](auto& o) { o.corrupt = {20, 41, 42}; });
  const auto report = convert(options({bag}, "corrupt"));
  ASSERT_TRUE(report.ok()) << report.error().text();
  const auto unusable = std::count_if(report->losses.begin(), report->losses.end(),
                                      [](const Loss& loss) { return loss.kind == LossKind::unusable_message; });
  EXPECT_EQ(unusable, 3);
  for (const Loss& loss : report->losses) {
    if (loss.kind != LossKind::unusable_message) continue;
    EXPECT_TRUE(loss.offset && *loss.offset > 4096 && *loss.offset < file_bytes(bag)) << loss.text;
    EXPECT_NE(loss.text.find("/camera_0/"), std::string::npos) << loss.text;
  }
  expect_verified(path("corrupt"));
  // The other camera's pictures are untouched by it.
  const auto clean = convert(options({whole}, "clean"));
  ASSERT_TRUE(clean.ok());
  EXPECT_NE(contents(path("clean")), contents(path("corrupt")));
}

TEST_F(ConversionTest, AStoppedRunGoesOnAndEndsTheSame) {
  const auto bag = synth("a.bag", [](auto& o) { o.seconds = 8; });
  ASSERT_TRUE(convert(options({bag}, "straight")).ok());
  for (const int stop_after : {1, 40, 200}) {
    auto stopping = options({bag}, "stopped" + std::to_string(stop_after));
    std::atomic<int> asked{0};
    stopping.stop = [&] { return ++asked > stop_after; };
    const auto stopped = convert(stopping);
    ASSERT_FALSE(stopped.ok());
    EXPECT_EQ(stopped.error().kind(), ErrorKind::stopped);
    EXPECT_FALSE(exists(stopping.output)) << "nobody sees half a dataset";
    stopping.stop = nullptr;
    const auto finished = convert(stopping);
    ASSERT_TRUE(finished.ok()) << finished.error().text();
    EXPECT_EQ(contents(path("straight")), contents(stopping.output));
  }
}

TEST_F(ConversionTest, OutputsThatAreNotOursAreLeftAlone) {
  const auto bag = synth("a.bag", [](auto& o) { o.seconds = 1; });
  ASSERT_TRUE(make_folders(path("mine")).ok());
  auto into = options({bag}, "mine");
  into.overwrite = true;
  const auto refused = convert(into);
  ASSERT_FALSE(refused.ok());
  EXPECT_EQ(refused.error().kind(), ErrorKind::invalid);
  EXPECT_TRUE(std::filesystem::is_empty(path("mine")));

  auto ours = options({bag}, "ours");
  ASSERT_TRUE(convert(ours).ok());
  const auto again = convert(ours);
  ASSERT_TRUE(again.ok());
  EXPECT_TRUE(again->already_done);
  EXPECT_EQ(again->episodes, 1u) << "says what is there, not nothing";
  EXPECT_GT(again->rows, 0u);
  ours.video_file_mib = 7;
  EXPECT_EQ(convert(ours).error().kind(), ErrorKind::invalid);
  ours.overwrite = true;
  EXPECT_TRUE(convert(ours).ok());
  expect_verified(path("ours"));
}

TEST_F(ConversionTest, WhatAppearsAtTheOutputMeanwhileIsLeftAlone) {
  const auto bag = synth("a.bag", [](auto& o) { o.seconds = 1; });
  auto into = options({bag}, "meanwhile");
  const std::string theirs = into.output + "/thesis.txt";
  into.stop = [&] {
    if (exists(into.output + ".bagloom") && !exists(theirs)) {
      EXPECT_TRUE(make_folders(into.output).ok());
      EXPECT_TRUE(write_synced(theirs, "precious").ok());
    }
    return false;
  };
  for (const bool overwrite : {false, true}) {
    into.overwrite = overwrite;
    const auto refused = convert(into);
    ASSERT_FALSE(refused.ok());
    EXPECT_EQ(refused.error().kind(), ErrorKind::invalid);
    EXPECT_TRUE(exists(theirs));
    if (!overwrite) {
      EXPECT_TRUE(exists(into.output + ".bagloom")) << "the same command goes on from what is finished";
    }
  }
  into.stop = nullptr;
  ASSERT_TRUE(remove_tree(into.output).ok());
  EXPECT_TRUE(convert(into).ok());
  expect_verified(into.output);
}

TEST_F(ConversionTest, TheSmallestLimitThatIsNamedWorks) {
  const auto bag = synth("a.bag");
  auto tight = options({bag}, "tight");
  tight.memory_limit = 1 << 20;
  const auto refused = convert(tight);
  ASSERT_FALSE(refused.ok());
  ASSERT_EQ(refused.error().kind(), ErrorKind::over_limit);
  EXPECT_FALSE(exists(path("tight.bagloom"))) << "refused before anything is written";
  // The base is measured at each start, and this process grows with each call; a process of its own is tried in tests/python.
  tight.memory_limit = refused.error().smallest_limit_bytes();
  auto report = convert(tight);
  for (int tries = 0; tries < 5 && !report.ok() && report.error().kind() == ErrorKind::over_limit; ++tries) {
    tight.memory_limit = report.error().smallest_limit_bytes();
    report = convert(tight);
  }
  ASSERT_TRUE(report.ok()) << report.error().text();
  ASSERT_TRUE(convert(options({bag}, "wide")).ok());
  EXPECT_EQ(contents(path("tight")), contents(path("wide")));
}

TEST_F(ConversionTest, PlanSaysWhatConvertDoes) {
  const auto bag = synth("a.bag", [](auto& o) { o.gaps = {{1.0, 1.1}}; });
  const auto planned = plan(options({bag}, "x"));
  ASSERT_TRUE(planned.ok()) << planned.error().text();
  const auto done = convert(options({bag}, "x"));
  ASSERT_TRUE(done.ok()) << done.error().text();
  EXPECT_EQ(planned->rows, done->rows);
  EXPECT_EQ(planned->episodes, done->episodes);
  EXPECT_EQ(planned->losses.size(), done->losses.size());
  EXPECT_GT(planned->free_bytes, 0u);
  EXPECT_GT(planned->output_bytes, done->dataset_bytes / 4);
}

// Killed just after the dataset was put in place: the folder stays, and the dataset is whole.
TEST_F(ConversionTest, WhatAKilledRunLeftGoesAndAnotherJobsStays) {
  const auto bag = synth("a.bag");
  ASSERT_TRUE(convert(options({bag}, "x")).ok());
  const auto leave = [&](const std::string& job) {
    std::filesystem::create_directories(path("x.bagloom/units"));
    std::ofstream(path("x.bagloom/job.json")) << job;
    std::ofstream(path("x.bagloom/lock"));
  };
  std::ifstream in(path("x/meta/bagloom/job.json"));
  std::stringstream job;
  job << in.rdbuf();
  leave(job.str());
  auto again = convert(options({bag}, "x"));
  ASSERT_TRUE(again.ok()) << again.error().text();
  EXPECT_TRUE(again->already_done);
  EXPECT_FALSE(exists(path("x.bagloom")));
  std::filesystem::create_directories(path("x.bagloom"));  // the lock was gone already
  again = convert(options({bag}, "x"));
  ASSERT_TRUE(again.ok());
  EXPECT_FALSE(exists(path("x.bagloom")));
  leave(R"({"recipe": "another"})");
  again = convert(options({bag}, "x"));
  ASSERT_TRUE(again.ok());
  EXPECT_TRUE(again->already_done);
  EXPECT_TRUE(exists(path("x.bagloom/job.json")));
}

// A run that was killed while it wrote its report leaves a temporary file, which the next one's replaces.
TEST_F(ConversionTest, TemporaryFilesOfTheReportDoNotCount) {
  ASSERT_TRUE(convert(options({synth("a.bag")}, "x")).ok());
  const std::uint64_t bytes = written_bytes(path("x"));
  std::ofstream(path("x/meta/bagloom/report.json.tmp")) << "half";
  EXPECT_EQ(written_bytes(path("x")), bytes);
  std::ofstream(path("x/meta/more")) << "four";
  EXPECT_EQ(written_bytes(path("x")), bytes + 4);
}

TEST_F(ConversionTest, ALongGapRejectsTheOnlyRecording) {
  const auto bag = synth("a.bag", [](auto& o) { o.gaps = {{1.0, 2.0}}; });
  const auto report = convert(options({bag}, "x"));
  ASSERT_FALSE(report.ok());
  EXPECT_NE(report.error().text().find("has no message for"), std::string::npos) << report.error().text();
  EXPECT_FALSE(exists(path("x")));
  EXPECT_FALSE(exists(path("x.bagloom")));
}

TEST_F(ConversionTest, ARecordingGivenTwiceIsTwoEpisodes) {
  const auto bag = synth("a.bag", [](auto& o) { o.seconds = 2; });
  const auto report = convert(options({bag, bag}, "twice", 4));
  ASSERT_TRUE(report.ok()) << report.error().text();
  EXPECT_EQ(report->episodes, 2u);
  expect_verified(path("twice"));
}

TEST_F(ConversionTest, ACameraOfAnotherSizeFailsItsRecordingByName) {
  const auto first = synth("first.bag", [](auto& o) { o.seconds = 2; });
  const auto other = synth("other.bag", [](auto& o) {
    o.seconds = 2;
    o.width = 176;
    o.height = 144;
  });
  const auto report = convert(options({first, other}, "sizes"));
  ASSERT_TRUE(report.ok()) << report.error().text();
  EXPECT_EQ(report->episodes, 1u);
  ASSERT_EQ(report->failed.size(), 1u);
  EXPECT_NE(report->failed[0].error.find("pictures of 176x144, the dataset's are 160x120"), std::string::npos)
      << report->failed[0].error;
}

TEST_F(ConversionTest, ADamagedChunkTakesAllOfItsMessagesAtOnce) {
  const auto bag = synth("lz4.bag", [](auto& o) {
    o.bag.compression = bag::Compression::lz4;
    o.seconds = 6;
  });
  {
    std::fstream file(bag, std::ios::in | std::ios::out | std::ios::binary);
    file.seekp(static_cast<std::streamoff>(file_bytes(bag) / 2));
    file.put('\xa5').put('\x5a').put('\xa5');
  }
  auto dropping = options({bag}, "dropped");
  const auto guessed = plan(options({bag}, "planned"));
  ASSERT_TRUE(guessed.ok()) << guessed.error().text();
  dropping.recipe = guessed->recipe;
  dropping.recipe->gaps.longer = recipe::LongGap::drop;
  const auto report = convert(dropping);
  ASSERT_TRUE(report.ok()) << report.error().text();
  EXPECT_FALSE(report->losses.empty());
  EXPECT_GT(report->rows, 100u);
  expect_verified(path("dropped"));
}

TEST_F(ConversionTest, NamesThatAreNotUtf8DoNotStopTheJob) {
  const auto bag = synth("odd\xff.bag", [](auto& o) { o.seconds = 2; });
  ASSERT_TRUE(convert(options({bag}, "odd")).ok());
}

TEST_F(ConversionTest, CopyKeepsThePicturesBytes) {
  const auto bag = synth("a.bag");
  auto copying = options({bag}, "copied");
  const auto guessed = plan(options({bag}, "planned"));
  ASSERT_TRUE(guessed.ok());
  copying.recipe = guessed->recipe;
  copying.recipe->video.codec = "copy";
  const auto report = convert(copying);
  ASSERT_TRUE(report.ok()) << report.error().text();
  expect_verified(path("copied"));
}

}  // namespace
}  // namespace bagloom::convert
