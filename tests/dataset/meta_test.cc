// write_meta: what dataset_sample_test.py does not see. That one reads every column.
#include <gtest/gtest.h>
#include <parquet/file_reader.h>

#include <nlohmann/json.hpp>

#include "dataset/dataset_statistics.h"
#include "dataset/meta_tables.h"
#include "dataset/sample.h"
#include "dataset/temp_folder.h"

namespace bagloom::dataset {
namespace {

SampleOptions vectors_only(std::vector<std::uint64_t> rows, std::uint32_t width = 8) {
  SampleOptions options;
  options.cameras = 0;
  options.rows = std::move(rows);
  options.width = width;
  return options;
}

TEST(Meta, InfoComesLastAndOnlyWhenAllIsThere) {
  TempFolder staging, root;
  auto input = write_sample(staging.path(), root.path(), vectors_only({5, 6}));
  ASSERT_TRUE(input.ok()) << input.error().text();
  EXPECT_TRUE(std::filesystem::exists(root / "meta/info.json"));
  std::filesystem::remove_all(root / "meta");
  std::filesystem::remove(root / "data/chunk-000/file-000.parquet");
  const Status status = write_meta(root.path(), *input);
  ASSERT_FALSE(status.ok());
  EXPECT_NE(status.error().text().find("file-000.parquet"), std::string::npos);
  EXPECT_FALSE(std::filesystem::exists(root / "meta/info.json"));
}

TEST(Meta, AgainGivesTheSameBytes) {
  TempFolder staging, root;
  auto input = write_sample(staging.path(), root.path(), vectors_only({5, 6}));
  ASSERT_TRUE(input.ok());
  std::map<std::string, std::string> before;
  for (const char* name : {"meta/info.json", "meta/stats.json", "meta/tasks.parquet", "meta/episodes/chunk-000/file-000.parquet",
                           "meta/bagloom/episodes.parquet"}) {
    before[name] = read_text(root / name);
    EXPECT_FALSE(before[name].empty()) << name;
  }
  ASSERT_TRUE(write_meta(root.path(), *input).ok());
  for (const auto& [name, text] : before) EXPECT_EQ(read_text(root / name), text) << name;
}

TEST(Meta, EpisodesTableRollsBySizeInRowGroupsOfTenWideRows) {
  TempFolder root;
  MetaInput input;
  input.spec = sample_spec(vectors_only({}, 400));
  input.tasks = {"t"};
  const std::uint32_t count = 47;  // a row holds 9 x 801 statistics: 18 rows a MiB
  FilePlan data{.path = "data/chunk-000/file-000.parquet"};
  data.end_episode = count;
  input.files = {data};
  for (std::uint32_t e = 0; e < count; ++e) {
    EpisodeUnits units;
    units.rows = 2;
    units.task = "t";
    for (const std::uint32_t width : {400u, 400u, 1u}) {
      VectorStatistics statistics(width);
      const std::vector<float> rows(2 * width, 1);
      statistics.measure(std::span<const float>(rows));
      units.vectors.push_back(statistics.finish());
    }
    input.episodes.push_back(units);
    input.task_indices.push_back(0);
    input.provenance.emplace_back();
  }
  // Held nowhere but in the caller's hand: each is asked for once, in order.
  std::vector<EpisodeUnits> whole = input.episodes;
  for (EpisodeUnits& units : input.episodes) units.vectors = {};
  std::size_t asked = 0;
  input.load = [&](std::size_t e) -> Result<EpisodeUnits> {
    EXPECT_EQ(e, asked++);
    return whole[e];
  };
  const auto table = write_episodes(root.path(), input);
  ASSERT_TRUE(table.ok()) << table.error().text();
  EXPECT_EQ(asked, count);
  EXPECT_EQ(table->paths,
            (std::vector<std::string>{"meta/episodes/chunk-000/file-000.parquet", "meta/episodes/chunk-000/file-001.parquet",
                                      "meta/episodes/chunk-000/file-002.parquet"}));
  std::int64_t rows = 0;
  for (const std::string& path : table->paths) {
    const auto metadata = parquet::ParquetFileReader::OpenFile(root / path)->metadata();
    rows += metadata->num_rows();
    for (int g = 0; g < metadata->num_row_groups(); ++g) {
      EXPECT_GT(metadata->RowGroup(g)->num_rows(), 0);
      EXPECT_LE(metadata->RowGroup(g)->num_rows(), 10);
    }
    std::int64_t uncompressed = 0;
    for (int g = 0; g < metadata->num_row_groups(); ++g) uncompressed += metadata->RowGroup(g)->total_byte_size();
    EXPECT_LT(uncompressed, 3 << 20);
  }
  EXPECT_EQ(rows, count);
}

class MetaInputs : public testing::Test {
 protected:
  void SetUp() override {
    auto input = write_sample(staging_.path(), root_.path(), vectors_only({5, 6}));
    ASSERT_TRUE(input.ok());
    input_ = *std::move(input);
  }
  void expect_error(ErrorKind kind) {
    std::filesystem::remove(root_ / "meta/info.json");
    const Status status = write_meta(root_.path(), input_);
    ASSERT_FALSE(status.ok());
    EXPECT_EQ(status.error().kind(), kind) << status.error().text();
    EXPECT_FALSE(std::filesystem::exists(root_ / "meta/info.json"));
  }
  TempFolder staging_, root_;
  MetaInput input_;
};

TEST_F(MetaInputs, EpisodeInNoFile) {
  input_.files[0].end_episode = 1;
  expect_error(ErrorKind::internal);
}
TEST_F(MetaInputs, EpisodeInTwoFiles) {
  input_.files.push_back(input_.files[0]);
  expect_error(ErrorKind::internal);
}
TEST_F(MetaInputs, UnknownTask) {
  input_.task_indices[1] = 2;
  expect_error(ErrorKind::internal);
}
TEST_F(MetaInputs, NegativeTask) {
  input_.task_indices[1] = -1;
  expect_error(ErrorKind::internal);
}
TEST_F(MetaInputs, NoEpisodes) {
  input_ = MetaInput{};
  expect_error(ErrorKind::internal);
}
TEST_F(MetaInputs, EmptyEpisode) {
  input_.episodes[0].rows = 0;
  expect_error(ErrorKind::internal);
}
TEST_F(MetaInputs, StatisticsOfAnotherWidth) {
  input_.episodes[0].vectors[0].min.pop_back();
  expect_error(ErrorKind::internal);
}
TEST_F(MetaInputs, StatisticsThatCannotBeLoaded) {
  input_.load = [](std::size_t) -> Result<EpisodeUnits> { return Error(ErrorKind::temporary, "gone"); };
  expect_error(ErrorKind::temporary);
}
TEST_F(MetaInputs, LoadedGivesTheSameBytesAsHeld) {
  const std::string held = read_text(root_ / "meta/episodes/chunk-000/file-000.parquet"),
                    stats = read_text(root_ / "meta/stats.json");
  std::vector<EpisodeUnits> whole = input_.episodes;
  for (EpisodeUnits& units : input_.episodes) units.vectors = {};
  input_.load = [&](std::size_t e) -> Result<EpisodeUnits> { return whole[e]; };
  ASSERT_TRUE(write_meta(root_.path(), input_).ok());
  EXPECT_EQ(read_text(root_ / "meta/episodes/chunk-000/file-000.parquet"), held);
  EXPECT_EQ(read_text(root_ / "meta/stats.json"), stats);
}
TEST_F(MetaInputs, TaskThatIsNotUtf8) {
  input_.tasks[0] = "\xc3";
  expect_error(ErrorKind::invalid);
}
TEST_F(MetaInputs, RecordingThatIsNotUtf8) {
  input_.provenance[0].recording = "\xff.bag";
  expect_error(ErrorKind::invalid);
}

TEST(ColumnStatistics, RefusesOtherColumnsAndDamage) {
  TempFolder staging, root;
  ASSERT_TRUE(write_sample(staging.path(), root.path(), vectors_only({5, 6})).ok());
  const std::string path = root / "data/chunk-000/file-000.parquet";
  const DataColumn state{.name = "observation.state", .integer = false, .width = 8, .vector = true};
  EXPECT_EQ(column_statistics({path}, 0, state)->count, 11u);
  EXPECT_EQ(column_statistics({path, path}, 0, state)->count, 22u);
  DataColumn wrong = state;
  wrong.integer = true;
  EXPECT_EQ(column_statistics({path}, 0, wrong).error().kind(), ErrorKind::corrupt);
  wrong = state;
  wrong.width = 16;
  EXPECT_EQ(column_statistics({path}, 0, wrong).error().kind(), ErrorKind::corrupt);
  EXPECT_EQ(column_statistics({path}, 99, state).error().kind(), ErrorKind::corrupt);
  write_text(path, read_text(path).substr(0, 500));
  const auto cut = column_statistics({path}, 0, state);
  ASSERT_FALSE(cut.ok());
  EXPECT_EQ(cut.error().kind(), ErrorKind::corrupt) << cut.error().text();
}

}  // namespace
}  // namespace bagloom::dataset
