#include "base/source.h"

#include <gtest/gtest.h>
#include <sys/stat.h>
#include <unistd.h>

#include <cstring>
#include <fstream>

namespace bagloom {
namespace {

std::vector<std::byte> ten_bytes() {
  std::vector<std::byte> bytes(10);
  for (std::size_t i = 0; i < bytes.size(); ++i) bytes[i] = static_cast<std::byte>(i);
  return bytes;
}

class SourceTest : public testing::Test {
 protected:
  void TearDown() override { ::unlink(path_.c_str()); }
  const std::string path_ = testing::TempDir() + "source_test_" + std::to_string(::getpid());
};

TEST_F(SourceTest, FileAndMemoryReadTheSame) {
  const auto bytes = ten_bytes();
  std::ofstream(path_, std::ios::binary)
      .write(reinterpret_cast<const char*>(bytes.data()), static_cast<std::streamsize>(bytes.size()));
  auto file = open_file(path_);
  ASSERT_TRUE(file.ok());
  const MemorySource memory("m", bytes);
  for (std::uint64_t offset = 0; offset < 13; ++offset) {
    for (std::size_t want = 0; want < 13; ++want) {
      std::vector<std::byte> a(want), b(want);
      const auto from_file = (*file)->read_at(offset, a);
      const auto from_memory = memory.read_at(offset, b);
      ASSERT_TRUE(from_file.ok() && from_memory.ok());
      EXPECT_EQ(*from_file, *from_memory);
      EXPECT_EQ(a, b);
    }
  }
  EXPECT_EQ((*file)->size(), 10u);
  EXPECT_EQ((*file)->name(), path_);
  for (const Source* source : {static_cast<const Source*>(file->get()), static_cast<const Source*>(&memory)}) {
    source->announce(5, 100);  // hints change nothing that is read
    source->expect(Source::Access::scattered);
    std::vector<std::byte> head(4);
    const auto got = source->peek(head);
    ASSERT_TRUE(got.ok());
    EXPECT_EQ(*got, 4u);
    EXPECT_TRUE(std::equal(head.begin(), head.end(), bytes.begin()));
  }
}

TEST_F(SourceTest, ReadingExactlyPastTheEndNamesTheOffset) {
  const MemorySource memory("m", ten_bytes());
  std::vector<std::byte> out(4);
  EXPECT_TRUE(memory.read_exactly(6, out).ok());
  EXPECT_EQ(memory.read_exactly(8, out).error().text(), "wanted 4 bytes at 0x8, the file ends after 2");
}

TEST_F(SourceTest, WhatIsNoFileIsUnreadable) {
  const auto absent = open_file(path_ + ".absent");
  ASSERT_FALSE(absent.ok());
  EXPECT_EQ(absent.error().kind(), ErrorKind::unreadable);
  EXPECT_NE(absent.error().text().find(path_), std::string::npos);
  EXPECT_EQ(open_file(testing::TempDir()).error().kind(), ErrorKind::unreadable);
  EXPECT_EQ(open_file("/dev/null").error().text(), "/dev/null: is not a regular file");
}

TEST_F(SourceTest, AFifoIsRefusedAndNotWaitedFor) {
  ASSERT_EQ(::mkfifo(path_.c_str(), 0600), 0);
  EXPECT_EQ(open_file(path_).error().text(), path_ + ": is not a regular file");
}

TEST_F(SourceTest, FaultySourceFailsWhereItIsTold) {
  const FaultySource faulty(std::make_unique<MemorySource>("m", ten_bytes()), 5);
  std::vector<std::byte> out(5);
  EXPECT_TRUE(faulty.read_at(0, out).ok());
  const auto failed = faulty.read_at(1, out);
  ASSERT_FALSE(failed.ok());
  EXPECT_EQ(failed.error().kind(), ErrorKind::io);
}

}  // namespace
}  // namespace bagloom
