#include <gtest/gtest.h>

#include <random>

#include "dataset/assembly.h"

namespace bagloom::dataset {
namespace {

DatasetSpec spec_of(std::uint32_t width, std::uint32_t cameras) {
  DatasetSpec spec;
  spec.fps = 10;
  if (width > 0) spec.features.push_back({.name = "observation.state", .names = {}, .width = width, .video = {}, .crf = {}});
  for (std::uint32_t c = 0; c < cameras; ++c) {
    FeatureSpec camera;
    camera.name = "observation.images.cam" + std::to_string(c);
    camera.video =
        media::StreamParameters{.codec = "h264", .width = 64, .height = 48, .fps = 10, .pix_fmt = "yuv420p", .extradata = {}};
    spec.features.push_back(camera);
  }
  return spec;
}

std::vector<FilePlan> partition(const DatasetSpec& spec, const std::vector<std::uint64_t>& rows,
                                const std::vector<std::vector<std::uint64_t>>& bytes) {
  FilePartition partition(spec);
  std::vector<FilePlan> all;
  for (std::size_t e = 0; e < rows.size(); ++e) {
    for (FilePlan& plan : partition.add(rows[e], bytes[e])) all.push_back(plan);
  }
  for (FilePlan& plan : partition.finish()) all.push_back(plan);
  return all;
}

TEST(FilePartition, SmallEpisodesShareAFile) {
  const auto files = partition(spec_of(8, 1), {10, 20, 30}, {{100}, {100}, {100}});
  ASSERT_EQ(files.size(), 2u);
  EXPECT_EQ(files[0].path, "data/chunk-000/file-000.parquet");
  EXPECT_EQ(files[1].path, "videos/observation.images.cam0/chunk-000/file-000.mp4");
  EXPECT_EQ(files[1].first_episode, 0u);
  EXPECT_EQ(files[1].end_episode, 3u);
}

TEST(FilePartition, NewFileWhereSumReachesTheLimit) {
  DatasetSpec spec = spec_of(0, 1);
  spec.video_file_mib = 1;
  const std::uint64_t half = 512 * 1024;
  // S + s >= limit: exactly the limit is already a new file, one byte less is not (lerobot-format.md 1.3).
  auto files = partition(spec, {10, 10}, {{half}, {half - 1}});
  EXPECT_EQ(files.size(), 2u);
  files = partition(spec, {10, 10}, {{half}, {half}});
  ASSERT_EQ(files.size(), 3u);
  EXPECT_EQ(files[0].path, "videos/observation.images.cam0/chunk-000/file-000.mp4");
  EXPECT_EQ(files[2].path, "videos/observation.images.cam0/chunk-000/file-001.mp4");
  EXPECT_EQ(files[2].first_episode, 1u);
}

TEST(FilePartition, FirstEpisodeOfAFileIsAlwaysTaken) {
  DatasetSpec spec = spec_of(0, 1);
  spec.video_file_mib = 1;
  const std::uint64_t big = 10 * 1024 * 1024;
  const auto files = partition(spec, {10, 10, 10}, {{big}, {big}, {5}});
  EXPECT_EQ(files.size(), 4u);  // three mp4s and one data file
}

TEST(FilePartition, NoJoinedEpisodeEndsAt1024SecondsOrLater) {
  const DatasetSpec spec = spec_of(0, 1);
  EXPECT_EQ(partition(spec, {5000, 5239}, {{1}, {1}}).size(), 2u);  // 1023.9 s
  EXPECT_EQ(partition(spec, {5000, 5240}, {{1}, {1}}).size(), 3u);  // 1024.0 s
  EXPECT_EQ(partition(spec, {34000, 10}, {{1}, {1}}).size(), 3u);   // a long one stands alone
}

TEST(FilePartition, DataIsMeasuredInUncompressedBytes) {
  DatasetSpec spec = spec_of(55, 0);  // 55 * 4 + 36 = 256 bytes a row: 4096 rows a MiB
  spec.data_file_mib = 1;
  EXPECT_EQ(partition(spec, {2048, 2047}, {{}, {}}).size(), 1u);
  EXPECT_EQ(partition(spec, {2048, 2048}, {{}, {}}).size(), 2u);
}

TEST(FilePartition, FoldersAreFullBeforeTheNextOne) {
  DatasetSpec spec = spec_of(0, 1);
  spec.chunks_size = 3;
  spec.video_file_mib = 1;
  const std::uint64_t big = 2 * 1024 * 1024;
  std::vector<std::string> paths;
  for (const FilePlan& plan :
       partition(spec, std::vector<std::uint64_t>(7, 10), std::vector<std::vector<std::uint64_t>>(7, {big}))) {
    if (plan.family == FilePlan::Family::video) paths.push_back(plan.path.substr(plan.path.find("chunk")));
  }
  EXPECT_EQ(paths, (std::vector<std::string>{"chunk-000/file-000.mp4", "chunk-000/file-001.mp4", "chunk-000/file-002.mp4",
                                             "chunk-001/file-000.mp4", "chunk-001/file-001.mp4", "chunk-001/file-002.mp4",
                                             "chunk-002/file-000.mp4"}));
}

TEST(FilePartition, NothingWithoutEpisodes) {
  FilePartition partition(spec_of(8, 2));
  EXPECT_TRUE(partition.finish().empty());
}

// Whatever the sizes: whole episodes, ascending, each in exactly one file of each family, no file over its limit but single ones,
// and no file closed before the next episode would have broken a rule.
TEST(FilePartition, Properties) {
  std::mt19937_64 random(7);
  for (int round = 0; round < 200; ++round) {
    DatasetSpec spec = spec_of(static_cast<std::uint32_t>(random() % 60), static_cast<std::uint32_t>(random() % 4));
    spec.data_file_mib = 1 + random() % 2;
    spec.video_file_mib = 1 + random() % 3;
    spec.chunks_size = 1 + random() % 4;
    std::uint32_t cameras = 0;
    std::uint64_t row_bytes = 36;
    for (const FeatureSpec& feature : spec.features) {
      feature.is_camera() ? void(++cameras) : void(row_bytes += 4 * feature.width);
    }
    const std::size_t count = random() % 40;
    std::vector<std::uint64_t> rows(count);
    std::vector<std::vector<std::uint64_t>> bytes(count, std::vector<std::uint64_t>(cameras));
    for (std::size_t e = 0; e < count; ++e) {
      rows[e] = 1 + random() % 6000;
      for (auto& b : bytes[e]) b = random() % (2 << 20);
    }
    const std::vector<FilePlan> files = partition(spec, rows, bytes);
    for (std::uint32_t family = 0; family <= cameras; ++family) {
      const bool data = family == 0;
      std::uint32_t next = 0, number = 0;
      for (const FilePlan& plan : files) {
        if (data ? plan.family != FilePlan::Family::data : plan.family != FilePlan::Family::video || plan.camera != family - 1)
          continue;
        ASSERT_EQ(plan.first_episode, next);
        ASSERT_GT(plan.end_episode, plan.first_episode);
        ASSERT_EQ(plan.chunk, number / spec.chunks_size);
        ASSERT_EQ(plan.file, number % spec.chunks_size);
        ++number;
        next = plan.end_episode;
        const std::uint64_t limit = (data ? spec.data_file_mib : spec.video_file_mib) << 20;
        const auto size = [&](std::uint32_t e) { return data ? rows[e] * row_bytes : bytes[e][family - 1]; };
        std::uint64_t sum = 0, length = 0;
        for (std::uint32_t e = plan.first_episode; e < plan.end_episode; ++e) sum += size(e), length += rows[e];
        if (plan.end_episode - plan.first_episode > 1) {
          ASSERT_LT(sum, limit);
          if (!data) {
            ASSERT_LT(length, 1024u * spec.fps);
          }
        }
        if (plan.end_episode < count) {
          const bool full = sum + size(plan.end_episode) >= limit;
          const bool long_enough = !data && length + rows[plan.end_episode] >= 1024u * spec.fps;
          ASSERT_TRUE(full || long_enough);
        }
      }
      ASSERT_EQ(next, count);
    }
  }
}

}  // namespace
}  // namespace bagloom::dataset
