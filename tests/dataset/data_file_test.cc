#include <arrow/api.h>
#include <arrow/io/file.h>
#include <gtest/gtest.h>
#include <parquet/arrow/reader.h>
#include <parquet/file_reader.h>

#include <algorithm>

#include "dataset/sample.h"
#include "dataset/temp_folder.h"

namespace bagloom::dataset {
namespace {

std::shared_ptr<parquet::FileMetaData> footer(const std::string& path) {
  return parquet::ParquetFileReader::OpenFile(path)->metadata();
}

std::shared_ptr<arrow::Table> read_table(const std::string& path) {
  auto file = arrow::io::ReadableFile::Open(path).ValueOrDie();
  auto reader = parquet::arrow::OpenFile(file, arrow::default_memory_pool()).ValueOrDie();
  return reader->ReadTable().ValueOrDie();
}

DatasetSpec vectors_only(std::uint32_t width) {
  DatasetSpec spec;
  spec.fps = 30;
  FeatureSpec feature;
  feature.name = "observation.state";
  feature.width = width;
  spec.features.push_back(feature);
  return spec;
}

EpisodeUnits episode_of(const TempFolder& folder, std::uint32_t width, const std::vector<std::uint64_t>& blocks) {
  static int number = 0;
  EpisodeUnits episode;
  for (const std::uint64_t rows : blocks) {
    RowBlock block;
    block.width = width;
    for (std::uint64_t i = 0; i < rows * width; ++i) block.values.push_back(static_cast<float>(episode.rows * width + i));
    episode.row_blocks.push_back(folder / ("block" + std::to_string(number++)));
    EXPECT_TRUE(write_row_block(episode.row_blocks.back(), block).ok());
    episode.rows += rows;
  }
  return episode;
}

TEST(DataFile, RowGroupsOfAtMost4096AndOneEpisode) {
  TempFolder folder;
  const std::vector<EpisodeUnits> episodes = {episode_of(folder, 2, {64, 64, 10}), episode_of(folder, 2, {4096, 4096}),
                                              episode_of(folder, 2, std::vector<std::uint64_t>(65, 64)),
                                              episode_of(folder, 2, {1})};
  const std::string path = folder / "data/chunk-000/file-000.parquet";
  const Status status = write_data_file(path, vectors_only(2), episodes, 7, 1000, {0, 1, 0, 2});
  ASSERT_TRUE(status.ok()) << status.error().text();
  const auto metadata = footer(path);
  std::vector<std::int64_t> groups;
  for (int g = 0; g < metadata->num_row_groups(); ++g) groups.push_back(metadata->RowGroup(g)->num_rows());
  EXPECT_EQ(groups, (std::vector<std::int64_t>{138, 4096, 4096, 4096, 64, 1}));
  EXPECT_EQ(metadata->created_by(), "bagloom");

  const auto table = read_table(path);
  ASSERT_TRUE(table->ValidateFull().ok());
  const auto column = [&](const char* name) { return table->GetColumnByName(name)->chunk(0); };
  const auto combined = table->CombineChunks().ValueOrDie();
  const auto int64_at = [&](const char* name, std::int64_t row) {
    return std::static_pointer_cast<arrow::Int64Array>(combined->GetColumnByName(name)->chunk(0))->Value(row);
  };
  EXPECT_EQ(column("timestamp")->type_id(), arrow::Type::FLOAT);
  EXPECT_EQ(int64_at("episode_index", 0), 7);
  EXPECT_EQ(int64_at("index", 0), 1000);
  EXPECT_EQ(int64_at("frame_index", 138), 0);
  EXPECT_EQ(int64_at("frame_index", 138 + 8191), 8191);
  EXPECT_EQ(int64_at("episode_index", 138 + 8192), 9);
  EXPECT_EQ(int64_at("task_index", 138), 1);
  EXPECT_EQ(int64_at("index", table->num_rows() - 1), 1000 + table->num_rows() - 1);
  EXPECT_EQ(int64_at("episode_index", table->num_rows() - 1), 10);
  const auto timestamps = std::static_pointer_cast<arrow::FloatArray>(combined->GetColumnByName("timestamp")->chunk(0));
  EXPECT_EQ(timestamps->Value(138 + 7), static_cast<float>(7.0 / 30.0));
  const auto lists =
      std::static_pointer_cast<arrow::FixedSizeListArray>(combined->GetColumnByName("observation.state")->chunk(0));
  const auto floats = std::static_pointer_cast<arrow::FloatArray>(lists->values());
  EXPECT_EQ(floats->Value(lists->value_offset(138 + 5000) + 1), 10001.0f);
}

TEST(DataFile, WidthOneIsAScalarColumn) {
  TempFolder folder;
  const std::string path = folder / "file.parquet";
  ASSERT_TRUE(write_data_file(path, vectors_only(1), {episode_of(folder, 1, {3})}, 0, 0, {0}).ok());
  EXPECT_EQ(read_table(path)->schema()->field(0)->type()->id(), arrow::Type::FLOAT);
}

TEST(DataFile, CamerasOnly) {
  TempFolder folder;
  EpisodeUnits episode;
  episode.rows = 5000;
  ASSERT_TRUE(write_data_file(folder / "file.parquet", DatasetSpec{}, {episode}, 0, 0, {0}).ok());
  const auto table = read_table(folder / "file.parquet");
  EXPECT_EQ(table->num_columns(), 5);
  EXPECT_EQ(table->num_rows(), 5000);
}

TEST(DataFile, SameInputSameBytes) {
  TempFolder folder;
  const std::vector<EpisodeUnits> episodes = {episode_of(folder, 9, {64, 3}), episode_of(folder, 9, {64})};
  ASSERT_TRUE(write_data_file(folder / "a.parquet", vectors_only(9), episodes, 0, 0, {0, 0}).ok());
  // Where the blocks were cut does not show.
  std::vector<EpisodeUnits> cut = {episode_of(folder, 9, {7, 60}), episode_of(folder, 9, {1, 1, 62})};
  ASSERT_TRUE(write_data_file(folder / "b.parquet", vectors_only(9), cut, 0, 0, {0, 0}).ok());
  EXPECT_EQ(read_text(folder / "a.parquet"), read_text(folder / "b.parquet"));
}

TEST(DataFile, WrongUnitsAreNamedAndLeaveNoFile) {
  TempFolder folder;
  const std::string path = folder / "out/file.parquet";
  const auto expect_error = [&](const EpisodeUnits& episode, const std::string& word) {
    const Status status = write_data_file(path, vectors_only(2), {episode_of(folder, 2, {2}), episode}, 3, 0, {0, 0});
    ASSERT_FALSE(status.ok());
    EXPECT_NE(status.error().text().find("episode 4"), std::string::npos) << status.error().text();
    EXPECT_NE(status.error().text().find(word), std::string::npos) << status.error().text();
    EXPECT_TRUE(std::filesystem::is_empty(folder / "out"));
  };
  EpisodeUnits missing = episode_of(folder, 2, {2});
  missing.row_blocks[0] += "x";
  expect_error(missing, "No such file");
  EpisodeUnits shorter = episode_of(folder, 2, {2});
  shorter.rows = 3;
  expect_error(shorter, "2 rows");
  expect_error(episode_of(folder, 3, {2}), "rows of 3");
  EpisodeUnits damaged = episode_of(folder, 2, {2});
  std::string text = read_text(damaged.row_blocks[0]);
  text[30] ^= 1;
  write_text(damaged.row_blocks[0], text);
  expect_error(damaged, "checksum");
}

TEST(DataFile, FolderThatCannotBeMade) {
  TempFolder folder;
  write_text(folder / "data", "a file");
  const Status status = write_data_file(folder / "data/chunk-000/file-000.parquet", vectors_only(2), {}, 0, 0, {});
  ASSERT_FALSE(status.ok());
  EXPECT_NE(status.error().text().find("data"), std::string::npos);
}

}  // namespace
}  // namespace bagloom::dataset
