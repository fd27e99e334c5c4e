#include "dataset/difference.h"

#include <gtest/gtest.h>

#include <map>

#include "dataset/assembly.h"
#include "dataset/temp_folder.h"
#include "dataset/unit.h"
#include "media/mp4.h"
#include "media/segment_encoder.h"

namespace bagloom::dataset {
namespace {

DatasetSpec two_vectors() {
  DatasetSpec spec;
  FeatureSpec state;
  state.name = "observation.state";
  state.width = 2;
  state.names = {"a", "b"};
  spec.features.push_back(state);
  state.name = "action";
  spec.features.push_back(state);
  return spec;
}

/// A dataset of a data file with `rows` rows whose values are their numbers, but for `changed`: (row, place) -> value.
void write_rows(const TempFolder& folder, const std::string& name, std::uint64_t rows,
                const std::map<std::pair<std::uint64_t, int>, float>& changed = {}) {
  RowBlock block;
  block.width = 4;
  for (std::uint64_t row = 0; row < rows; ++row) {
    for (int place = 0; place < 4; ++place) {
      const auto at = changed.find({row, place});
      block.values.push_back(at != changed.end() ? at->second : static_cast<float>(row * 10) + static_cast<float>(place));
    }
  }
  EpisodeUnits episode;
  episode.rows = rows;
  episode.row_blocks = {folder / (name + ".rows")};
  ASSERT_TRUE(write_row_block(episode.row_blocks[0], block).ok());
  std::filesystem::create_directories(folder / (name + "/data/chunk-000"));
  ASSERT_TRUE(write_data_file(folder / (name + "/data/chunk-000/file-000.parquet"), two_vectors(), {episode}, 0, 0, {0}).ok());
}

std::string difference(const TempFolder& folder, const std::string& one, const std::string& other) {
  const auto found = first_difference(folder / one, folder / other);
  if (!found) return "error: " + found.error().text();
  return found->value_or("none");
}

std::string hash(const TempFolder& folder, const std::string& name) {
  const auto hashed = hash_dataset(folder / name);
  return hashed ? hashed->hash : hashed.error().text();
}

TEST(Difference, TheFirstRowOfAnyColumnIsNamed) {
  TempFolder folder;
  write_rows(folder, "a", 3000);
  write_rows(folder, "b", 3000);
  write_rows(folder, "c", 3000, {{{2500, 0}, -1.0f}, {{1700, 3}, -1.0f}, {{2999, 1}, -1.0f}});
  write_rows(folder, "shorter", 2900);
  EXPECT_EQ(difference(folder, "a", "b"), "none");
  EXPECT_EQ(hash(folder, "a"), hash(folder, "b"));
  EXPECT_EQ(difference(folder, "a", "c"), "data/chunk-000/file-000.parquet: row 1700, column action");
  EXPECT_EQ(difference(folder, "c", "a"), "data/chunk-000/file-000.parquet: row 1700, column action");
  EXPECT_NE(hash(folder, "a"), hash(folder, "c"));
  EXPECT_EQ(difference(folder, "a", "shorter"), "data/chunk-000/file-000.parquet: rows from 2900 on stand in one only");
}

TEST(Difference, FilesThatOnlyOneHasAndWhatTellsOfTheRun) {
  TempFolder folder;
  write_rows(folder, "a", 10);
  write_rows(folder, "b", 10);
  std::filesystem::create_directories(folder / "a/meta/bagloom");
  write_text(folder / "a/meta/bagloom/report.json", "{}");
  EXPECT_EQ(difference(folder, "a", "b"), "none");
  EXPECT_EQ(hash(folder, "a"), hash(folder, "b"));
  write_text(folder / "a/meta/info.json", "{}");
  EXPECT_EQ(difference(folder, "a", "b"), "meta/info.json: only in " + (folder / "a"));
  std::filesystem::create_directories(folder / "b/meta");
  write_text(folder / "b/meta/info.json", "{ }");
  EXPECT_EQ(difference(folder, "a", "b"), "meta/info.json: other bytes");
  // Tables go before the rest.
  write_text(folder / "b/data/chunk-000/file-000.parquet", "no table");
  EXPECT_EQ(difference(folder, "a", "b").rfind("data/chunk-000/file-000.parquet: ", 0), 0u);
  EXPECT_FALSE(first_difference(folder / "a", folder / "nothing").ok());
  EXPECT_FALSE(hash_dataset(folder / "nothing").ok());
}

TEST(Difference, TheFirstPacketIsNamed) {
  TempFolder folder;
  for (const std::string name : {"a", "b"}) std::filesystem::create_directories(folder / (name + "/videos"));
  media::StreamParameters stream;
  stream.codec = "mjpeg";
  stream.width = stream.height = 64;
  stream.fps = 10;
  stream.pix_fmt = "yuvj420p";
  for (const std::string name : {"a", "b"}) {
    auto writer = media::Mp4Writer::create(folder / (name + "/videos/file.mp4"), stream);
    ASSERT_TRUE(writer.ok()) << writer.error().text();
    for (int frame = 0; frame < 50; ++frame) {
      std::vector<std::byte> bytes(100, static_cast<std::byte>(frame));
      if (name == "b" && (frame == 40 || frame == 23)) bytes[99] = std::byte{0xee};
      ASSERT_TRUE((*writer)->write({Bytes(bytes), true}).ok());
    }
    ASSERT_TRUE((*writer)->finish().ok());
  }
  EXPECT_EQ(difference(folder, "a", "b"), "videos/file.mp4: frame 23");
}

}  // namespace
}  // namespace bagloom::dataset
