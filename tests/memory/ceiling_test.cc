#include "memory/ceiling.h"

#include <gtest/gtest.h>
#include <unistd.h>

#include <filesystem>
#include <fstream>
#include <sstream>

#include "memory/measured_program.h"

namespace bagloom::memory {
namespace {

namespace fs = std::filesystem;

TEST(MemoryGroup, OfVersionTwo) {
  const char* mounts = "25 1 0:23 / /sys/fs/cgroup rw,nosuid - cgroup2 cgroup2 rw,nsdelegate\n";
  const auto group = memory_group(mounts, "0::/user.slice/user-1000.slice/session-2.scope\n");
  ASSERT_TRUE(group);
  EXPECT_TRUE(group->v2);
  EXPECT_EQ(group->folder, "/sys/fs/cgroup/user.slice/user-1000.slice/session-2.scope");
  EXPECT_EQ(memory_group(mounts, "0::/\n")->folder, "/sys/fs/cgroup");
}

TEST(MemoryGroup, OfVersionOneAndOfBoth) {
  const char* mounts =
      "31 23 0:28 / /sys/fs/cgroup rw - tmpfs tmpfs rw,mode=755\n"
      "32 31 0:29 / /sys/fs/cgroup/unified rw - cgroup2 cgroup2 rw\n"
      "33 31 0:30 / /sys/fs/cgroup/cpu rw - cgroup cgroup rw,cpu,cpuacct\n"
      "34 31 0:31 / /sys/fs/cgroup/my\\040memory rw shared:9 - cgroup cgroup rw,hugetlb,memory\n";
  const auto group = memory_group(mounts, "9:cpu,cpuacct:/a\n4:hugetlb,memory:/job/one:two\n0::/b\n");
  ASSERT_TRUE(group);
  EXPECT_FALSE(group->v2);
  EXPECT_EQ(group->folder, "/sys/fs/cgroup/my memory/job/one:two");
}

TEST(MemoryGroup, InAContainer) {
  const char* mounts = "34 31 0:31 /docker/abc /sys/fs/cgroup/memory ro - cgroup cgroup rw,memory\n";
  EXPECT_EQ(memory_group(mounts, "4:memory:/docker/abc\n")->folder, "/sys/fs/cgroup/memory");
  EXPECT_EQ(memory_group(mounts, "4:memory:/docker/abc/inner\n")->folder, "/sys/fs/cgroup/memory/inner");
  EXPECT_EQ(memory_group(mounts, "4:memory:/elsewhere\n")->folder, "/sys/fs/cgroup/memory");
}

TEST(MemoryGroup, NoneAndNonsense) {
  EXPECT_FALSE(memory_group("", ""));
  EXPECT_FALSE(memory_group("1 2 0:1 / / rw - ext4 /dev/vda rw\n", "4:memory:/\n0::/\n"));
  EXPECT_FALSE(memory_group("garbage\n - \n - cgroup2\n", "::\n0\n4:memory\n"));
}

/// A folder with the files of a version 2 group, to see what is written where. The kernel makes a new group's files; here none.
class FakeGroups : public ::testing::Test {
 protected:
  void SetUp() override {
    root_ = ::testing::TempDir() + "bagloom_groups_" + std::to_string(::getpid());
    fs::remove_all(root_);
    fs::create_directories(root_ + "/parent/home");
  }
  void TearDown() override { fs::remove_all(root_); }
  void put(const std::string& file, const std::string& text) { std::ofstream(root_ + "/" + file) << text; }
  MemoryGroup home() const { return {true, root_ + "/parent/home"}; }
  std::string root_;
};

TEST_F(FakeGroups, WithoutAControllerItSaysSo) {
  put("parent/home/cgroup.controllers", "cpu pids\n");
  const Result<Ceiling> ceiling = Ceiling::make_in(home(), 1 << 20, {});
  ASSERT_FALSE(ceiling.ok());
  EXPECT_EQ(ceiling.error().kind(), ErrorKind::unsupported);
  EXPECT_NE(ceiling.error().text().find("systemd-run"), std::string::npos);
}

TEST_F(FakeGroups, AGroupThatHasTheControllerForItsChildren) {
  put("parent/home/cgroup.controllers", "cpu memory\n");
  put("parent/home/cgroup.subtree_control", "memory\n");
  const Result<Ceiling> ceiling = Ceiling::make_in(home(), 1 << 20, {});
  ASSERT_FALSE(ceiling.ok()) << "a plain folder has no memory.max";
  EXPECT_NE(ceiling.error().text().find(root_ + "/parent/home/bagloom-"), std::string::npos) << ceiling.error().text();
  for (const auto& entry : fs::directory_iterator(root_ + "/parent/home")) EXPECT_FALSE(entry.is_directory()) << entry.path();
}

TEST_F(FakeGroups, AbandonedGroupsGo) {
  put("parent/home/cgroup.controllers", "memory\n");
  put("parent/home/cgroup.subtree_control", "memory\n");
  fs::create_directory(root_ + "/parent/home/bagloom-4194303-1");  // above the largest pid that Linux gives
  fs::create_directory(root_ + "/parent/home/bagloom-" + std::to_string(::getppid()) + "-1");
  (void)Ceiling::make_in(home(), 1 << 20, {});
  EXPECT_FALSE(fs::exists(root_ + "/parent/home/bagloom-4194303-1"));
  EXPECT_TRUE(fs::exists(root_ + "/parent/home/bagloom-" + std::to_string(::getppid()) + "-1"));
}

TEST_F(FakeGroups, ItGoesBesideTheGroupThatHasOthersInIt) {
  put("parent/home/cgroup.controllers", "memory\n");
  fs::create_directory(root_ + "/parent/home/cgroup.subtree_control");  // cannot be written: as with processes in it
  put("parent/home/cgroup.procs", "1\n" + std::to_string(::getpid()) + "\n");
  put("parent/cgroup.subtree_control", "cpu memory\n");
  const Result<Ceiling> ceiling = Ceiling::make_in(home(), 1 << 20, {::getpid()});
  ASSERT_FALSE(ceiling.ok());
  EXPECT_NE(ceiling.error().text().find(root_ + "/parent/bagloom-"), std::string::npos) << ceiling.error().text();
}

/// What the kernel really does, where this process may make a group.
class RealCeiling : public ::testing::Test {
 protected:
  void SetUp() override {
    const Result<Ceiling> ceiling = Ceiling::make(64_MiB, {::getpid()});
    if (!ceiling.ok()) GTEST_SKIP() << ceiling.error().text();
  }
  static int groups() {
    std::ostringstream mounts, own;
    mounts << std::ifstream("/proc/self/mountinfo").rdbuf();
    own << std::ifstream("/proc/self/cgroup").rdbuf();
    int count = 0;
    for (const auto& entry : fs::directory_iterator(memory_group(mounts.str(), own.str())->folder))
      count += entry.path().filename().string().rfind("bagloom-", 0) == 0 ? 1 : 0;
    return count;
  }
};

TEST_F(RealCeiling, HoldsWhatFits) {
  MeasuredCommand command = allocate({"anon:40"});
  command.ceiling_bytes = 64_MiB;
  const int before = groups();
  const TreeUse use = use_of(command);
  EXPECT_EQ(use.exit_code, 0);
  ASSERT_TRUE(use.ceiling);
  EXPECT_TRUE(use.ceiling->enforced) << use.ceiling->how;
  EXPECT_FALSE(use.ceiling->killed);
  if (use.ceiling->peak_bytes > 0) {
    EXPECT_GT(use.ceiling->peak_bytes, 39_MiB);
    EXPECT_LE(use.ceiling->peak_bytes, 64_MiB);
  }
  EXPECT_EQ(groups(), before) << "the group is removed";
}

TEST_F(RealCeiling, KillsWhatDoesNotFit) {
  MeasuredCommand command = allocate({"anon:300"});
  command.ceiling_bytes = 200_MiB;
  const int before = groups();
  const TreeUse use = use_of(command);
  EXPECT_EQ(use.signal, 9);
  ASSERT_TRUE(use.ceiling);
  EXPECT_TRUE(use.ceiling->killed);
  EXPECT_LT(use.peak_bytes, 204_MiB);
  EXPECT_GT(use.peak_bytes, 190_MiB);
  EXPECT_EQ(groups(), before);
}

TEST_F(RealCeiling, PagesThatAKilledProcessLostCountAllTheSame) {
  // Children of a common forker, as a pool has them: the kernel takes a killed one's pages while its end is still on its way.
  for (int run = 0; run < 3; ++run) {
    MeasuredCommand command = allocate({"anon:100", "fork", "[", "sleep:20000", "]", "fork", "[", "sleep:20000", "]",  //
                                        "fork", "[", "anon:60", "]", "wait"});
    command.ceiling_bytes = 120_MiB;
    const TreeUse use = use_of(command);
    ASSERT_TRUE(use.ceiling->killed);
    EXPECT_GT(use.ceiling->held_bytes, 110_MiB);
    EXPECT_LE(use.ceiling->held_bytes, 120_MiB);
    EXPECT_GE(use.peak_bytes, use.ceiling->held_bytes);
    EXPECT_EQ(use.increase_bytes, use.peak_bytes - use.initial_bytes);
    EXPECT_GE(use.bound_bytes, use.peak_bytes);
  }
}

TEST(CountKilled, TheGroupSaysWhatTheMarkDoesNot) {
  TreeUse use;
  use.initial_bytes = 1_MiB;
  use.peak_bytes = use.sampled_peak_bytes = use.bound_bytes = 230_MiB;
  use.file_bytes = 5_MiB;
  use.counting_error_bytes = 1_MiB;
  use.ceiling.emplace();
  use.ceiling->killed = true;
  use.ceiling->held_bytes = 249_MiB;
  TreeUse raised = use;
  count_killed(raised, 1);
  EXPECT_EQ(raised.peak_bytes, 249_MiB);
  EXPECT_EQ(raised.increase_bytes, 248_MiB);
  EXPECT_EQ(raised.between_bytes, 19_MiB);
  EXPECT_EQ(raised.bound_bytes, 249_MiB);
  ASSERT_EQ(raised.may_have_missed.size(), 1u);
  EXPECT_NE(raised.may_have_missed[0].find("marks say 230 MiB, the control group at least 249 MiB"), std::string::npos);
  // Above what the group says, and still below what it says with the files: a word, and no other figure.
  TreeUse near = use;
  near.peak_bytes = 251_MiB;
  count_killed(near, 1);
  EXPECT_EQ(near.peak_bytes, 251_MiB);
  EXPECT_EQ(near.may_have_missed.size(), 1u);
  TreeUse whole = use;
  whole.peak_bytes = 253_MiB + (1_MiB >> 1);
  count_killed(whole, 1);
  EXPECT_EQ(whole.peak_bytes, 253_MiB + (1_MiB >> 1));
  EXPECT_TRUE(whole.may_have_missed.empty());
}

TEST(CountKilled, WhereNoCeilingIsOursTheMachineSaysThatItKilled) {
  TreeUse use;
  use.processes.resize(2);
  use.processes[1].signal = SIGKILL;
  count_killed(use, 0);
  EXPECT_TRUE(use.may_have_missed.empty());
  count_killed(use, 1);
  ASSERT_EQ(use.may_have_missed.size(), 1u);
  EXPECT_NE(use.may_have_missed[0].find("want of memory"), std::string::npos);
  use.may_have_missed.clear();
  use.processes[1].signal = SIGTERM;
  count_killed(use, 1);
  EXPECT_TRUE(use.may_have_missed.empty());
}

TEST_F(RealCeiling, EndsTheWholeTree) {
  // The one that needs too much is killed; the others would sleep for long.
  MeasuredCommand command = allocate({"fork", "[", "sleep:60000", "]", "fork", "[", "anon:100", "]", "sleep:60000"});
  command.ceiling_bytes = 50_MiB;
  const TreeUse use = use_of(command);
  EXPECT_LT(use.wall_seconds, 50);
  EXPECT_TRUE(use.ceiling->killed);
  for (const ProcessUse& process : use.processes) EXPECT_EQ(process.signal, 9) << process.command;
}

TEST_F(RealCeiling, TheSumOfChildrenCounts) {
  MeasuredCommand command =
      allocate({"fork", "[", "anon:40", "sleep:5000", "]", "fork", "[", "anon:40", "sleep:5000", "]", "wait"});
  command.ceiling_bytes = 60_MiB;
  EXPECT_TRUE(use_of(command).ceiling->killed);
}

TEST_F(RealCeiling, WhatItHeldWasBelowIt) {
  // Killed while it forks: half-made children share what their forker has, and the sum must not count it twice.
  const std::vector<std::string> child = {"fork", "[", "anon:10", "sleep:20000", "]"};
  MeasuredCommand command = allocate({"anon:100"});
  for (int i = 0; i < 20; ++i) command.argv.insert(command.argv.end(), child.begin(), child.end());
  command.argv.push_back("wait");
  command.ceiling_bytes = 150_MiB;
  const TreeUse use = use_of(command);
  EXPECT_TRUE(use.ceiling->killed);
  EXPECT_LT(use.peak_bytes, 150_MiB + 2 * base()) << "pages of files may be charged to others";
}

TEST_F(RealCeiling, PageCacheIsGivenBackFirst) {
  const std::string file = file_of(100);
  if (on_tmpfs(file)) GTEST_SKIP() << "the temporary folder is in memory: nothing to give back";
  drop_from_cache(file);  // so that reading it is charged to the group
  MeasuredCommand command;
  command.argv = {"dd", "if=" + file, "of=/dev/null", "bs=64k", "status=none"};
  command.ceiling_bytes = 40_MiB;
  const TreeUse use = use_of(command);
  EXPECT_EQ(use.exit_code, 0);
  EXPECT_FALSE(use.ceiling->killed);
  if (use.ceiling->peak_bytes > 0) {
    EXPECT_GT(use.ceiling->peak_bytes, 30_MiB) << "the file's pages were not charged to the group";
  }
}

TEST_F(RealCeiling, TooLittleToStart) {
  MeasuredCommand command = allocate({});
  command.ceiling_bytes = 4096;
  const TreeUse use = use_of(command);
  EXPECT_EQ(use.signal, 9);
  EXPECT_TRUE(use.ceiling->killed);
  EXPECT_LT(use.wall_seconds, 30);
}

TEST_F(RealCeiling, ProcessesLeftAloneLeaveTheGroup) {
  MeasuredCommand command = allocate({"fork", "[", "sleep:20000", "]"});
  command.ceiling_bytes = 64_MiB;
  command.wait_for_rest = std::chrono::milliseconds(0);
  const int before = groups();
  const TreeUse use = use_of(command);
  for (const pid_t pid : use.left_running) ::kill(pid, SIGKILL);
  EXPECT_EQ(use.left_running.size(), 1u);
  EXPECT_EQ(groups(), before);
}

TEST(NoCeiling, GoesOnAndSaysSo) {
  if (::geteuid() != 0) GTEST_SKIP() << "needs root to give its rights away";
  const pid_t child = ::fork();
  if (child == 0) {
    if (::setgid(65534) != 0 || ::setuid(65534) != 0) ::_exit(77);
    MeasuredCommand command;
    command.argv = {"true"};
    command.ceiling_bytes = 64_MiB;
    const Result<TreeUse> use = run_measured(command);
    const bool said = use.ok() && use->exit_code == 0 && use->ceiling && !use->ceiling->enforced && !use->ceiling->how.empty();
    ::_exit(said ? 0 : 1);
  }
  int status = 0;
  ::waitpid(child, &status, 0);
  EXPECT_EQ(status, 0);
}

}  // namespace
}  // namespace bagloom::memory
