#include <gtest/gtest.h>
#include <unistd.h>

#include <bit>
#include <fstream>
#include <map>
#include <set>
#include <sstream>

#include "bag/bag_reader.h"
#include "base/cursor.h"
#include "media/picture_decoder.h"
#include "synth/synth.h"
#include "synth/wave.h"

namespace bagloom::synth {
namespace {

class Recording : public testing::Test {
 protected:
  std::string path_ = testing::TempDir() + "synth_" + std::to_string(::getpid()) + ".bag";
  void TearDown() override { ::unlink(path_.c_str()); }

  static SynthOptions small() {
    SynthOptions options;
    options.seconds = 2;
    options.cameras = 2;
    options.width = 160;
    options.height = 120;
    return options;
  }

  void write(const SynthOptions& options) {
    const auto report = write_synth_bag(path_, options);
    ASSERT_TRUE(report.ok()) << report.error().text();
  }
  std::string bytes() {
    std::ifstream file(path_, std::ios::binary);
    std::stringstream all;
    all << file.rdbuf();
    return all.str();
  }

  struct Message {
    bag::IndexedMessage indexed;
    bag::Payload payload;
  };
  /// All messages of a topic in order of time, with their bytes.
  std::vector<Message> read(const std::string& topic) {
    auto opened = bag::open_bag(path_, {});
    EXPECT_TRUE(opened.ok()) << opened.error().text();
    reader_ = std::move(opened).value();
    bag::ConnectionSet which;
    for (const bag::Connection& connection : reader_->info().connections) which.push_back(connection.topic == topic);
    std::vector<Message> messages;
    const Status status = reader_->scan(which, [&](const bag::IndexedMessage& message) -> Status {
      ASSIGN_OR_RETURN(auto payload, reader_->fetch(message.ref));
      messages.push_back({message, std::move(payload)});
      return {};
    });
    EXPECT_TRUE(status.ok()) << status.error().text();
    return messages;
  }

