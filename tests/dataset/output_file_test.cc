#include "dataset/output_file.h"

#include <gtest/gtest.h>

#include <cerrno>

#include "dataset/temp_folder.h"

namespace bagloom::dataset {
namespace {

TEST(OutputFile, HasItsNameOnlyWhenCommitted) {
  TempFolder folder;
  auto file = OutputFile::create(folder / "a");
  ASSERT_TRUE(file.ok());
  const std::string large(200'000, 'x');
  ASSERT_TRUE((*file)->write(as_bytes("begin ")).ok());
  ASSERT_TRUE((*file)->write(as_bytes(large)).ok());
  ASSERT_TRUE((*file)->write(as_bytes(" end")).ok());
  EXPECT_FALSE(std::filesystem::exists(folder / "a"));
  ASSERT_TRUE((*file)->commit(true).ok());
  file->reset();
  EXPECT_EQ(read_text(folder / "a"), "begin " + large + " end");
  EXPECT_FALSE(std::filesystem::exists(folder / "a.tmp"));
}

TEST(OutputFile, AbandonedKeepsTheOldFile) {
  TempFolder folder;
  write_text(folder / "a", "old");
  {
    auto file = OutputFile::create(folder / "a");
    ASSERT_TRUE((*file)->write(as_bytes("new")).ok());
  }
  EXPECT_EQ(read_text(folder / "a"), "old");
  EXPECT_FALSE(std::filesystem::exists(folder / "a.tmp"));
}

TEST(OutputFile, FullDiskIsTemporary) {
  if (!std::filesystem::exists("/dev/full")) GTEST_SKIP();
  TempFolder folder;
  std::filesystem::create_symlink("/dev/full", folder / "a.tmp");
  auto file = OutputFile::create(folder / "a");
  ASSERT_TRUE(file.ok());
  const std::string large(200'000, 'x');
  const Status status = (*file)->write(as_bytes(large));
  ASSERT_FALSE(status.ok());
  EXPECT_EQ(status.error().kind(), ErrorKind::temporary);
  EXPECT_EQ(system_error("a", "write", EACCES).kind(), ErrorKind::io);
}

TEST(OutputFile, FoldersAreSyncedUpToTheTop) {
  TempFolder folder;
  ASSERT_TRUE(make_parent_folders(folder / "x/y/z/file").ok());
  EXPECT_TRUE(std::filesystem::is_directory(folder / "x/y/z"));
  EXPECT_TRUE(sync_folders_of(folder.path(), {"x/y/z/file", "x/y/other", "top"}).ok());
  EXPECT_TRUE(sync_folders_of(folder.path() + "/", {"x/y/z/file"}).ok());
  EXPECT_FALSE(sync_folders_of(folder.path(), {"x/y/z/file", "x/none/file"}).ok());
}

}  // namespace
}  // namespace bagloom::dataset
