#include "cli/new_file.h"

#include <gtest/gtest.h>
#include <unistd.h>

#include <filesystem>
#include <fstream>
#include <sstream>

namespace bagloom::cli {
namespace {

class NewFile : public testing::Test {
 protected:
  std::filesystem::path folder_ = std::filesystem::path(testing::TempDir()) / ("new_file_" + std::to_string(::getpid()));
  void SetUp() override { std::filesystem::create_directories(folder_); }
  void TearDown() override { std::filesystem::remove_all(folder_); }
  std::string path(const char* name) { return (folder_ / name).string(); }
  std::string text(const char* name) {
    std::ifstream file(path(name));
    std::stringstream all;
    all << file.rdbuf();
    return all.str();
  }
};

TEST_F(NewFile, IsWrittenWhole) {
  ASSERT_TRUE(write_new_file(path("a"), "hello\n", false).ok());
  EXPECT_EQ(text("a"), "hello\n");
}

TEST_F(NewFile, IsNotReplacedWithoutForce) {
  ASSERT_TRUE(write_new_file(path("a"), "one", false).ok());
  const Status again = write_new_file(path("a"), "two", false);
  ASSERT_FALSE(again.ok());
  EXPECT_EQ(again.error().kind(), ErrorKind::invalid);
  EXPECT_NE(again.error().text().find("--force"), std::string::npos);
  EXPECT_EQ(text("a"), "one");
  ASSERT_TRUE(write_new_file(path("a"), "two", true).ok());
  EXPECT_EQ(text("a"), "two");
}

TEST_F(NewFile, FailuresLeaveNothing) {
  EXPECT_EQ(write_new_file(path("no/such/folder"), "x", false).error().kind(), ErrorKind::io);
  std::filesystem::create_directories(folder_ / "taken" / "inside");
  EXPECT_FALSE(write_new_file(path("taken"), "x", true).ok());
  int entries = 0;
  for ([[maybe_unused]] const auto& entry : std::filesystem::directory_iterator(folder_)) ++entries;
  EXPECT_EQ(entries, 1);
}

}  // namespace
}  // namespace bagloom::cli
