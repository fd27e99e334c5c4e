#include "cli/recordings.h"

#include <gtest/gtest.h>
#include <unistd.h>

#include <filesystem>
#include <fstream>

namespace bagloom::cli {
namespace {

TEST(Recordings, AFolderMeansItsBagsInOrder) {
  const auto folder = std::filesystem::path(testing::TempDir()) / ("recordings_" + std::to_string(::getpid()));
  std::filesystem::create_directories(folder / "sub.bag");
  std::filesystem::create_directories(folder / "none");
  for (const char* name : {"b.bag", "a.bag", "c.bag.active", "d.txt"}) std::ofstream(folder / name) << "x";
  const auto inputs = expand_recordings({"z.bag", folder.string(), (folder / "none").string()});
  ASSERT_EQ(inputs.size(), 4u);
  EXPECT_EQ(inputs[0].path, "z.bag");
  EXPECT_EQ(inputs[1].path, (folder / "a.bag").string());
  EXPECT_EQ(inputs[2].path, (folder / "b.bag").string());
  ASSERT_TRUE(inputs[3].error);
  EXPECT_EQ(inputs[3].error->kind(), ErrorKind::unreadable);
  EXPECT_FALSE(recording_paths({folder.string(), (folder / "none").string()}).ok());
  EXPECT_EQ(recording_paths({folder.string()}).value().size(), 2u);
  std::filesystem::remove_all(folder);
}

bag::Connection connection(const char* topic, const char* type, std::uint64_t messages, TimeNs start, TimeNs end, bool latching) {
  bag::Connection made;
  made.topic = topic;
  made.type = type;
  made.messages = messages;
  made.bytes = messages * 10;
  made.start = start;
  made.end = end;
  made.latching = latching;
  return made;
}

TEST(Recordings, ConnectionsOfATopicAreMerged) {
  bag::BagInfo info;
  info.connections = {connection("/b", "x/Y", 3, 200, 400, true), connection("/a", "x/Y", 1, 5, 5, true),
                      connection("/b", "x/Y", 0, 0, 0, false), connection("/b", "x/Z", 2, 100, 300, false)};
  const auto topics = topics_of(info);
  ASSERT_EQ(topics.size(), 2u);
  EXPECT_EQ(topics[0].name, "/a");
  EXPECT_TRUE(topics[0].latching);
  EXPECT_EQ(topics[0].rate_hz(), 0);
  EXPECT_EQ(topics[1].type, "x/Y, x/Z");
  EXPECT_EQ(topics[1].messages, 5u);
  EXPECT_EQ(topics[1].bytes, 50u);
  EXPECT_EQ(topics[1].start, 100);
  EXPECT_EQ(topics[1].end, 400);
  EXPECT_FALSE(topics[1].latching);
  EXPECT_EQ(topics[1].connections, (std::vector<std::uint32_t>{0, 2, 3}));
  EXPECT_NEAR(topics[1].rate_hz(), 4 / 300e-9, 1);
}

}  // namespace
}  // namespace bagloom::cli
