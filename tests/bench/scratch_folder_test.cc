#include "bench/scratch_folder.h"

#include <fcntl.h>
#include <gtest/gtest.h>
#include <signal.h>
#include <sys/stat.h>
#include <sys/wait.h>
#include <unistd.h>

#include <array>
#include <cstdlib>
#include <filesystem>
#include <fstream>

#include "convert/temporary_folder.h"

namespace bagloom::bench {
namespace {

namespace fs = std::filesystem;

class ScratchFolderTest : public convert::TemporaryFolderTest {
 protected:
  void SetUp() override {
    TemporaryFolderTest::SetUp();
    if (const char* before = std::getenv("TMPDIR")) before_ = before;
    ::setenv("TMPDIR", path("").c_str(), 1);
  }
  void TearDown() override {
    if (before_.empty())
      ::unsetenv("TMPDIR");
    else
      ::setenv("TMPDIR", before_.c_str(), 1);
    TemporaryFolderTest::TearDown();
  }

  /// The folder of a process that was killed while it had one.
  static std::string left_by_a_killed_one() {
    std::array<int, 2> pipe{};
    EXPECT_EQ(::pipe(pipe.data()), 0);
    const pid_t child = ::fork();
    if (child == 0) {
      const auto folder = ScratchFolder::make();
      if (!folder) ::_exit(1);
      [[maybe_unused]] const ssize_t sent = ::write(pipe[1], folder->path().data(), folder->path().size());
      ::close(pipe[1]);
      ::pause();
    }
    ::close(pipe[1]);
    std::string made;
    std::array<char, 512> block{};
    for (ssize_t got; (got = ::read(pipe[0], block.data(), block.size())) > 0;)
      made.append(block.data(), static_cast<std::size_t>(got));
    ::close(pipe[0]);
    ::kill(child, SIGKILL);
    ::waitpid(child, nullptr, 0);
    return made;
  }

  static void make_old(const std::string& folder) {
    const std::array<timespec, 2> long_ago{{{1'000'000'000, 0}, {1'000'000'000, 0}}};
    ASSERT_EQ(::utimensat(AT_FDCWD, folder.c_str(), long_ago.data(), 0), 0);
  }

  std::string before_;
};

TEST_F(ScratchFolderTest, GoesWithAllThatIsInIt) {
  std::string was;
  {
    auto folder = ScratchFolder::make();
    ASSERT_TRUE(folder.ok());
    was = folder->path();
    std::ofstream(was + "/file") << "x";
    const ScratchFolder moved = std::move(*folder);
    EXPECT_TRUE(fs::exists(moved.path()));
  }
  EXPECT_FALSE(fs::exists(was));
}

TEST_F(ScratchFolderTest, WhatAKilledOneLeftIsRemovedAndWhatIsUsedStays) {
  const std::string dead = left_by_a_killed_one();
  ASSERT_TRUE(fs::exists(dead + "/lock"));
  std::ofstream(dead + "/large") << "x";
  const auto own = ScratchFolder::make(), other = ScratchFolder::make();
  ASSERT_TRUE(own.ok() && other.ok());
  make_old(other->path());
  const Abandoned abandoned = remove_abandoned(own->path());
  ASSERT_EQ(abandoned.removed.size(), 1u);
  EXPECT_EQ(fs::path(abandoned.removed[0]).filename(), fs::path(dead).filename());
  EXPECT_TRUE(abandoned.unknown.empty());
  EXPECT_FALSE(fs::exists(dead));
  EXPECT_TRUE(fs::exists(own->path()));
  EXPECT_TRUE(fs::exists(other->path())) << "its process lives";
  EXPECT_NE(text_of(abandoned).find("removed what a bench that was killed had left: "), std::string::npos);
  EXPECT_EQ(text_of(remove_abandoned(own->path())), "");
}

TEST_F(ScratchFolderTest, WithoutProofAFolderIsOnlyNamed) {
  const auto own = ScratchFolder::make();
  ASSERT_TRUE(own.ok());
  // Of another machine or another boot: a lock that is free here proves nothing.
  const std::string elsewhere = left_by_a_killed_one();
  std::ofstream(elsewhere + "/lock") << "00000000-0000-0000-0000-000000000000\n";
  fs::create_directory(path("bagloom-bench-old"));
  fs::create_directory(path("bagloom-bench-new"));  // may be about to get its lock
  fs::create_directory(path("another"));
  fs::create_directory_symlink(path("another"), path("bagloom-bench-link"));
  std::ofstream(path("bagloom-bench-file")) << "x";
  for (const std::string& folder : {elsewhere, path("bagloom-bench-old"), path("another")}) make_old(folder);
  const Abandoned abandoned = remove_abandoned(own->path());
  EXPECT_TRUE(abandoned.removed.empty());
  EXPECT_EQ(abandoned.unknown.size(), 2u);
  EXPECT_NE(text_of(abandoned).find("and 1 more; remove what no bench is using"), std::string::npos);
  for (const char* name : {"bagloom-bench-old", "bagloom-bench-new", "another", "bagloom-bench-link", "bagloom-bench-file"})
    EXPECT_TRUE(fs::exists(path(name))) << name;
  EXPECT_TRUE(fs::exists(elsewhere));
}

}  // namespace
}  // namespace bagloom::bench
