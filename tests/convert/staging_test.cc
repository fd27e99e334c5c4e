#include "convert/staging.h"

#include <sys/wait.h>
#include <unistd.h>

#include <cerrno>

#include "convert/durable_files.h"
#include "convert/rename_without_flags.h"
#include "convert/temporary_folder.h"

namespace bagloom::convert {
namespace {

class StagingTest : public TemporaryFolderTest {};

TEST_F(StagingTest, GoesOnWithTheSameJobOnly) {
  const std::string out = path("out");
  {
    auto staging = Staging::open(out, R"({"recipe":"a"})", false);
    ASSERT_TRUE(staging.ok()) << staging.error().text();
    EXPECT_FALSE((*staging)->resumed());
    ASSERT_TRUE((*staging)->write_record("recording-000000.json", "{}").ok());
  }
  {
    auto again = Staging::open(out, R"({"recipe":"a"})", false);
    ASSERT_TRUE(again.ok());
    EXPECT_TRUE((*again)->resumed());
    EXPECT_EQ((*again)->read_record("recording-000000.json"), "{}");
    EXPECT_FALSE((*again)->read_record("recording-000001.json"));
  }
  const auto other = Staging::open(out, R"({"recipe":"b"})", false);
  ASSERT_FALSE(other.ok());
  EXPECT_EQ(other.error().kind(), ErrorKind::invalid);
  EXPECT_NE(other.error().text().find("recipe differs"), std::string::npos) << other.error().text();
  auto restarted = Staging::open(out, R"({"recipe":"b"})", true);
  ASSERT_TRUE(restarted.ok());
  EXPECT_FALSE((*restarted)->resumed());
  EXPECT_FALSE((*restarted)->read_record("recording-000000.json")) << "records of the other job are gone";
}

TEST_F(StagingTest, OneProcessAtATime) {
  auto first = Staging::open(path("out"), "{}", false);
  ASSERT_TRUE(first.ok());
  const auto second = Staging::open(path("out"), "{}", false);
  ASSERT_FALSE(second.ok());
  EXPECT_EQ(second.error().kind(), ErrorKind::temporary);
}

TEST_F(StagingTest, NeverTouchesAFolderThatIsNotIts) {
  ASSERT_TRUE(make_folders(path("out.bagloom")).ok());
  ASSERT_TRUE(write_durably(path("out.bagloom/precious"), "x").ok());
  const auto staging = Staging::open(path("out"), "{}", true);
  ASSERT_FALSE(staging.ok());
  EXPECT_EQ(staging.error().kind(), ErrorKind::invalid);
  EXPECT_EQ(*read_small_file(path("out.bagloom/precious"), 10), "x");
}

TEST_F(StagingTest, FinishPutsTheDatasetInPlaceAndGoes) {
  auto staging = Staging::open(path("out/"), "{}", false);
  ASSERT_TRUE(staging.ok());
  EXPECT_EQ((*staging)->folder(), path("out.bagloom"));
  ASSERT_TRUE(write_durably((*staging)->dataset() + "/info.json", "x").ok());
  ASSERT_TRUE((*staging)->finish(path("out/")).ok());
  EXPECT_TRUE(exists(path("out/info.json")));
  EXPECT_FALSE(exists(path("out.bagloom")));
}

TEST_F(StagingTest, FinishReplacesAnOlderDatasetWhereTheFileSystemCannotExchange) {
  for (const int code : {EINVAL, ENOSYS, EOPNOTSUPP}) {
    SCOPED_TRACE(code);
    const RenameWithoutFlags file_system(code);
    std::filesystem::remove_all(path("out"));
    for (const char* const generation : {"first", "second", "third"}) {
      auto staging = Staging::open(path("out"), "{}", false);
      ASSERT_TRUE(staging.ok());
      ASSERT_TRUE(write_durably((*staging)->dataset() + "/generation", generation).ok());
      const Status finished = (*staging)->finish(path("out/"));
      ASSERT_TRUE(finished.ok()) << finished.error().text();
      EXPECT_EQ(*read_small_file(path("out/generation"), 10), generation);
      EXPECT_FALSE(exists(path("out.bagloom")));
    }
  }
}

TEST_F(StagingTest, ADatasetIsNeverLostWhereARunIsKilledWhileItReplacesIt) {
  ASSERT_TRUE(make_folders(path("out")).ok());
  ASSERT_TRUE(write_durably(path("out/generation"), "old").ok());
  for (const int fatal : {1, 2, 3}) {
    SCOPED_TRACE(fatal);
    const pid_t child = ::fork();
    if (child == 0) {
      auto staging = Staging::open(path("out"), "{}", false);
      if (!staging.ok() || !write_durably((*staging)->dataset() + "/generation", "new").ok()) ::_exit(1);
      const RenameWithoutFlags file_system(EINVAL, fatal);
      ::_exit((*staging)->finish(path("out")).ok() ? 0 : 1);
    }
    int status = 0;
    ASSERT_EQ(::waitpid(child, &status, 0), child);
    ASSERT_TRUE(WIFEXITED(status));
    ASSERT_EQ(WEXITSTATUS(status), fatal < 3 ? RenameWithoutFlags::kExitCode : 0);
    EXPECT_EQ(exists(path("out")), fatal != 2) << "the second rename is that of the new dataset";
    EXPECT_EQ(exists(path("out.bagloom/replaced/generation")), fatal == 2);

    const RenameWithoutFlags file_system(EINVAL);
    const Status restored = restore_replaced(path("out/"));
    ASSERT_TRUE(restored.ok()) << restored.error().text();
    EXPECT_EQ(*read_small_file(path("out/generation"), 10), fatal < 3 ? "old" : "new");
    EXPECT_FALSE(exists(path("out.bagloom/replaced")));
    EXPECT_EQ(exists(path("out.bagloom/dataset/generation")), fatal < 3) << "what was made is gone on with";
  }
}

TEST_F(StagingTest, WhatAnotherProcessReplacesIsItsAffair) {
  auto working = Staging::open(path("out"), "{}", false);
  ASSERT_TRUE(working.ok());
  ASSERT_TRUE(make_folders(path("out.bagloom/replaced")).ok());
  EXPECT_TRUE(restore_replaced(path("out")).ok());
  EXPECT_FALSE(exists(path("out")));
}

TEST_F(StagingTest, FinishReplacesAnOlderDatasetInOneStep) {
  ASSERT_TRUE(make_folders(path("out")).ok());
  ASSERT_TRUE(write_durably(path("out/old"), "x").ok());
  auto staging = Staging::open(path("out"), "{}", false);
  ASSERT_TRUE(write_durably((*staging)->dataset() + "/new", "x").ok());
  ASSERT_TRUE((*staging)->finish(path("out")).ok());
  EXPECT_TRUE(exists(path("out/new")));
  EXPECT_FALSE(exists(path("out/old")));
  EXPECT_FALSE(exists(path("out.bagloom")));
}

}  // namespace
}  // namespace bagloom::convert
