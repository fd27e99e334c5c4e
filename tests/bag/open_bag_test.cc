// What is refused, and in which words.
#include <gtest/gtest.h>

#include <filesystem>

#include "bag/raw_bag.h"

namespace bagloom::bag {
namespace {

std::string refusal(std::string_view bytes) {
  auto reader = raw::open(bytes);
  if (reader.ok()) return "opened";
  EXPECT_EQ(reader.error().kind(), ErrorKind::unreadable);
  const std::string text = reader.error().text();
  EXPECT_EQ(text.find('\n'), std::string::npos) << text;
  EXPECT_TRUE(text.starts_with("made.bag: ")) << text;
  return text.substr(10);
}

TEST(OpenBag, RefusesWhatIsNoRecording) {
  using std::string_literals::operator""s;
  EXPECT_EQ(refusal(""), "the file is empty");
  EXPECT_EQ(refusal("hello world, this is a text"), "not a recording: neither ROS 1 bag nor MCAP nor rosbag2");
  EXPECT_EQ(refusal("#ROSBAG V1.2\nxxxxxxxxxxx"),
            "a ROS 1 bag of an older format (#ROSBAG V1.2); convert it with `rosbag fix` first");
  EXPECT_EQ(refusal("#ROSRECORD V1.1\nxxxxxxxxxxx"),
            "a ROS 1 bag of an older format (#ROSRECORD V1.1); convert it with `rosbag fix` first");
  EXPECT_EQ(refusal("\x89MCAP0\r\nxxxxxxxxx"), "an MCAP file that is cut within its header record (17 bytes)");
  EXPECT_EQ(refusal("\x89MCAP0\nxxxxxxxxx"), "an MCAP file that went through a line-ending conversion");
  EXPECT_EQ(refusal("SQLite format 3\0xxxxxxxxx"s), "SQLite: file is not a database");
  EXPECT_EQ(refusal("SQLite for"), "an SQLite file that is cut within its first line");
  EXPECT_EQ(refusal("\x28\xb5\x2f\xfdxxxxx"), "a zstd-compressed file, not a recording (zstd: Unsupported frame parameter)");
  EXPECT_EQ(refusal("#ROSBAG V2.0\r\n....."), "a ROS 1 bag whose first line went through a line-ending conversion");
}

TEST(OpenBag, RefusesAFileCutWithinItsHeader) {
  const std::string header = raw::file_header(0, 0, 0);
  for (std::size_t n = 1; n < header.size(); ++n) {
    const std::string text = refusal(std::string_view(header).substr(0, n));
    EXPECT_NE(text.find("cut within its"), std::string::npos) << n << ": " << text;
  }
  EXPECT_TRUE(raw::open(header).ok());
}

TEST(OpenBag, RefusesEncryptedBagsByName) {
  EXPECT_EQ(refusal(raw::file_header(0, 0, 0, 20, raw::field("encryptor", "rosbag/AesCbcEncryptor"))),
            "an encrypted ROS 1 bag (rosbag/AesCbcEncryptor); decrypt it first, for example with `rosbag decrypt`");
  EXPECT_TRUE(raw::open(raw::file_header(0, 0, 0, 20, raw::field("encryptor", ""))).ok());
}

TEST(OpenBag, RefusesABagThatBeginsWithAnotherRecord) {
  EXPECT_EQ(refusal("#ROSBAG V2.0\n" + raw::connection(0, "/a")), "a ROS 1 bag whose first record is not a file header");
}

TEST(OpenBag, RefusesAFileHeaderOfGarbage) {
  EXPECT_NE(refusal("#ROSBAG V2.0\n" + std::string(5000, '\xff')).find("without a file header"), std::string::npos);
}

TEST(OpenBag, FileHeaderOfAnyLength) {
  for (const std::size_t padding : {std::size_t{0}, std::size_t{1}, std::size_t{4027}, std::size_t{4048}, std::size_t{100'000}}) {
    auto reader = raw::open(raw::file_header(0, 0, 0, padding) + raw::chunk("none", 0, ""));
    ASSERT_TRUE(reader.ok()) << padding;
    EXPECT_EQ((*reader)->info().messages, 0u);
  }
}

TEST(OpenBag, FoldersAndMissingFilesAreUnreadable) {
  auto missing = open_bag(testing::TempDir() + "/there-is-no-such.bag", {});
  ASSERT_FALSE(missing.ok());
  EXPECT_EQ(missing.error().kind(), ErrorKind::unreadable);
  const std::string empty = testing::TempDir() + "/open_bag_test_empty_folder";
  std::filesystem::create_directories(empty);
  auto folder = open_bag(empty, {});
  std::filesystem::remove(empty);
  ASSERT_FALSE(folder.ok());
  EXPECT_EQ(folder.error().kind(), ErrorKind::unreadable);
}

}  // namespace
}  // namespace bagloom::bag
