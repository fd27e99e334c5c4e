#include "memory/process_tree.h"

#include <gtest/gtest.h>

#include <cstdio>

namespace bagloom::memory {
namespace {

constexpr std::int64_t kMiB = 1024 * 1024;

/// The program of known allocations (allocate.cc) doing what `words` say.
MeasuredCommand allocate(const std::vector<std::string>& words) {
  MeasuredCommand command;
  command.argv = {BAGLOOM_ALLOCATE};
  command.argv.insert(command.argv.end(), words.begin(), words.end());
  // The leak checker of address sanitizer cannot run in a process that is traced.
  command.environment = {"ASAN_OPTIONS=detect_leaks=0"};
  return command;
}

TreeUse use_of(const MeasuredCommand& command) {
  Result<TreeUse> use = run_measured(command);
  EXPECT_TRUE(use.ok()) << use.error().text();
  return use.ok() ? *use : TreeUse{};
}

/// What the program takes for itself.
std::uint64_t base() {
  static const std::uint64_t bytes = use_of(allocate({})).peak_bytes;
  return bytes;
}

#define EXPECT_MIB(bytes, mebibytes) EXPECT_NEAR(static_cast<std::int64_t>(bytes), (mebibytes)*kMiB, 2 * kMiB)

TEST(ProcessTree, OneProcess) {
  const TreeUse use = use_of(allocate({"anon:64"}));
  EXPECT_MIB(use.peak_bytes - base(), 64);
  ASSERT_EQ(use.processes.size(), 1u);
  EXPECT_EQ(use.processes[0].peak_bytes, use.peak_bytes);
  EXPECT_EQ(use.exit_code, 0);
}

TEST(ProcessTree, ForkedPagesCountOnce) {
  const TreeUse use = use_of(allocate({"anon:64", "fork", "[", "sleep:50", "]", "wait"}));
  EXPECT_MIB(use.peak_bytes - base(), 64);
  EXPECT_EQ(use.processes.size(), 2u);
}

TEST(ProcessTree, AnOrphanIsWaitedFor) {
  const TreeUse use = use_of(allocate({"anon:20", "orphan", "[", "sleep:100", "anon:64", "]"}));
  EXPECT_MIB(use.peak_bytes - base(), 84);
  EXPECT_EQ(use.processes.size(), 3u);
}

TEST(ProcessTree, ACommandThatIsNotThere) {
  MeasuredCommand command;
  command.argv = {"/nonexistent/program"};
  StartFailure failure;
  const Result<TreeUse> use = run_measured(command, &failure);
  ASSERT_FALSE(use.ok());
  EXPECT_EQ(failure.error, ENOENT);
  EXPECT_EQ(use.error().text(), "/nonexistent/program: cannot be started: No such file or directory");
}

}  // namespace
}  // namespace bagloom::memory
