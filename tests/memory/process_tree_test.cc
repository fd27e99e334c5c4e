#include "memory/process_tree.h"

#include <gtest/gtest.h>
#include <linux/filter.h>
#include <linux/seccomp.h>
#include <signal.h>
#include <sys/mman.h>
#include <sys/prctl.h>
#include <sys/resource.h>
#include <sys/syscall.h>
#include <sys/wait.h>
#include <unistd.h>

#include <algorithm>
#include <cstddef>
#include <cstring>
#include <fstream>
#include <sstream>
#include <thread>

#include "memory/measured_program.h"
#include "sanitized.h"

namespace bagloom::memory {
namespace {

using namespace std::chrono_literals;

TEST(ProcessTree, OneProcess) {
  const TreeUse use = use_of(allocate({"anon:64"}));
  EXPECT_MIB(use.peak_bytes, base() + 64_MiB);
  EXPECT_MIB(use.initial_bytes, 0);
  EXPECT_EQ(use.increase_bytes, use.peak_bytes - use.initial_bytes);
  EXPECT_EQ(use.bound_bytes, use.peak_bytes);
  EXPECT_EQ(use.anonymous_bytes + use.file_bytes + use.shared_bytes + use.between_bytes, use.peak_bytes);
  ASSERT_EQ(use.processes.size(), 1u);
  EXPECT_EQ(use.processes[0].peak_bytes, use.peak_bytes) << "of one process the peak is the kernel's mark, to the byte";
  EXPECT_EQ(use.processes[0].parent == 0, false);
  EXPECT_NE(use.processes[0].command.find("anon:64"), std::string::npos);
  EXPECT_EQ(use.exit_code, 0);
  EXPECT_TRUE(use.traced);
  EXPECT_EQ(use.may_have_missed, std::vector<std::string>());
  EXPECT_GT(use.counting_error_bytes, 0u);
}

TEST(ProcessTree, KindsOfMemory) {
  const TreeUse use = use_of(allocate({"anon:24", "shared:16", "file:" + file_of(40), "sleep:30"}));
  EXPECT_MIB(use.anonymous_bytes, 24_MiB);
  EXPECT_MIB(use.file_bytes + use.shared_bytes, base() + 56_MiB);
  if (!on_tmpfs(file_of(40))) {  // there the kernel counts pages of files as shared memory
    EXPECT_MIB(use.shared_bytes, 16_MiB);
  }
  EXPECT_MIB(use.peak_bytes, base() + 80_MiB);
}

TEST(ProcessTree, ASpikeShorterThanTheInterval) {
  for (const char* memory : {"anon:40", "shared:40"}) {
    MeasuredCommand command = allocate({"sleep:5", memory, "free", "sleep:5"});
    command.interval = 1h;
    const TreeUse use = use_of(command);
    EXPECT_MIB(use.peak_bytes, base() + 40_MiB);
    EXPECT_MIB(use.between_bytes, use.peak_bytes - use.sampled_peak_bytes);
    EXPECT_LT(use.timeline.size(), 10u);
  }
}

TEST(ProcessTree, AChildThatLivesForMilliseconds) {
  MeasuredCommand command = allocate({"anon:40", "fork", "[", "exec", "anon:30", "]", "wait", "sleep:5"});
  command.interval = 1h;
  const TreeUse use = use_of(command);
  EXPECT_MIB(use.peak_bytes, base() + 70_MiB);
  ASSERT_EQ(use.processes.size(), 2u);
  EXPECT_MIB(use.processes[1].peak_bytes, base() + 30_MiB);
  EXPECT_EQ(use.processes[1].parent, use.processes[0].pid);
}

TEST(ProcessTree, ASpikeInAChild) {
  MeasuredCommand command = allocate({"anon:40", "vfork", "[", "sleep:2", "anon:30", "free", "sleep:2", "]", "wait"});
  command.interval = 1h;
  const TreeUse use = use_of(command);
  EXPECT_MIB(use.peak_bytes, base() + 70_MiB);
  ASSERT_EQ(use.processes.size(), 2u);
  EXPECT_MIB(use.processes[1].peak_bytes, base() + 30_MiB);
}

TEST(ProcessTree, ForkedPagesCountOnce) {
  const TreeUse use = use_of(allocate({"anon:64", "fork", "[", "post", "await:3", "]", "fork", "[", "post", "await:3", "]",  //
                                       "await:2", "sleep:60", "post", "wait"}));
  EXPECT_MIB(use.peak_bytes, base() + 64_MiB);
  EXPECT_MIB(use.anonymous_bytes, 64_MiB);
  EXPECT_GT(use.rss_sum_bytes, 180_MiB) << "what a sum of RSS says";
  EXPECT_GT(use.bound_bytes, 3 * 64_MiB);
  EXPECT_LT(use.bound_bytes, 3 * (64_MiB + base()));
  EXPECT_EQ(use.processes.size(), 3u);
}

TEST(ProcessTree, PagesWrittenAfterAForkCountForEach) {
  const TreeUse use = use_of(allocate({"anon:32", "fork", "[", "rewrite", "sleep:60", "]", "wait"}));
  EXPECT_MIB(use.peak_bytes, base() + 64_MiB);
}

bool speaks_of_copies(const TreeUse& use) {
  return std::any_of(use.may_have_missed.begin(), use.may_have_missed.end(),
                     [](const std::string& sentence) { return sentence.find("forked relatives copied") != std::string::npos; });
}

TEST(ProcessTree, PagesThatACopyWroteBeforeItRanAnotherProgram) {
  const std::vector<std::string> words = {"anon:64", "fork", "[", "rewrite", "sleep:600", "exec", "]", "wait"};
  // They are gone at the stop of the exec. While they stand, faults tell that a sum is due.
  const TreeUse seen = use_of(allocate(words));
  EXPECT_MIB(seen.peak_bytes, base() + 128_MiB);
  EXPECT_FALSE(speaks_of_copies(seen));
  EXPECT_MIB(seen.processes.at(1).peak_bytes, base()) << "the copy's own peak is of the program that it became";
  // Without a sum in time they are lost, which is said.
  MeasuredCommand rarely = allocate(words);
  rarely.interval = 1h;
  const TreeUse lost = use_of(rarely);
  EXPECT_LT(lost.peak_bytes, base() + 100_MiB);
  EXPECT_TRUE(speaks_of_copies(lost));
  EXPECT_GT(lost.bound_bytes, 126_MiB);
}

TEST(ProcessTree, CopiesThatASumSawAreNotSaidToBeMissed) {
  MeasuredCommand command = allocate({"anon:32", "fork", "[", "rewrite", "]", "wait"});
  command.interval = 1h;
  const TreeUse use = use_of(command);
  EXPECT_MIB(use.peak_bytes, base() + 64_MiB) << "the sum at its end";
  EXPECT_FALSE(speaks_of_copies(use));
  EXPECT_FALSE(speaks_of_copies(use_of(allocate({"anon:64", "fork", "[", "sleep:30", "exec", "anon:20", "]", "wait"}))));
}

TEST(ProcessTree, ForkedPagesThatAChildGivesBackAreNoSpike) {
  for (const auto interval : {std::chrono::milliseconds(1h), 1ms}) {
    MeasuredCommand command = allocate({"anon:64", "fork", "[", "free", "sleep:10", "]", "wait"});
    command.interval = interval;
    EXPECT_MIB(use_of(command).peak_bytes, base() + 64_MiB);
  }
}

TEST(ProcessTree, SharedMemoryAndFilesCountOnce) {
  const TreeUse shared = use_of(allocate({"shared:32", "fork", "[", "rewrite", "sleep:60", "]", "sleep:30", "wait"}));
  EXPECT_MIB(shared.peak_bytes, base() + 32_MiB);
  EXPECT_MIB(shared.shared_bytes, 32_MiB);
  const std::string file = "file:" + file_of(40);
  const TreeUse files =
      use_of(allocate({"fork", "[", "exec", file, "sleep:150", "]", "fork", "[", "exec", file, "sleep:150", "]", "wait"}));
  EXPECT_MIB(files.peak_bytes, base() + 40_MiB);
  EXPECT_EQ(files.processes.size(), 3u);
}

TEST(ProcessTree, MarksAtDifferentTimes) {
  // One child's spike ends before the other's begins, and both live throughout: 50 MiB at most, 80 as far as marks can tell.
  MeasuredCommand command = allocate({"fork", "[", "anon:30", "free", "post", "await:2", "]",  //
                                      "fork", "[", "await:1", "anon:50", "free", "post", "sleep:20", "]", "wait"});
  command.interval = 2ms;
  const TreeUse use = use_of(command);
  EXPECT_MIB(use.peak_bytes, base() + 50_MiB);
  EXPECT_LE(use.sampled_peak_bytes, use.peak_bytes);
  EXPECT_GT(use.bound_bytes, 78_MiB + base());
  EXPECT_LT(use.bound_bytes, 82_MiB + 3 * base());
}

TEST(ProcessTree, MarksAtTheSameTime) {
  const TreeUse use = use_of(allocate({"fork", "[", "anon:30", "post", "await:2", "sleep:400", "free", "]",  //
                                       "fork", "[", "anon:50", "post", "await:2", "sleep:400", "free", "]", "wait"}));
  EXPECT_MIB(use.peak_bytes, base() + 80_MiB);
  EXPECT_MIB(use.sampled_peak_bytes, base() + 80_MiB);
}

TEST(ProcessTree, AProgramThatBecomesAnother) {
  if (kSanitized) GTEST_SKIP() << "the launcher is forked from this test, and larger than the programs whose marks it looks for";
  const TreeUse use = use_of(allocate({"anon:64", "exec", "anon:20"}));
  EXPECT_MIB(use.peak_bytes, base() + 64_MiB) << "the first program's mark is not lost with it";
  ASSERT_EQ(use.processes.size(), 1u);
  EXPECT_NE(use.processes[0].command.find("anon:20"), std::string::npos);
  MeasuredCommand command = allocate({"fork", "[", "exec", "anon:64", "free", "exec", "anon:20", "]", "wait"});
  command.interval = 1h;
  const TreeUse child = use_of(command);
  ASSERT_EQ(child.processes.size(), 2u);
  EXPECT_MIB(child.processes[1].peak_bytes, base() + 64_MiB);
  // A forked copy that grows before it becomes something else.
  const TreeUse copy = use_of(allocate({"anon:16", "fork", "[", "anon:40", "exec", "anon:20", "]", "wait"}));
  EXPECT_MIB(copy.peak_bytes, base() + 56_MiB);
  EXPECT_MIB(copy.processes.at(1).peak_bytes, base() + 56_MiB);
}

TEST(ProcessTree, OrphansAndDaemonsAreWatched) {
  const TreeUse use = use_of(allocate({"anon:20", "orphan", "[", "setsid", "sleep:80", "anon:64", "exit:3", "]", "exit:5"}));
  EXPECT_MIB(use.peak_bytes, base() + 84_MiB);
  ASSERT_EQ(use.processes.size(), 3u);
  EXPECT_EQ(use.exit_code, 5);
  EXPECT_EQ(use.processes[2].exit_code, 3);
  EXPECT_GT(use.wall_seconds, 0.08);
  EXPECT_GT(use.processes[2].end_seconds, use.processes[0].end_seconds);
}

TEST(ProcessTree, ProcessesThatOutliveTheCommandCanBeLeftAlone) {
  MeasuredCommand command = allocate({"fork", "[", "sleep:20000", "]", "sleep:30"});
  command.wait_for_rest = 0ms;
  const TreeUse use = use_of(command);
  ASSERT_EQ(use.left_running.size(), 1u);
  const pid_t left = use.left_running[0];
  EXPECT_EQ(left, use.processes.at(1).pid);
  std::string state;
  for (int attempt = 0; attempt < 100 && state != "S"; ++attempt, std::this_thread::sleep_for(10ms)) {
    std::ifstream in("/proc/" + std::to_string(left) + "/stat");
    std::string pid, name;
    in >> pid >> name >> state;
  }
  EXPECT_EQ(state, "S") << "it goes on, untraced";
  ::kill(left, SIGKILL);
}

TEST(ProcessTree, ThreadsAreTheirProcess) {
  if (kSanitized) GTEST_SKIP() << "the launcher is forked from this test, and larger than the programs whose marks it looks for";
  const TreeUse use = use_of(allocate({"thread", "[", "anon:32", "free", "]", "thread", "[", "anon:24", "]"}));
  EXPECT_MIB(use.peak_bytes, base() + 32_MiB);
  EXPECT_EQ(use.processes.size(), 1u);
  MeasuredCommand command = allocate({"leader-exits", "anon:32", "free", "sleep:30"});
  EXPECT_MIB(use_of(command).peak_bytes, base() + 32_MiB);
  const TreeUse forks = use_of(allocate({"thread", "[", "fork", "[", "exec", "anon:32", "]", "wait", "]"}));
  EXPECT_MIB(forks.peak_bytes, base() + 32_MiB);
  EXPECT_EQ(forks.processes.size(), 2u);
  const TreeUse becomes = use_of(allocate({"thread", "[", "exec", "anon:32", "]"}));
  EXPECT_MIB(becomes.peak_bytes, base() + 32_MiB);
  EXPECT_EQ(becomes.processes.size(), 1u);
}

TEST(ProcessTree, EndsOfProcesses) {
  const TreeUse use = use_of(allocate({"fork", "[", "anon:32", "signal:9", "]", "wait", "exit:7"}));
  EXPECT_EQ(use.exit_code, 7);
  EXPECT_FALSE(use.signal.has_value());
  ASSERT_EQ(use.processes.size(), 2u);
  EXPECT_EQ(use.processes[1].signal, 9);
  EXPECT_FALSE(use.processes[1].exit_code.has_value());
  EXPECT_MIB(use.processes[1].peak_bytes, 32_MiB);
  EXPECT_TRUE(use.processes[1].traced);
  const TreeUse killed = use_of(allocate({"signal:15"}));
  EXPECT_EQ(killed.signal, 15);
  EXPECT_FALSE(killed.exit_code.has_value());
}

TEST(ProcessTree, Time) {
  const TreeUse use = use_of(allocate({"fork", "[", "spin:150", "]", "wait", "spin:100"}));
  EXPECT_GE(use.wall_seconds, 0.24);
  const auto cpu = [](const auto& thing) { return thing.user_seconds + thing.system_seconds; };
  EXPECT_NEAR(cpu(use), 0.25, 0.06);
  ASSERT_EQ(use.processes.size(), 2u);
  EXPECT_NEAR(cpu(use.processes[1]), 0.15, 0.04);
  // A parent that does not want to hear of its children: the kernel adds their time to nobody.
  EXPECT_NEAR(cpu(use_of(allocate({"ignore-children", "fork", "[", "spin:150", "]", "wait"}))), 0.15, 0.05);
}

/// A command started by a large process: what the kernel's ru_maxrss says of it is the large process.
TEST(ProcessTree, NoMaximumIsInherited) {
  constexpr std::size_t kLarge = 200 << 20;
  void* block = ::mmap(nullptr, kLarge, PROT_READ | PROT_WRITE, MAP_PRIVATE | MAP_ANONYMOUS, -1, 0);
  ASSERT_NE(block, MAP_FAILED);
  std::memset(block, 1, kLarge);
  const std::uint64_t small = use_of(allocate({})).peak_bytes;
  const pid_t child = ::fork();
  if (child == 0) {
    ::execl(BAGLOOM_ALLOCATE, BAGLOOM_ALLOCATE, nullptr);
    ::_exit(99);
  }
  rusage use{};
  int status = 0;
  ::wait4(child, &status, 0, &use);
  ::munmap(block, kLarge);
  EXPECT_LT(small, 20_MiB);
  EXPECT_GE(static_cast<std::uint64_t>(use.ru_maxrss) * 1024, kLarge) << "the trap that this test is about is gone";
  // The same one level down: the command is large and starts something small.
  const TreeUse tree = use_of(allocate({"anon:64", "fork", "[", "exec", "]", "wait"}));
  ASSERT_EQ(tree.processes.size(), 2u);
  EXPECT_MIB(tree.peak_bytes, base() + 64_MiB);
  EXPECT_MIB(tree.processes[1].peak_bytes, base());
}

TEST(ProcessTree, ManyShortProcesses) {
  const TreeUse use = use_of(allocate({"anon:16", "forks:60"}));
  EXPECT_EQ(use.processes.size(), 61u);
  EXPECT_MIB(use.peak_bytes, base() + 16_MiB);
  EXPECT_EQ(use.exit_code, 0);
}

TEST(ProcessTree, SampledOnly) {
  MeasuredCommand command =
      allocate({"anon:32", "fork", "[", "sleep:1500", "]", "orphan", "[", "sleep:2000", "]", "sleep:50", "wait"});
  command.trace = false;
  const TreeUse use = use_of(command);
  EXPECT_MIB(use.peak_bytes, base() + 32_MiB);
  EXPECT_FALSE(use.traced);
  ASSERT_GE(use.processes.size(), 3u);
  EXPECT_GT(use.wall_seconds, 2.0) << "orphans are watched all the same";
  EXPECT_TRUE(use.left_running.empty());
  EXPECT_EQ(use.exit_code, 0);
  ASSERT_EQ(use.may_have_missed.size(), 1u);
  EXPECT_NE(use.may_have_missed[0].find("between two samples"), std::string::npos);
  EXPECT_NE(use.counters.find("sampled"), std::string::npos);
}

TEST(ProcessTree, WherePtraceIsForbidden) {
  const pid_t child = ::fork();
  if (child == 0) {
    sock_filter refuse_ptrace[] = {
        {BPF_LD | BPF_W | BPF_ABS, 0, 0, offsetof(seccomp_data, nr)},
        {BPF_JMP | BPF_JEQ | BPF_K, 0, 1, SYS_ptrace},
        {BPF_RET | BPF_K, 0, 0, SECCOMP_RET_ERRNO | EPERM},
        {BPF_RET | BPF_K, 0, 0, SECCOMP_RET_ALLOW},
    };
    const sock_fprog program{4, refuse_ptrace};
    if (::prctl(PR_SET_NO_NEW_PRIVS, 1, 0, 0, 0) != 0 || ::prctl(PR_SET_SECCOMP, SECCOMP_MODE_FILTER, &program) != 0) ::_exit(77);
    Result<TreeUse> use = run_measured(allocate({"anon:32", "sleep:1500"}));
    if (!use.ok()) ::_exit(1);
    if (use->traced || use->peak_bytes < 32_MiB || use->exit_code != 0) ::_exit(2);
    if (use->may_have_missed.empty() || use->may_have_missed[0].find("ptrace is not allowed here") == std::string::npos)
      ::_exit(3);
    ::_exit(0);
  }
  int status = 0;
  ::waitpid(child, &status, 0);
  ASSERT_TRUE(WIFEXITED(status));
  if (WEXITSTATUS(status) == 77) GTEST_SKIP() << "no seccomp here";
  EXPECT_EQ(WEXITSTATUS(status), 0);
}

TEST(ProcessTree, ThatItCannotStart) {
  for (const bool trace : {true, false}) {
    MeasuredCommand command;
    command.trace = trace;
    command.argv = {"/nonexistent/program"};
    StartFailure failure;
    const Result<TreeUse> use = run_measured(command, &failure);
    ASSERT_FALSE(use.ok());
    EXPECT_EQ(failure.error, ENOENT);
    EXPECT_EQ(use.error().text(), "/nonexistent/program: cannot be started: No such file or directory");
    command.argv = {"/proc/version"};
    EXPECT_FALSE(run_measured(command, &failure).ok());
    EXPECT_EQ(failure.error, EACCES);
  }
  EXPECT_FALSE(run_measured({}).ok());
}

TEST(ProcessTree, StreamsEnvironmentAndFolder) {
  const std::string folder = ::testing::TempDir() + "bagloom_measured";
  MeasuredCommand command;
  command.argv = {"sh", "-c", "pwd; echo $KEPT; echo $GIVEN; cat; echo aside >&2"};
  ::setenv("KEPT", "kept", 1);
  command.environment = {"GIVEN=given=1"};
  command.folder = "/";
  command.stdin_path = "/dev/null";
  command.stdout_path = folder + "_out";
  command.stderr_path = folder + "_err";
  EXPECT_EQ(use_of(command).exit_code, 0);
  const auto text = [](const std::string& path) {
    std::ostringstream all;
    all << std::ifstream(path).rdbuf();
    return all.str();
  };
  EXPECT_EQ(text(folder + "_out"), "/\nkept\ngiven=1\n");
  EXPECT_EQ(text(folder + "_err"), "aside\n");
  command.stderr_path = command.stdout_path;
  EXPECT_EQ(use_of(command).exit_code, 0);
  EXPECT_EQ(text(folder + "_out"), "/\nkept\ngiven=1\naside\n");
}

TEST(ProcessTree, ProgressAndOrders) {
  MeasuredCommand command = allocate({"anon:32", "orphan", "[", "sleep:30000", "]", "sleep:30000"});
  TreeProgress last;
  int calls = 0;
  command.on_progress = [&](const TreeProgress& progress) {
    ++calls;
    Order order;
    order.end = progress.resident_bytes > 32_MiB && progress.processes == 2;
    if (order.end) last = progress;
    return order;
  };
  TreeUse use;
  std::thread caller([&] { use = use_of(command); });  // any thread may call
  caller.join();
  EXPECT_EQ(use.signal, SIGKILL);
  EXPECT_LT(use.wall_seconds, 25);
  EXPECT_TRUE(use.left_running.empty());
  EXPECT_GT(calls, 0);
  EXPECT_MIB(last.resident_bytes, base() + 32_MiB);

  command.on_progress = [](const TreeProgress& progress) { return Order{progress.command_started ? SIGTERM : 0, false}; };
  command.argv = {BAGLOOM_ALLOCATE, "sleep:30000"};
  EXPECT_EQ(use_of(command).signal, SIGTERM);
}

TEST(ProcessTree, OrdersBeforeTheStartAreNotLost) {
  for (const bool trace : {true, false}) {
    SCOPED_TRACE(trace ? "traced" : "sampled");
    MeasuredCommand command = allocate({"sleep:30000"});
    command.trace = trace;
    int calls = 0;
    command.on_progress = [&](const TreeProgress& progress) {
      EXPECT_EQ(progress.command_started, ++calls > 1);
      return Order{calls == 1 ? SIGTERM : 0, false};
    };
    EXPECT_EQ(use_of(command).signal, SIGTERM);
    calls = 0;
    command.on_progress = [&](const TreeProgress&) { return Order{0, ++calls == 1}; };
    EXPECT_EQ(use_of(command).signal, SIGKILL);
  }
}

TEST(ProcessTree, AStoppedCommandGoesOn) {
  MeasuredCommand command;
  command.argv = {"sh", "-c", "(sleep 0.2; kill -CONT $$) & kill -STOP $$; exit 4"};
  const TreeUse use = use_of(command);
  EXPECT_EQ(use.exit_code, 4);
  EXPECT_GE(use.wall_seconds, 0.2) << "it did stop";
}

}  // namespace
}  // namespace bagloom::memory
