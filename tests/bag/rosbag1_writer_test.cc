// The writer's files through our reader, byte by byte where the layout matters. Other readers: writer_independent_test.py.
#include "bag/rosbag1_writer.h"

#include <gtest/gtest.h>
#include <unistd.h>

#include <cstdio>
#include <filesystem>
#include <fstream>

#include "bag/raw_bag.h"

namespace bagloom::bag {
namespace {

class WriterTest : public testing::Test {
 protected:
  ~WriterTest() override { std::filesystem::remove(path_); }

  std::unique_ptr<Rosbag1Writer> create(const Rosbag1WriterOptions& options = {}) {
    auto writer = Rosbag1Writer::create(path_, options);
    EXPECT_TRUE(writer.ok());
    return std::move(*writer);
  }
  std::string bytes() const {
    std::ifstream file(path_, std::ios::binary);
    return {std::istreambuf_iterator<char>(file), {}};
  }
  std::unique_ptr<BagReader> read() const {
    auto reader = open_bag(path_, {});
    EXPECT_TRUE(reader.ok()) << reader.error().text();
    return std::move(*reader);
  }

  std::string path_ = testing::TempDir() + "/writer-" + std::to_string(::getpid()) + ".bag";
};

TEST_F(WriterTest, TheFirstChunkIsWhereToolsExpectIt) {
  auto writer = create();
  const auto id = writer->add_connection("/a", "std_msgs/String", "*", "string data\n", true);
  ASSERT_TRUE(writer->write(id, 5, as_bytes("payload")).ok());
  ASSERT_TRUE(writer->finish().ok());
  const std::string all = bytes();
  EXPECT_TRUE(all.starts_with("#ROSBAG V2.0\n"));
  EXPECT_EQ(all.find("compression=none"), 4117u + 8u);
  const auto reader = read();
  EXPECT_EQ(reader->info().index, IndexState::indexed);
  EXPECT_TRUE(reader->info().connections.at(0).latching);
  EXPECT_EQ(raw::payloads(*reader), "payload");
  EXPECT_EQ(raw::damage_text(reader->info()), "");
}

TEST_F(WriterTest, Lz4FramesHaveTheFlagsOfRecorders) {
  Rosbag1WriterOptions options;
  options.compression = Compression::lz4;
  auto writer = create(options);
  const auto id = writer->add_connection("/a", "std_msgs/String", "*", "");
  ASSERT_TRUE(writer->write(id, 5, as_bytes(std::string(2000, 'x'))).ok());
  ASSERT_TRUE(writer->finish().ok());
  const std::string all = bytes();
  EXPECT_NE(all.find("\x04\x22\x4d\x18\x64\x60\x85"), std::string::npos);  // bag-formats.md 1.4
}

TEST_F(WriterTest, ChunksCloseOnceTheyPassTheirSize) {
  for (const Compression compression : {Compression::none, Compression::lz4, Compression::bz2}) {
    Rosbag1WriterOptions options;
    options.chunk_bytes = 1000;
    options.compression = compression;
    auto writer = create(options);
    const auto id = writer->add_connection("/a", "std_msgs/String", "*", "");
    for (int i = 0; i < 100; ++i) ASSERT_TRUE(writer->write(id, i, as_bytes(std::string(54, 'x'))).ok());
    ASSERT_TRUE(writer->finish().ok());
    const auto reader = read();
    EXPECT_EQ(reader->info().chunks, 10u);
    EXPECT_LE(reader->info().largest_chunk_bytes, 1100u);
    EXPECT_EQ(raw::read_all(*reader).size(), 100u);
  }
}

TEST_F(WriterTest, ABagWithoutMessages) {
  auto writer = create();
  writer->add_connection("/silent", "std_msgs/String", "*", "string data\n");
  ASSERT_TRUE(writer->finish().ok());
  const auto reader = read();
  EXPECT_EQ(reader->info().messages, 0u);
  EXPECT_EQ(reader->info().chunks, 0u);
  ASSERT_EQ(reader->info().connections.size(), 1u);
  EXPECT_EQ(reader->info().connections[0].definition, "string data\n");
  EXPECT_EQ(reader->info().index, IndexState::indexed);
  EXPECT_EQ(raw::damage_text(reader->info()), "");
}

TEST_F(WriterTest, WrongUseIsAnError) {
  auto writer = create();
  EXPECT_FALSE(writer->write(0, 5, {}).ok());
  const auto id = writer->add_connection("/a", "std_msgs/String", "*", "");
  EXPECT_FALSE(writer->write(id, -1, {}).ok());
  EXPECT_FALSE(writer->write(id, 5'000'000'000ll * 1'000'000'000ll, {}).ok());
  EXPECT_TRUE(writer->write(id, 0, {}).ok());
  EXPECT_TRUE(writer->finish().ok());
  EXPECT_FALSE(Rosbag1Writer::create(testing::TempDir() + "/no/such/folder/a.bag", {}).ok());
  EXPECT_EQ(raw::read_all(*read()).size(), 1u);
}

TEST_F(WriterTest, AFullDiskIsTemporary) {
  if (!std::filesystem::exists("/dev/full")) GTEST_SKIP();
  auto writer = Rosbag1Writer::create("/dev/full", {});
  if (!writer.ok()) {
    EXPECT_EQ(writer.error().kind(), ErrorKind::temporary);
    return;
  }
  const auto id = (*writer)->add_connection("/a", "std_msgs/String", "*", "");
  Status status;
  for (int i = 0; i < 100 && status.ok(); ++i) status = (*writer)->write(id, i, as_bytes(std::string(1'000'000, 'x')));
  ASSERT_FALSE(status.ok());
  EXPECT_EQ(status.error().kind(), ErrorKind::temporary) << status.error().text();
}

}  // namespace
}  // namespace bagloom::bag
