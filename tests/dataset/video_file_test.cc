#include <gtest/gtest.h>

#include "dataset/sample.h"
#include "dataset/temp_folder.h"
#include "media/mp4.h"

namespace bagloom::dataset {
namespace {

struct Written {
  std::vector<EpisodeUnits> episodes;
  DatasetSpec spec;
};

Written units_of(const std::string& staging, const SampleOptions& options) {
  Written written;
  written.spec = sample_spec(options);
  std::uint64_t row = 0;
  for (std::uint64_t e = 0; e < options.rows.size(); ++e) {
    auto units = write_sample_episode(staging, options, e, row);
    EXPECT_TRUE(units.ok()) << units.error().text();
    if (!units.ok()) break;
    row += units->rows;
    written.episodes.push_back(*std::move(units));
  }
  return written;
}

/// Where the sample's mark is black and white: the row that the picture was made of.
std::uint64_t mark_of(const media::Picture& picture) {
  std::uint64_t bits = 0;
  for (std::uint32_t cell = 0; cell < 24; ++cell) {
    const std::uint32_t y = cell / 8 * 8 + 4, x = cell % 8 * 8 + 4;
    if (picture.plane(0)[static_cast<std::ptrdiff_t>(y) * picture.stride(0) + x] > 127) bits |= 1ull << cell;
  }
  return bits;
}

TEST(VideoFile, EpisodesAndSegmentsAreJoinedOnTheGrid) {
  TempFolder folder;
  const SampleOptions options;  // the third episode has two segments
  const Written written = units_of(folder.path(), options);
  const std::string path = folder / "videos/cam/chunk-000/file-000.mp4";
  const Status status = write_video_file(path, written.spec, 1, written.episodes, nullptr);
  ASSERT_TRUE(status.ok()) << status.error().text();
  const auto facts = media::inspect_mp4(path, options.fps);
  ASSERT_TRUE(facts.ok());
  EXPECT_EQ(facts->frames, 97u);
  EXPECT_EQ(facts->first_wrong_frame, -1);
  EXPECT_FALSE(facts->b_frames);
  // An episode starts with a keyframe, whatever the length of the one before.
  for (const std::uint32_t first : {0u, 25u, 27u, 91u}) {
    EXPECT_NE(std::find(facts->keyframes.begin(), facts->keyframes.end(), first), facts->keyframes.end()) << first;
  }
  auto reader = media::Mp4Reader::open(path, options.fps);
  ASSERT_TRUE(reader.ok());
  media::Picture picture;
  for (const std::uint64_t row : {96, 0, 91, 26, 27, 25, 90}) {
    ASSERT_TRUE((*reader)->decode(row, picture).ok());
    EXPECT_EQ(mark_of(picture), row | 1u << 16);
  }
}

TEST(VideoFile, CopiedPicturesAreTheRecordingsBytes) {
  TempFolder folder;
  SampleOptions options;
  options.codec = "copy";
  options.cameras = 1;
  const Written written = units_of(folder.path(), options);
  const std::string path = folder / "file-000.mp4";
  const Status status = write_video_file(path, written.spec, 0, written.episodes, sample_fetch(folder.path()));
  ASSERT_TRUE(status.ok()) << status.error().text();
  const std::string mp4 = read_text(path);
  for (const int row : {0, 30, 96}) {
    const std::string file = read_text(folder / ("0_" + std::to_string(row) + ".jpg"));
    EXPECT_NE(mp4.find(file.substr(4, file.size() - 8)), std::string::npos) << row;
  }
  EXPECT_EQ(media::inspect_mp4(path, options.fps)->frames, 97u);
}

TEST(VideoFile, SameSegmentsSameBytes) {
  TempFolder folder;
  const Written written = units_of(folder.path(), {});
  ASSERT_TRUE(write_video_file(folder / "a.mp4", written.spec, 0, written.episodes, nullptr).ok());
  ASSERT_TRUE(write_video_file(folder / "b.mp4", written.spec, 0, written.episodes, nullptr).ok());
  EXPECT_EQ(read_text(folder / "a.mp4"), read_text(folder / "b.mp4"));
}

class VideoFileErrors : public testing::Test {
 protected:
  void SetUp() override {
    SampleOptions options;
    options.rows = {3, 4};
    options.cameras = 1;
    written_ = units_of(folder_.path(), options);
  }
  /// Writes the second episode's segment again with other facts.
  void replace(const media::StreamParameters& stream, int packets, bool references = false) {
    auto writer = SegmentWriter::create(folder_ / "other");
    ASSERT_TRUE(writer.ok());
    const std::byte byte{1};
    for (int i = 0; i < packets; ++i) {
      if (references) {
        ASSERT_TRUE((*writer)->add_reference(MessageRef{}, 0, 5).ok());
      } else {
        ASSERT_TRUE((*writer)->add({.bytes = {&byte, 1}, .keyframe = true}).ok());
      }
    }
    ASSERT_TRUE((*writer)->finish(stream, {}).ok());
    written_.episodes[1].segments[0] = {folder_ / "other"};
  }
  void expect_error(const std::string& word, const FetchPicture& fetch = nullptr) {
    const std::string path = folder_ / "out/file-000.mp4";
    const Status status = write_video_file(path, written_.spec, 0, written_.episodes, fetch);
    ASSERT_FALSE(status.ok());
    EXPECT_NE(status.error().text().find("episode 1"), std::string::npos) << status.error().text();
    EXPECT_NE(status.error().text().find(word), std::string::npos) << status.error().text();
    EXPECT_FALSE(std::filesystem::exists(path));
  }
  media::StreamParameters stream() { return (*SegmentReader::open(written_.episodes[0].segments[0][0]))->facts().stream; }

  TempFolder folder_;
  Written written_;
};

TEST_F(VideoFileErrors, OtherSize) {
  auto other = stream();
  other.width = 66;
  replace(other, 4);
  expect_error("66x64");
}
TEST_F(VideoFileErrors, OtherParameterSets) {
  auto other = stream();
  other.extradata.push_back(std::byte{0});
  replace(other, 4);
  expect_error("codec parameters");
}
TEST_F(VideoFileErrors, FewerPicturesThanRows) {
  written_.episodes[1].rows = 5;
  expect_error("4 pictures for 5 rows");
}
TEST_F(VideoFileErrors, MissingSegment) {
  written_.episodes[1].segments[0][0] += "x";
  expect_error("No such file");
}
TEST_F(VideoFileErrors, RecordingGivesOtherBytes) {
  replace(stream(), 4, true);
  expect_error("needs the recording");
  const std::byte bytes[3] = {};
  expect_error("picture of 3 bytes",
               [&](const MessageRef&, std::uint64_t, std::uint64_t) -> Result<Bytes> { return Bytes(bytes); });
  expect_error("gone",
               [&](const MessageRef&, std::uint64_t, std::uint64_t) -> Result<Bytes> { return Error(ErrorKind::io, "gone"); });
}

}  // namespace
}  // namespace bagloom::dataset
