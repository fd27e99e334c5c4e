// Assembly's memory does not grow with the rows. Measured on x86-64, Arrow 26, two vectors of 28: see assembly_bytes.
#include <gtest/gtest.h>
#include <malloc.h>

#include <cstdio>
#include <fstream>

#include "dataset/assembly.h"
#include "dataset/sample.h"
#include "dataset/temp_folder.h"
#include "memory/allocator.h"

namespace bagloom::dataset {
namespace {

#if defined(__SANITIZE_ADDRESS__) || defined(__SANITIZE_THREAD__)
constexpr bool kSanitized = true;
#else
constexpr bool kSanitized = false;
#endif

std::uint64_t status_kib(const char* key) {
  std::ifstream status("/proc/self/status");
  for (std::string line; std::getline(status, line);) {
    if (line.rfind(key, 0) == 0) return std::stoull(line.substr(line.find(':') + 1));
  }
  return 0;
}

/// Resident bytes that `work` took at its peak, above what was resident before it.
template <class Work>
std::uint64_t growth_of(Work&& work) {
  ::malloc_trim(0);
  std::ofstream("/proc/self/clear_refs") << "5" << std::flush;  // VmHWM starts again from here
  const std::uint64_t before = status_kib("VmRSS");
  work();
  const std::uint64_t peak = status_kib("VmHWM");
  return peak > before ? (peak - before) * 1024 : 0;
}

/// Largest growth of any one call that assembles an episode of so many rows.
class AssemblyMemory : public testing::Test {
 protected:
  void SetUp() override {
    if (kSanitized) GTEST_SKIP() << "sanitizers keep memory of their own";
    if (!std::ofstream("/proc/self/clear_refs")) GTEST_SKIP() << "the high-water mark cannot be reset here";
    memory::configure_allocator();  // as the program does; glibc's own moving threshold would keep blocks of row groups in its
                                    // heap
  }

  void prepare(std::uint32_t width, std::vector<std::uint64_t> rows) {
    options_.cameras = 0;
    options_.width = width;
    options_.rows = std::move(rows);
    spec_ = sample_spec(options_);
    for (std::uint64_t e = 0; e < options_.rows.size(); ++e) {
      episodes_.push_back(*write_sample_episode(staging_.path(), options_, e, 0));
    }
  }

  std::uint64_t assemble(std::size_t e) {
    TempFolder root;
    MetaInput input;
    input.spec = spec_;
    input.episodes = {episodes_[e]};
    input.tasks = {episodes_[e].task};
    input.task_indices = {0};
    input.provenance.resize(1);
    FilePlan plan;
    plan.end_episode = 1;
    plan.path = "data/chunk-000/file-000.parquet";
    input.files = {plan};
    const std::uint64_t data =
        growth_of([&] { EXPECT_TRUE(write_data_file(root / plan.path, spec_, input.episodes, 0, 0, {0}).ok()); });
    const std::uint64_t meta = growth_of([&] { EXPECT_TRUE(write_meta(root.path(), input).ok()); });
    std::printf("%u numbers a row, %6llu rows: data file %.1f MiB, meta %.1f MiB\n", 2 * options_.width + 1,
                static_cast<unsigned long long>(episodes_[e].rows), static_cast<double>(data) / (1 << 20),
                static_cast<double>(meta) / (1 << 20));
    return std::max(data, meta);
  }

  TempFolder staging_;
  SampleOptions options_;
  DatasetSpec spec_;
  std::vector<EpisodeUnits> episodes_;
};

TEST_F(AssemblyMemory, DoesNotGrowWithRows) {
  prepare(28, {3'600, 57'600});
  // The first run also pages in Arrow's and Parquet's code.
  EXPECT_LT(assemble(0), assembly_bytes(spec_));
  const std::uint64_t small = assemble(0), large = assemble(1);
  EXPECT_LT(large, small + (4u << 20)) << "memory grows with the rows";
  EXPECT_LT(large, assembly_bytes(spec_));
}

TEST_F(AssemblyMemory, WideRowsTakeWhatIsPromised) {
  prepare(400, {9'000});
  EXPECT_LT(assemble(0), assembly_bytes(spec_));
}

// 1,024 s at 30 and at 120 fps, from one short episode's segment again and again.
TEST_F(AssemblyMemory, AnMp4TakesWhatIsPromised) {
  options_.cameras = 1;
  options_.width = 0;
  options_.rows = {64};
  spec_ = sample_spec(options_);
  const EpisodeUnits one = *write_sample_episode(staging_.path(), options_, 0, 0);
  const auto grown = [&](std::uint64_t rows) {
    EpisodeUnits long_one = one;
    long_one.rows = rows;
    long_one.segments[0].assign(rows / 64, one.segments[0].front());
    TempFolder root;
    const std::uint64_t bytes = growth_of([&] {
      const Status written = write_video_file(root / "videos/file-000.mp4", spec_, 0, {long_one}, nullptr);
      EXPECT_TRUE(written.ok()) << (written.ok() ? "" : written.error().text());
    });
    std::printf("mp4 of %llu rows: %.1f MiB, %.1f are promised\n", static_cast<unsigned long long>(rows),
                static_cast<double>(bytes) / (1 << 20), static_cast<double>(video_file_bytes(rows)) / (1 << 20));
    EXPECT_LT(bytes, video_file_bytes(rows)) << rows;
    return bytes;
  };
  grown(64);  // also pages in libavformat's code
  grown(64);
  EXPECT_GT(grown(122'880), grown(30'720));
}

}  // namespace
}  // namespace bagloom::dataset
