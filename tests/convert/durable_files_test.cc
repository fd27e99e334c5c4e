#include "convert/durable_files.h"

#include <fstream>

#include "convert/temporary_folder.h"

namespace bagloom::convert {
namespace {

class DurableFilesTest : public TemporaryFolderTest {};

TEST_F(DurableFilesTest, WritesWholeFilesAndLeavesNoTemporaries) {
  ASSERT_TRUE(write_durably(path("a"), "one").ok());
  ASSERT_TRUE(write_durably(path("a"), "two").ok());
  EXPECT_EQ(*read_small_file(path("a"), 100), "two");
  EXPECT_FALSE(exists(path("a.tmp")));
  EXPECT_EQ(file_bytes(path("a")), 3u);
  EXPECT_EQ(file_bytes(path("b")), 0u);
  EXPECT_EQ(read_small_file(path("a"), 2).error().kind(), ErrorKind::unreadable);
}

TEST_F(DurableFilesTest, FoldersChangePlaces) {
  ASSERT_TRUE(make_folders(path("new")).ok());
  ASSERT_TRUE(make_folders(path("old")).ok());
  ASSERT_TRUE(write_durably(path("new/f"), "new").ok());
  ASSERT_TRUE(write_durably(path("old/f"), "older").ok());
  ASSERT_TRUE(replace(path("new"), path("old"), path("aside")).ok());
  EXPECT_FALSE(exists(path("aside")));
  EXPECT_EQ(*read_small_file(path("old/f"), 100), "new");
  ASSERT_TRUE(put_in_place(path("old"), path("final")).ok());
  EXPECT_EQ(*read_small_file(path("final/f"), 100), "new");
  EXPECT_FALSE(put_in_place(path("new"), path("final")).ok()) << "never over something that is there";
  EXPECT_EQ(tree_bytes(path("final")), 3u);
}

TEST_F(DurableFilesTest, ErrorsNameThePath) {
  const auto status = write_durably(path("absent/f"), "x");
  ASSERT_FALSE(status.ok());
  EXPECT_NE(status.error().text().find("absent/f"), std::string::npos);
  EXPECT_EQ(system_error("write", ENOSPC).kind(), ErrorKind::temporary);
  EXPECT_EQ(system_error("write", EIO).kind(), ErrorKind::io);
}

TEST_F(DurableFilesTest, FreeSpaceOfAFolderThatIsNotThereYet) { EXPECT_GT(free_bytes(path("not/yet/there")), 0u); }

}  // namespace
}  // namespace bagloom::convert
