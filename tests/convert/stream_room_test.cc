// Which limit lets a recording's later parameter sets have more pictures than its first ones.
#include "convert/stream_room.h"

#include "convert/feature_columns.h"
#include "convert/stream_index.h"
#include "convert/temporary_folder.h"
#include "media/stream_decoder.h"
#include "synth/synth.h"

namespace bagloom::convert {
namespace {

constexpr std::uint64_t kMiB = 1024 * 1024;

class StreamRoomTest : public TemporaryFolderTest {
 protected:
  void SetUp() override {
    TemporaryFolderTest::SetUp();
    synth::SynthOptions synth;
    synth.seconds = 1;
    synth.cameras = 1;
    synth.width = 160;
    synth.height = 120;
    synth.video = media::StreamCodec::hevc;  // whose decoder keeps more than one
    ASSERT_TRUE(synth::write_synth_bag(path("a.bag"), synth).ok());
    Options options;
    options.bags = {path("a.bag")};
    auto made = set_up(options);
    ASSERT_TRUE(made.ok()) << made.error().text();
    setup_ = std::move(*made);
    auto recording = open_recording(path("a.bag"), 0, {});
    ASSERT_TRUE(recording.ok());
    recording_ = std::move(*recording);
    ASSERT_TRUE(compile_extractors(*recording_, *setup_.columns).ok());
    ASSERT_TRUE(index_streams(*recording_, *setup_.columns, *setup_.cameras, "", {}).ok());
    needs_ = recording_->streams[setup_.cameras->front().column]->facts().sequence;
    ASSERT_GT(needs_.kept, 1u);
  }

  /// As if the first keyframes had said that one picture is enough; `spare`: of the limit, beside what that needs.
  void lay_out_for_one(std::uint64_t spare) {
    auto cameras = std::make_shared<std::vector<CameraOutput>>(*setup_.cameras);
    cameras->front().video_limits.sequence = {1, 0};
    setup_.cameras = cameras;
    CameraShape& source = setup_.sources.front();
    source.decoding_bytes = media::stream_decoder_bytes(source.video, source.width, source.height, {1, 0});
    more_ = media::stream_decoder_bytes(source.video, source.width, source.height, needs_) - source.decoding_bytes;
    setup_.needs.largest_task = setup_.segment_tasks.front();
    std::uint64_t held = 0;
    for (const MemoryAccount& account : setup_.layout.accounts) held += account.bytes;
    setup_.layout.limit = held + setup_.needs.largest_task + spare;
  }

  JobSetup setup_;
  std::unique_ptr<Recording> recording_;
  media::SequencePictures needs_;
  std::uint64_t more_ = 0;
};

TEST_F(StreamRoomTest, WhatTheFirstKeyframesSaidIsEnough) {
  const StreamRoom room = room_for_streams(setup_, *recording_);
  EXPECT_EQ(room.segment_tasks, setup_.segment_tasks);
  EXPECT_EQ(room.sample_tasks, setup_.sample_tasks);
  EXPECT_EQ(room.largest_task, setup_.needs.largest_task);
  EXPECT_EQ(room.cameras->front().video_limits.remedy, "");
}

TEST_F(StreamRoomTest, ATaskThatFitsIsMadeLarger) {
  lay_out_for_one(4 * kMiB);
  const StreamRoom room = room_for_streams(setup_, *recording_);
  EXPECT_GT(more_, 0u);
  EXPECT_EQ(room.segment_tasks.front(), setup_.segment_tasks.front() + more_);
  EXPECT_EQ(room.largest_task, setup_.needs.largest_task + more_);
  EXPECT_EQ(room.cameras->front().video_limits.sequence.kept, needs_.kept);
  EXPECT_EQ(room.cameras->front().video_limits.remedy, "");
  // The set-up's own, which other recordings run by, stay.
  EXPECT_EQ(setup_.cameras->front().video_limits.sequence.kept, 1u);
}

TEST_F(StreamRoomTest, MoreBitsAPixelAreMoreRoom) {
  auto cameras = std::make_shared<std::vector<CameraOutput>>(*setup_.cameras);
  const media::SequencePictures all = needs_;
  EXPECT_EQ(all.pixel_bits, 12u);
  cameras->front().video_limits.sequence.pixel_bits = 8;  // as if the first keyframes were of fewer
  setup_.cameras = cameras;
  const StreamRoom room = room_for_streams(setup_, *recording_);
  EXPECT_EQ(room.cameras->front().video_limits.sequence, all);
  const auto bytes = [&](std::uint32_t bits) {
    return media::stream_decoder_bytes(media::StreamCodec::h264, 1280, 720, {8, 0, bits});
  };
  EXPECT_EQ(bytes(0), bytes(12));
  // refs=8, 1280x720: whole conversions peaked at 58.9 MiB with 4:2:0 of 8 bits, 80.4 with 4:2:2 and 96.4 with 4:4:4 of 10.
  EXPECT_GT(bytes(32) - bytes(12), 215 * kMiB / 10);
  EXPECT_GT(bytes(48) - bytes(12), 375 * kMiB / 10);
}

TEST_F(StreamRoomTest, OneThatDoesNotFitIsSaid) {
  lay_out_for_one(0);
  setup_.layout.limit_given = true;
  const StreamRoom room = room_for_streams(setup_, *recording_);
  EXPECT_EQ(room.segment_tasks, setup_.segment_tasks);
  EXPECT_EQ(room.largest_task, setup_.needs.largest_task);
  EXPECT_EQ(room.cameras->front().video_limits.sequence.kept, 1u);
  const std::string remedy = room.cameras->front().video_limits.remedy;
  EXPECT_TRUE(remedy.starts_with("--memory-limit ")) << remedy;
  // The limit that it names is one.
  setup_.layout.limit = std::stoull(remedy.substr(15)) * kMiB;
  EXPECT_EQ(room_for_streams(setup_, *recording_).cameras->front().video_limits.remedy, "");
}

// What is in the dataset would depend on the machine and its threads.
TEST_F(StreamRoomTest, WithoutAUsersLimitThereIsRoom) {
  lay_out_for_one(0);
  setup_.layout.limit_given = false;
  const StreamRoom room = room_for_streams(setup_, *recording_);
  EXPECT_EQ(room.segment_tasks.front(), setup_.segment_tasks.front() + more_);
  EXPECT_EQ(room.cameras->front().video_limits.sequence, needs_);
}

}  // namespace
}  // namespace bagloom::convert
