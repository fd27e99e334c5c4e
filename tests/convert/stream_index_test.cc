// The keyframe pass: what it finds, and the file that a job which goes on takes instead of reading the recording again.
#include "convert/stream_index.h"

#include <fstream>
#include <functional>
#include <iterator>

#include "convert/convert.h"
#include "convert/job_setup.h"
#include "convert/pass_through.h"
#include "convert/recording_plan.h"
#include "convert/temporary_folder.h"
#include "synth/synth.h"

namespace bagloom::convert {
namespace {

constexpr std::uint64_t kMessages = 60, kGop = 20;

/// A recording whose fetches are counted, and some of whose messages are others.
class ChangedReader : public bag::BagReader {
 public:
  explicit ChangedReader(std::unique_ptr<bag::BagReader> inner) : inner_(std::move(inner)) {}
  const bag::BagInfo& info() const override { return inner_->info(); }
  Status scan(const bag::ConnectionSet& which, const Visit& visit) override { return inner_->scan(which, visit); }
  Result<bag::Payload> fetch(const MessageRef& ref) override {
    ++fetches;
    ASSIGN_OR_RETURN(bag::Payload payload, inner_->fetch(ref));
    return change ? change(ref, std::move(payload)) : std::move(payload);
  }
  Result<std::string> identity() override { return inner_->identity(); }
  std::uint64_t file_offset(const MessageRef& ref) const override { return inner_->file_offset(ref); }
  std::uint64_t fetch_overhead_bytes(const MessageRef& ref) const override { return inner_->fetch_overhead_bytes(ref); }

  std::uint64_t fetches = 0;
  std::function<Result<bag::Payload>(const MessageRef&, bag::Payload)> change;

 private:
  std::unique_ptr<bag::BagReader> inner_;
};

class StreamIndexTest : public TemporaryFolderTest {
 protected:
  void SetUp() override {
    TemporaryFolderTest::SetUp();
    synth::SynthOptions synth;
    synth.seconds = 2;
    synth.cameras = 1;
    synth.width = 160;
    synth.height = 120;
    synth.video = media::StreamCodec::h264;
    synth.gop = kGop;
    ASSERT_TRUE(synth::write_synth_bag(path("a.bag"), synth).ok());
    Options options;
    options.bags = {path("a.bag")};
    auto planned = plan(options);
    ASSERT_TRUE(planned.ok()) << planned.error().text();
    recipe_ = planned->recipe;
    columns_ = columns_of(recipe_);
    for (std::uint32_t i = 0; i < columns_.columns.size(); ++i)
      if (columns_.columns[i].camera) column_ = i;
    open();
    cameras_.resize(1);
    cameras_[0].column = column_;
    cameras_[0].video = media::StreamCodec::h264;
  }

  /// As a new run does.
  void open() {
    auto recording = open_recording(path("a.bag"), 3, {});
    ASSERT_TRUE(recording.ok());
    recording_ = std::move(*recording);
    auto reader = std::make_unique<ChangedReader>(std::move(recording_->reader));
    reader_ = reader.get();
    recording_->reader = std::move(reader);
    ASSERT_TRUE(compile_extractors(*recording_, columns_).ok());
    reader_->fetches = 0;
  }

  std::shared_ptr<const StreamIndex> make(const std::string& file = {}) {
    reader_->fetches = 0;
    auto index = StreamIndex::make(*recording_, column_, media::StreamCodec::h264, file, {});
    EXPECT_TRUE(index.ok()) << index.error().text();
    return index.ok() ? *index : nullptr;
  }

  StreamEntry entry(const StreamIndex& index, std::uint64_t number) {
    const auto found = index.entry(number);
    EXPECT_TRUE(found.ok());
    return found.ok() ? *found : StreamEntry();
  }

  /// Changes the topic's message of this number.
  void change_message(std::uint64_t number, std::function<Result<bag::Payload>(bag::Payload)> change) {
    const MessageRef ref = entry(*make(), number).ref;
    reader_->change = [ref, change = std::move(change)](const MessageRef& asked, bag::Payload payload) -> Result<bag::Payload> {
      if (asked.locator != ref.locator) return payload;
      return change(std::move(payload));
    };
  }

  std::string bytes_of(const std::string& file) {
    std::ifstream in(file, std::ios::binary);
    return {std::istreambuf_iterator<char>(in), {}};
  }

