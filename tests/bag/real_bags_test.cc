// Every ROS 1 and MCAP file of the collection of real recordings, against its manifest.
#include <gtest/gtest.h>

#include <filesystem>
#include <fstream>
#include <map>
#include <sstream>

#include "bag/bag_reader.h"
#include "bag/raw_bag.h"

namespace bagloom::bag {
namespace {

struct Expected {
  std::string file;
  std::uint64_t messages = 0;
  std::string compression;
  std::map<std::string, std::pair<std::string, std::uint64_t>> topics;  // name: type, count
};

/// "/rosout rosgraph_msgs/Log x10 (3 connections); chatter std_msgs/String x2".
std::map<std::string, std::pair<std::string, std::uint64_t>> parse_topics(const std::string& text) {
  std::map<std::string, std::pair<std::string, std::uint64_t>> topics;
  std::istringstream items(text);
  for (std::string item; std::getline(items, item, ';');) {
    std::istringstream words(item);
    std::string name, type, count;
    words >> name >> type >> count;
    if (!name.empty()) topics[name] = {type, std::stoull(count.substr(1))};
  }
  return topics;
}

const std::filesystem::path& folder() {
  static const std::filesystem::path path = BAGLOOM_SOURCE_DIR "/../shared/data/real-bags";
  return path;
}

/// Of files whose names begin and end so.
std::vector<Expected> manifest(std::string_view begin, std::string_view end) {
  std::vector<Expected> all;
  std::ifstream file(folder() / "MANIFEST.tsv");
  for (std::string line; std::getline(file, line);) {
    std::vector<std::string> columns;
    std::istringstream cells(line);
    for (std::string cell; std::getline(cells, cell, '\t');) columns.push_back(cell);
    if (columns.size() < 14 || !columns[0].starts_with(begin) || !columns[0].ends_with(end)) continue;
    all.push_back({columns[0], columns[11].empty() ? 0 : std::stoull(columns[11]), columns[10], parse_topics(columns[13])});
  }
  return all;
}

class RealBags : public testing::Test {
 protected:
  void SetUp() override {
    if (!std::filesystem::exists(folder() / "MANIFEST.tsv")) GTEST_SKIP() << "no real recordings here";
  }
  static std::unique_ptr<BagReader> open(const std::string& file) {
    auto reader = open_bag((folder() / file).string(), {});
    EXPECT_TRUE(reader.ok()) << reader.error().text();
    return reader.ok() ? std::move(*reader) : nullptr;
  }
};

TEST_F(RealBags, CountsAndTopicsAreTheManifests) {
  int opened = 0;
  for (const Expected& expected : manifest("ros1/", "")) {
    SCOPED_TRACE(expected.file);
    if (expected.file == "ros1/empty_file.bag") {
      auto reader = open_bag((folder() / expected.file).string(), {});
      ASSERT_FALSE(reader.ok());
      EXPECT_EQ(reader.error().kind(), ErrorKind::unreadable);
      continue;
    }
    const auto reader = open(expected.file);
    ASSERT_NE(reader, nullptr);
    ++opened;
    const BagInfo& info = reader->info();
    EXPECT_EQ(info.messages, expected.messages);
    if (!expected.compression.empty()) {
      EXPECT_EQ(info.compression, expected.compression.substr(0, expected.compression.find(' ')));
    }
    std::map<std::string, std::pair<std::string, std::uint64_t>> topics;
    for (const Connection& connection : info.connections) {
      if (connection.messages == 0) continue;
      topics[connection.topic].first = connection.type;
      topics[connection.topic].second += connection.messages;
    }
    EXPECT_EQ(topics, expected.topics);
    EXPECT_EQ(raw::read_all(*reader).size(), expected.messages);
    EXPECT_FALSE(raw::any_loss(info)) << raw::damage_text(info);
  }
  EXPECT_GE(opened, 20);
}

TEST_F(RealBags, McapCountsAndTopicsAreTheManifests) {
  int opened = 0;
  for (Expected& expected : manifest("mcap/", ".mcap")) {
    SCOPED_TRACE(expected.file);
    const auto reader = open(expected.file);
    ASSERT_NE(reader, nullptr);
    ++opened;
    const BagInfo& info = reader->info();
    EXPECT_EQ(info.format, "mcap");
    EXPECT_EQ(info.messages, expected.messages);
    const bool frames = expected.file.starts_with("mcap/message_zstd");  // the list says what its chunks are
    EXPECT_EQ(info.by_message, frames);
    EXPECT_EQ(info.compression, frames ? "zstd" : expected.compression.substr(0, expected.compression.find(' ')));
    std::map<std::string, std::pair<std::string, std::uint64_t>> topics;
    for (const Connection& connection : info.connections) {
      topics[connection.topic].first = connection.type;
      topics[connection.topic].second += connection.messages;
      EXPECT_EQ(connection.encoding, "cdr");
      EXPECT_EQ(connection.definition_encoding, "ros2msg");
      EXPECT_EQ(connection.definition.empty(), connection.type == "std_msgs/msg/Empty") << connection.topic;
    }
    if (expected.file == "mcap/truncated.mcap") {  // the summary, and with it channels without messages, is cut off
      std::erase_if(expected.topics, [](const auto& topic) { return topic.second.second == 0; });
      EXPECT_EQ(info.index, IndexState::chunk_indexes);
      EXPECT_FALSE(info.damage.empty());
    } else {
      EXPECT_EQ(info.index, IndexState::indexed);
      EXPECT_EQ(raw::damage_text(info), "");
    }
    EXPECT_EQ(topics, expected.topics);
    const auto messages = raw::read_all(*reader);
    EXPECT_EQ(messages.size(), expected.messages);
    for (const raw::Seen& message : messages) EXPECT_EQ(message.data.at(0), '\0') << "CDR begins with 00 00 to 00 0b";
    EXPECT_EQ(raw::any_loss(info), expected.file == "mcap/truncated.mcap") << raw::damage_text(info);
  }
  EXPECT_GE(opened, 12);
}

TEST_F(RealBags, WrongOffsetsAreSaidAndWalkedOver) {
  for (const std::string file : {"ros1/t265_fisheye_mono8_a.bag", "ros1/kuavo_full_topics_one_msg_each.bag"}) {
    SCOPED_TRACE(file);
    const auto reader = open(file);
    ASSERT_NE(reader, nullptr);
    EXPECT_EQ(reader->info().index, IndexState::walked);
    EXPECT_NE(raw::damage_text(reader->info()).find("the chunk's index is wrong"), std::string::npos)
        << raw::damage_text(reader->info());
  }
}

TEST_F(RealBags, SoundFilesHaveNoDamage) {
  for (const std::string file : {"ros1/tf_lz4.bag", "ros1/husky_gps_imu_bz2.bag", "ros1/tilt_laser.bag", "ros1/unindexed.bag"}) {
    SCOPED_TRACE(file);
    const auto reader = open(file);
    ASSERT_NE(reader, nullptr);
    EXPECT_EQ(raw::damage_text(reader->info()), "");
    EXPECT_EQ(reader->info().index, file == "ros1/unindexed.bag" ? IndexState::chunk_indexes : IndexState::indexed);
  }
}

TEST_F(RealBags, TwinsOfOneRecordingHaveOneSpan) {
  // The bz2 copy was written by a tool that does not keep the connections' latching.
  const auto plain = open("ros1/turtlesim_none.bag"), bz2 = open("ros1/turtlesim_bz2.bag");
  ASSERT_TRUE(plain != nullptr && bz2 != nullptr);
  EXPECT_EQ(plain->info().start, bz2->info().start);
  EXPECT_EQ(plain->info().end, bz2->info().end);
}

}  // namespace
}  // namespace bagloom::bag