  std::unique_ptr<bag::BagReader> reader_;
};

std::uint32_t seq_of(const bag::Payload& payload) { return Cursor::load<std::uint32_t>(payload.bytes); }

/// Header, then what stands behind it.
Cursor behind_header(const bag::Payload& payload) {
  Cursor cursor(payload.bytes);
  EXPECT_TRUE(cursor.skip(12).ok());
  EXPECT_TRUE(cursor.skip(cursor.u32().value()).ok());
  return cursor;
}

/// The bytes of a CompressedImage.
Bytes jpeg_of(const bag::Payload& payload) {
  Cursor cursor = behind_header(payload);
  EXPECT_TRUE(cursor.skip(cursor.u32().value()).ok());
  const std::uint32_t size = cursor.u32().value();
  return cursor.take(size).value();
}

double f64(Cursor& cursor) { return std::bit_cast<double>(cursor.u64().value()); }

TEST_F(Recording, SameOptionsSameBytes) {
  write(small());
  const std::string first = bytes();
  write(small());
  EXPECT_EQ(first, bytes());
  SynthOptions other = small();
  other.seed = 2;
  write(other);
  EXPECT_NE(first, bytes());
}

TEST_F(Recording, TopicsAndRatesOfTheGenericLayout) {
  write(small());
  const std::map<std::string, std::size_t> expected{
      {"/joint_states", 400}, {"/joint_commands", 400}, {"/camera_0/image/compressed", 60}, {"/camera_1/image/compressed", 60},
      {"/diagnostics", 2},    {"/robot_description", 1}};
  for (const auto& [topic, count] : expected)
    EXPECT_NEAR(static_cast<double>(read(topic).size()), static_cast<double>(count), 1) << topic;
  std::set<std::string> topics;
  for (const bag::Connection& connection : reader_->info().connections) topics.insert(connection.topic);
  EXPECT_EQ(topics.size(), expected.size());
}

TEST_F(Recording, JointsAreTheKnownFunctionsOfTheReceiveTime) {
  const SynthOptions options = small();
  write(options);
  for (const auto& [topic, lead] : {std::pair<std::string, TimeNs>{"/joint_states", 0}, {"/joint_commands", kCommandLead}}) {
    TimeNs before = 0;
    for (const Message& message : read(topic)) {
      const TimeNs time = message.indexed.ref.time, tau = time - options.start;
      EXPECT_GE(tau, 0);
      EXPECT_GT(time, before);
      before = time;
      Cursor cursor = behind_header(message.payload);
      ASSERT_EQ(cursor.u32().value(), 7u);
      for (int j = 0; j < 7; ++j) {
        const std::uint32_t length = cursor.u32().value();
        EXPECT_EQ(as_text(cursor.take(length).value()), "joint_" + std::to_string(j + 1));
      }
      ASSERT_EQ(cursor.u32().value(), 7u);
      for (std::uint32_t j = 0; j < 7; ++j) ASSERT_EQ(f64(cursor), joint(j, tau + lead)) << topic << " " << j;
    }
  }
}

TEST_F(Recording, PicturesCarryTheirNumber) {
  write(small());
  const auto decoder = media::make_picture_decoder({});
  for (std::uint32_t camera = 0; camera < 2; ++camera) {
    const auto messages = read("/camera_" + std::to_string(camera) + "/image/compressed");
    std::uint32_t expected = 0;
    for (const Message& message : messages) {
      EXPECT_EQ(seq_of(message.payload), expected);
      media::EncodedPicture encoded;
      encoded.compressed = true;
      encoded.encoding = "jpeg";
      encoded.data = jpeg_of(message.payload);
      const auto shape = media::probe_picture(encoded);
      ASSERT_TRUE(shape.ok()) << shape.error().text();
      EXPECT_EQ(shape.value().width, 160u);
      media::Picture picture;
      ASSERT_TRUE(decoder->decode(encoded, picture).ok());
      // The luma alone is enough to read it.
      std::vector<std::uint8_t> rgb;
      for (std::uint32_t y = 0; y < 120; ++y)
        for (std::uint32_t x = 0; x < 160; ++x)
          rgb.insert(rgb.end(), 3, picture.plane(0)[static_cast<std::ptrdiff_t>(y) * picture.stride(0) + x]);
      const auto pattern = read_pattern(rgb.data(), 160, 120);
      ASSERT_TRUE(pattern) << camera << " " << expected;
      EXPECT_EQ(pattern->camera, camera);
      EXPECT_EQ(pattern->frame, expected);
      ++expected;
    }
    EXPECT_GE(expected, 59u);
  }
}

TEST_F(Recording, DropsGapsAndCutPictures) {
  SynthOptions options = small();
  options.seconds = 10;
  options.drop = 0.1;
  options.gaps = {{3.0, 3.5}, {8, 9}};
  options.corrupt = {12, 40};
  write(options);
  std::set<std::uint32_t> seen[2];
  for (std::uint32_t camera = 0; camera < 2; ++camera) {
    for (const Message& message : read("/camera_" + std::to_string(camera) + "/image/compressed")) {
      const std::uint32_t seq = seq_of(message.payload);
      seen[camera].insert(seq);
      const Bytes jpeg = jpeg_of(message.payload);
      const bool whole = jpeg.size() > 2 && jpeg[jpeg.size() - 2] == std::byte{0xff} && jpeg[jpeg.size() - 1] == std::byte{0xd9};
      EXPECT_EQ(whole, camera != 0 || (seq != 12 && seq != 40)) << seq;
    }
  }
  for (std::uint32_t frame = 0; frame < 300; ++frame) {
    const bool in_gap = (frame >= 90 && frame < 105) || (frame >= 240 && frame < 270);
    if (in_gap) {
      EXPECT_EQ(seen[0].count(frame), 0u) << frame;
    }
  }
  EXPECT_EQ(seen[0].count(105) + seen[0].count(106) + seen[0].count(107) + seen[0].count(108) > 0, true);
  EXPECT_NEAR(static_cast<double>(seen[1].size()), 270, 25);
  EXPECT_NE(seen[0].size(), seen[1].size());
}

TEST_F(Recording, RawPicturesAreRgb8) {
  SynthOptions options = small();
  options.raw = true;
  options.seconds = 0.2;
  options.corrupt = {1};
  write(options);
  const auto messages = read("/camera_0/image");
  ASSERT_GE(messages.size(), 5u);
  for (std::size_t i = 0; i < messages.size(); ++i) {
    Cursor cursor = behind_header(messages[i].payload);
    EXPECT_EQ(cursor.u32().value(), 120u);
    EXPECT_EQ(cursor.u32().value(), 160u);
    const std::uint32_t length = cursor.u32().value();
    EXPECT_EQ(as_text(cursor.take(length).value()), "rgb8");
    EXPECT_EQ(cursor.u8().value(), 0);
    EXPECT_EQ(cursor.u32().value(), 480u);
    const std::uint32_t size = cursor.u32().value();
    EXPECT_EQ(size, i == 1 ? 480u * 60 : 480u * 120);
    const Bytes data = cursor.take(size).value();
    EXPECT_TRUE(cursor.end().ok());
    if (i == 1) continue;
    const auto pattern = read_pattern(as_u8(data), 160, 120);
    ASSERT_TRUE(pattern);
    EXPECT_EQ(pattern->frame, i);
  }
}

TEST_F(Recording, KuavoHasItsTopicsTypesAndValues) {
  SynthOptions options = small();
  options.layout = "kuavo";
  options.joint_hz = 500;
  options.cameras = 3;
  options.seconds = 1;
  write(options);
  std::map<std::string, std::string> md5;
  const auto messages = read("/sensors_data_raw");
  for (const bag::Connection& connection : reader_->info().connections) md5[connection.topic] = connection.md5sum;
  EXPECT_EQ(md5["/sensors_data_raw"], "35fff741b8e115992c1ac46e99c1084f");
  EXPECT_EQ(md5["/joint_cmd"], "9ed16f87b9f90b25cdeeb417f3c21f9e");
  EXPECT_EQ(md5["/leju_claw_state"], "71c0eb8f4803a00f5667de51a2f70aac");
  EXPECT_EQ(md5["/leju_claw_command"], "57c40e80f90e7a289ae0b2488552e043");
  EXPECT_EQ(md5.count("/cam_r/color/image_raw/compressed"), 1u);
  ASSERT_NEAR(static_cast<double>(messages.size()), 500, 1);
  for (const Message& message : messages) {
    Cursor cursor = behind_header(message.payload);
    ASSERT_TRUE(cursor.skip(8).ok());  // sensor_time
    ASSERT_EQ(cursor.u32().value(), 28u);
    for (std::uint32_t j = 0; j < 28; ++j) ASSERT_EQ(f64(cursor), joint(j, message.indexed.ref.time - options.start));
  }
  for (const Message& message : read("/leju_claw_state")) {
    Cursor cursor = behind_header(message.payload);
    ASSERT_EQ(cursor.u32().value(), 2u);
    ASSERT_TRUE(cursor.skip(2).ok());
    ASSERT_TRUE(cursor.skip(4 + 4 + 9 + 4 + 10 + 4).ok());  // names, count
    const TimeNs tau = message.indexed.ref.time - options.start;
    ASSERT_EQ(f64(cursor), claw(0, tau));
    ASSERT_EQ(f64(cursor), claw(1, tau));
  }
}

TEST_F(Recording, StateOnSeveralConnections) {
  SynthOptions options = small();
  options.cameras = 0;
  options.state_connections = 3;
  write(options);
  std::map<std::uint32_t, int> by_connection;
  std::uint32_t seq = 0;
  for (const Message& message : read("/joint_states")) {
    EXPECT_EQ(seq_of(message.payload), seq++);
    ++by_connection[message.indexed.ref.connection];
  }
  EXPECT_EQ(by_connection.size(), 3u);
}

TEST_F(Recording, EveryWayToWriteTheBagHoldsTheSameMessages) {
  SynthOptions options = small();
  options.seconds = 0.5;
  options.bag.chunk_bytes = 64 * 1024;
  write(options);
  std::vector<std::string> expected;
  for (const Message& message : read("/joint_states")) expected.emplace_back(as_text(message.payload.bytes));
  for (const auto compression : {bag::Compression::none, bag::Compression::lz4, bag::Compression::bz2}) {
    for (const bool index : {true, false}) {
      options.bag.compression = compression;
      options.bag.index_section = index;
      options.bag.chunk_indexes = index;
      write(options);
      std::vector<std::string> found;
      for (const Message& message : read("/joint_states")) found.emplace_back(as_text(message.payload.bytes));
      EXPECT_EQ(found, expected);
      EXPECT_EQ(reader_->info().index, index ? bag::IndexState::indexed : bag::IndexState::walked);
    }
  }
}

TEST_F(Recording, OptionsOutOfRangeAreNamedAndNothingIsWritten) {
  const auto refused = [&](auto change, const std::string& word) {
    SynthOptions options = small();
    change(options);
    const auto report = write_synth_bag(path_, options);
    ASSERT_FALSE(report.ok());
    EXPECT_EQ(report.error().kind(), ErrorKind::invalid);
    EXPECT_NE(report.error().text().find(word), std::string::npos) << report.error().text();
    EXPECT_NE(::access(path_.c_str(), F_OK), 0);
  };
  refused([](SynthOptions& o) { o.seconds = 0; }, "seconds");
  refused([](SynthOptions& o) { o.seconds = std::numeric_limits<double>::quiet_NaN(); }, "seconds");
  refused([](SynthOptions& o) { o.layout = "tiago"; }, "tiago");
  refused([](SynthOptions& o) { o.width = 40; }, "80x60");
  refused([](SynthOptions& o) { o.layout = "kuavo", o.cameras = 4; }, "3 cameras");
  refused([](SynthOptions& o) { o.drop = 2; }, "drop");
  refused([](SynthOptions& o) { o.gaps = {{2, 1}}; }, "gap");
  refused([](SynthOptions& o) { o.joint_hz = -1; }, "joint-hz");
  refused([](SynthOptions& o) { o.quality = 101; }, "quality");
  refused([](SynthOptions& o) { o.start = -1; }, "start");
}

TEST_F(Recording, AStoppedRunLeavesNoFile) {
  SynthOptions options = small();
  int asked = 0;
  options.stop = [&] { return ++asked > 50; };
  const auto report = write_synth_bag(path_, options);
  ASSERT_FALSE(report.ok());
  EXPECT_EQ(report.error().kind(), ErrorKind::stopped);
  EXPECT_NE(::access(path_.c_str(), F_OK), 0);
}

TEST_F(Recording, AFolderThatIsNotThereIsAnError) {
  const auto report = write_synth_bag("/nonexistent/folder/x.bag", small());
  ASSERT_FALSE(report.ok());
}

}  // namespace
}  // namespace bagloom::synth