  recipe::Recipe recipe_;
  FeatureColumns columns_;
  std::uint32_t column_ = 0;
  std::unique_ptr<Recording> recording_;
  ChangedReader* reader_ = nullptr;
  std::vector<CameraOutput> cameras_;
};

TEST_F(StreamIndexTest, KnowsEachMessagesKeyframe) {
  const auto index = make();
  ASSERT_NE(index, nullptr);
  EXPECT_EQ(reader_->fetches, kMessages);
  EXPECT_EQ(index->facts().messages, kMessages);
  EXPECT_EQ(index->facts().keyframes, kMessages / kGop);
  for (std::uint64_t n = 0; n < kMessages; ++n) {
    const StreamEntry at = entry(*index, n);
    EXPECT_TRUE(at.usable);
    EXPECT_EQ(at.keyframe, n / kGop * kGop);
    EXPECT_EQ(at.sets_bytes, 0u);
    EXPECT_FALSE(at.sets_alone);
    EXPECT_NEAR(static_cast<double>(at.stamp), static_cast<double>(at.ref.time), 50e6);
    EXPECT_EQ(at.width, n % kGop == 0 ? 160u : 0u);
    EXPECT_EQ(at.is_keyframe(n), n % kGop == 0);
    EXPECT_EQ(at.restart, n % kGop == 0);
    EXPECT_FALSE(at.reordered);
    EXPECT_EQ(at.ref.recording, 3u);
    const auto number = index->find(at.ref);
    ASSERT_TRUE(number.ok());
    EXPECT_EQ(*number, n);
    const auto next = index->next_keyframe(n);
    ASSERT_TRUE(next.ok());
    EXPECT_EQ(*next, std::min(kMessages, (n / kGop + 1) * kGop));
  }
  EXPECT_EQ(index->facts().counts_to, 16u);
  EXPECT_TRUE(index->facts().stamps_rise);
  EXPECT_FALSE(index->entry(kMessages).ok());
  MessageRef other = entry(*index, 5).ref;
  ++other.time;
  EXPECT_FALSE(index->find(other).ok());
}

TEST_F(StreamIndexTest, RowsNeedMessagesFromTheirKeyframeToThemselves) {
  const auto index = make();
  ASSERT_NE(index, nullptr);
  std::vector<align::Cell> cells(3);
  const std::vector<std::uint64_t> rows{17, 25, 27};
  for (std::size_t i = 0; i < rows.size(); ++i) cells[i].first = entry(*index, rows[i]).ref;
  const auto inputs = stream_inputs(*index, cells);
  ASSERT_TRUE(inputs.ok());
  std::vector<std::uint64_t> numbers;
  for (const MessageRef& input : *inputs) numbers.push_back(*index->find(input));
  std::vector<std::uint64_t> wanted;
  for (std::uint64_t n = 0; n <= 17; ++n) wanted.push_back(n);
  for (std::uint64_t n = 20; n <= 27; ++n) wanted.push_back(n);
  EXPECT_EQ(numbers, wanted);
}

TEST_F(StreamIndexTest, AKeptIndexIsTakenAsItIs) {
  const auto first = make(path("kept"));
  EXPECT_EQ(reader_->fetches, kMessages);
  open();
  const auto second = make(path("kept"));
  EXPECT_EQ(reader_->fetches, 0u);
  ASSERT_TRUE(first && second);
  EXPECT_EQ(second->facts().keyframes, first->facts().keyframes);
  for (std::uint64_t n = 0; n < kMessages; ++n) EXPECT_EQ(entry(*second, n).ref, entry(*first, n).ref);
}

// What a crash of the machine may leave under the name, and what a disk may make of it.
TEST_F(StreamIndexTest, ADamagedFileIsMadeAnew) {
  ASSERT_NE(make(path("kept")), nullptr);
  const std::string whole = bytes_of(path("kept"));
  std::vector<std::string> damaged{"",
                                   "x",
                                   whole.substr(0, whole.size() - 1),
                                   whole.substr(0, whole.size() / 2),
                                   whole + whole,
                                   std::string(whole.size(), '\0')};
  // An entry, the counts behind them, the checksum, and what the file is known by.
  for (const std::size_t at : {std::size_t{3}, whole.size() / 2, whole.size() - 60, whole.size() - 12, whole.size() - 1}) {
    damaged.push_back(whole);
    damaged.back()[at] = static_cast<char>(damaged.back()[at] ^ 1);
  }
  for (std::size_t i = 0; i < damaged.size(); ++i) {
    std::ofstream(path("kept"), std::ios::binary | std::ios::trunc) << damaged[i];
    const auto index = make(path("kept"));
    ASSERT_NE(index, nullptr);
    EXPECT_EQ(reader_->fetches, kMessages) << i;
    EXPECT_EQ(index->facts().keyframes, kMessages / kGop) << i;
    EXPECT_EQ(bytes_of(path("kept")), whole) << i;
  }
}

// The same file for a job that goes on; another one for another recording, or another place among them.
TEST_F(StreamIndexTest, AJobThatGoesOnReadsNothingAgain) {
  ASSERT_TRUE(index_streams(*recording_, columns_, cameras_, path(""), {}).ok());
  ASSERT_EQ(recording_->stream_files.size(), 1u);
  const std::string file = recording_->stream_files[0];
  EXPECT_GE(reader_->fetches, kMessages);
  open();
  ASSERT_TRUE(index_streams(*recording_, columns_, cameras_, path(""), {}).ok());
  EXPECT_LT(reader_->fetches, 3u);  // the first picture's size
  EXPECT_EQ(recording_->stream_files[0], file);
  ASSERT_NE(recording_->streams[column_], nullptr);
  EXPECT_EQ(recording_->streams[column_]->facts().messages, kMessages);
  open();
  recording_->number = 4;
  ASSERT_TRUE(index_streams(*recording_, columns_, cameras_, path(""), {}).ok());
  EXPECT_GE(reader_->fetches, kMessages);
  EXPECT_NE(recording_->stream_files[0], file);
}

// Messages 20 to 39: their keyframe's sequence and picture parameter sets become filler, so that those of message 0 are in force.
TEST_F(StreamIndexTest, SetsThatStandOnceAreInTheFile) {
  change_message(20, [](bag::Payload payload) -> Result<bag::Payload> {
    auto bytes = std::make_shared<std::vector<std::byte>>(payload.bytes.begin(), payload.bytes.end());
    int changed = 0;
    for (std::size_t i = 3; i < bytes->size(); ++i) {
      const int type = std::to_integer<int>((*bytes)[i]) & 31;
      const bool starts = (*bytes)[i - 1] == std::byte{1} && (*bytes)[i - 2] == std::byte{0} && (*bytes)[i - 3] == std::byte{0};
      if (!starts || (type != 7 && type != 8)) continue;
      (*bytes)[i] = std::byte{12};
      ++changed;
    }
    EXPECT_EQ(changed, 2);
    return bag::Payload{Bytes(*bytes), bytes};
  });
  const auto made = make(path("kept"));
  open();
  const auto kept = make(path("kept"));
  EXPECT_EQ(reader_->fetches, 0u);
  ASSERT_TRUE(made && kept);
  for (const auto& index : {made, kept}) {
    EXPECT_EQ(index->facts().keyframes, kMessages / kGop);
    EXPECT_EQ(index->facts().width, 160u);
    EXPECT_GE(index->facts().sequence.kept, 1u);
    for (std::uint64_t n = 0; n < kMessages; ++n) {
      const StreamEntry at = entry(*index, n);
      EXPECT_TRUE(at.usable) << n;
      EXPECT_EQ(at.sets_bytes > 0, n == 20) << n;
      const auto sets = index->parameter_sets(at);
      ASSERT_TRUE(sets.ok());
      EXPECT_EQ(sets->size(), at.sets_bytes);
      if (n != 20) continue;
      media::ParameterSets found(media::StreamCodec::h264);
      EXPECT_EQ(found.add(sets_in(media::StreamCodec::h264, *sets)), 2u);
    }
  }
}

// A picture that is not in the recording: frame_num says so.
TEST_F(StreamIndexTest, WhatFollowsOnAMissingPictureIsNotUsable) {
  const MessageRef gone = entry(*make(), 26).ref;
  auto parser = media::PacketParser::open(media::StreamCodec::h264);
  ASSERT_TRUE(parser.ok());
  KeyframePass pass(*recording_, column_, media::StreamCodec::h264, std::move(*parser));
  const auto whole = make();
  for (std::uint64_t n = 0; n < kMessages; ++n) {
    const MessageRef ref = entry(*whole, n).ref;
    if (ref.locator == gone.locator) continue;
    const auto looked = pass.look_at(ref);
    ASSERT_TRUE(looked.ok());
    EXPECT_EQ(looked->usable, n < 26 || n >= 40) << n;
  }
  EXPECT_EQ(pass.facts().after_missing, 13u);
  EXPECT_EQ(pass.facts().after_unreadable, 0u);
}

TEST_F(StreamIndexTest, AnEmptyMessageTakesWhatFollows) {
  change_message(26, [](bag::Payload payload) -> Result<bag::Payload> {
    // foxglove_msgs/CompressedVideo: time, frame_id, data, format.
    auto bytes = std::make_shared<std::vector<std::byte>>(payload.bytes.begin(), payload.bytes.end());
    const auto length = [&](std::size_t at) { return std::to_integer<std::size_t>((*bytes)[at]); };
    const std::size_t data = 12 + length(8), packet = length(data) | length(data + 1) << 8;
    bytes->erase(bytes->begin() + static_cast<std::ptrdiff_t>(data + 4),
                 bytes->begin() + static_cast<std::ptrdiff_t>(data + 4 + packet));
    for (int i = 0; i < 4; ++i) (*bytes)[data + static_cast<std::size_t>(i)] = std::byte{0};
    return bag::Payload{Bytes(*bytes), bytes};
  });
  const auto index = make();
  ASSERT_NE(index, nullptr);
  EXPECT_EQ(index->facts().unreadable, 1u);
  EXPECT_EQ(index->facts().after_unreadable, 13u);
  for (std::uint64_t n = 0; n < kMessages; ++n) EXPECT_EQ(entry(*index, n).usable, n < 26 || n >= 40) << n;
  Excluded excluded;
  ASSERT_TRUE(exclude_unusable_of(*index, excluded).ok());
  EXPECT_EQ(excluded.messages.size(), 14u);
}

TEST_F(StreamIndexTest, ADamagedPartOfTheFileIsNotTheEnd) {
  change_message(5, [](bag::Payload) -> Result<bag::Payload> { return Error(ErrorKind::corrupt, "damaged"); });
  const auto index = make();
  ASSERT_NE(index, nullptr);
  EXPECT_EQ(index->facts().unreadable, 1u);
  EXPECT_EQ(index->facts().after_unreadable, 14u);
}

TEST_F(StreamIndexTest, ADiskThatFailsIs) {
  change_message(5, [](bag::Payload) -> Result<bag::Payload> { return Error(ErrorKind::io, "read: Input/output error"); });
  const auto index = StreamIndex::make(*recording_, column_, media::StreamCodec::h264, path("kept"), {});
  ASSERT_FALSE(index.ok());
  EXPECT_EQ(index.error().kind(), ErrorKind::unreadable);
  EXPECT_EQ(bytes_of(path("kept")), "");
  EXPECT_EQ(bytes_of(path("kept.tmp")), "");
}

TEST_F(StreamIndexTest, AStopLeavesNothing) {
  int asked = 0;
  const auto index =
      StreamIndex::make(*recording_, column_, media::StreamCodec::h264, path("kept"), [&] { return ++asked > 30; });
  ASSERT_FALSE(index.ok());
  EXPECT_EQ(index.error().kind(), ErrorKind::stopped);
  EXPECT_LT(reader_->fetches, kMessages);
  EXPECT_EQ(bytes_of(path("kept")), "");
}

// Rows against messages, without a recording's pictures: pass_through.h.
TEST_F(StreamIndexTest, RowsThatAreNotThePacketsOneByOne) {
  const auto index = make();
  ASSERT_NE(index, nullptr);
  const auto why = [&](const std::vector<std::uint64_t>& messages, std::uint64_t second_range = 0) {
    std::vector<TimeNs> ticks(messages.size());
    for (std::size_t i = 0; i < ticks.size(); ++i) ticks[i] = static_cast<TimeNs>(i);
    RecordingPlan plan{align::PlanCells(ticks, {{"camera", "/camera", align::Match::nearest, -1}}), {}, {}, {}};
    for (std::size_t i = 0; i < messages.size(); ++i)
      plan.cells.set(0, i, entry(*index, messages[i]).ref, align::CellState::matched);
    align::EpisodeRows rows;
    rows.rows = messages.size();
    rows.ranges = {{0, messages.size()}};
    if (second_range > 0) rows.ranges = {{0, second_range}, {second_range, messages.size()}};
    plan.outcome.episodes = {rows};
    const auto found = why_not_packets(*index, plan, 0);
    EXPECT_TRUE(found.ok());
    return found.ok() ? *found : std::string();
  };
  EXPECT_EQ(why({0, 1, 2, 3}), "");
  EXPECT_EQ(why({20, 21, 22}), "");
  EXPECT_EQ(why({18, 19, 20}), "episode 0 does not begin at a keyframe, but 18 messages behind one");
  EXPECT_EQ(why({21, 22}), "episode 0 does not begin at a keyframe, but 1 message behind one");
  EXPECT_NE(why({0, 1, 1, 2}).find("row 2 repeats a picture"), std::string::npos);
  EXPECT_NE(why({0, 1, 3}).find("row 2 follows on 1 message that no row takes"), std::string::npos);
  EXPECT_NE(why({0, 1, 17}).find("row 2 follows on 15 messages"), std::string::npos);
  EXPECT_NE(why({0, 1, 0}), "");
  EXPECT_EQ(why({0, 1, 2, 40, 41}, 3), "");  // rows in between were taken out
  EXPECT_NE(why({0, 1, 2, 41, 42}, 3).find("row 3, behind a gap, does not begin at a keyframe"), std::string::npos);
}

}  // namespace
}  // namespace bagloom::convert
