#include "memory/machine.h"

#include <gtest/gtest.h>
#include <unistd.h>

#include <filesystem>
#include <fstream>
#include <thread>

namespace bagloom::memory {
namespace {

class CgroupTest : public testing::Test {
 protected:
  void SetUp() override { std::filesystem::create_directories(folder_); }
  void TearDown() override { std::filesystem::remove_all(folder_); }
  void write(const std::string& name, const std::string& content) { std::ofstream(folder_ + "/" + name) << content; }
  const std::string folder_ = testing::TempDir() + "cgroup_test_" + std::to_string(::getpid());
};

TEST_F(CgroupTest, CpuQuotaOfBothVersions) {
  EXPECT_EQ(cgroup_cores(folder_), 0u);
  write("cpu.max", "max 100000\n");
  EXPECT_EQ(cgroup_cores(folder_), 0u);
  write("cpu.max", "150000 100000\n");
  EXPECT_EQ(cgroup_cores(folder_), 2u);
  std::filesystem::remove(folder_ + "/cpu.max");
  write("cpu.cfs_quota_us", "-1\n");
  write("cpu.cfs_period_us", "100000\n");
  EXPECT_EQ(cgroup_cores(folder_), 0u);
  write("cpu.cfs_quota_us", "50000\n");
  EXPECT_EQ(cgroup_cores(folder_), 1u);
}

TEST_F(CgroupTest, MemoryLeftDoesNotCountCacheAsUsed) {
  EXPECT_EQ(cgroup_memory_left(folder_), 0u);
  write("memory.max", "max\n");
  write("memory.current", "1000\n");
  EXPECT_EQ(cgroup_memory_left(folder_), 0u);
  write("memory.max", "10000\n");
  EXPECT_EQ(cgroup_memory_left(folder_), 9000u);
  write("memory.stat", "anon 400\ninactive_file 600\n");
  EXPECT_EQ(cgroup_memory_left(folder_), 9600u);
  write("memory.max", "100\n");
  EXPECT_EQ(cgroup_memory_left(folder_), 1u) << "over its limit: next to nothing is left, which is not the same as no limit";
}

TEST_F(CgroupTest, VersionOneWithoutLimitIsNoLimit) {
  write("memory.limit_in_bytes", "9223372036854771712\n");
  write("memory.usage_in_bytes", "5\n");
  EXPECT_EQ(cgroup_memory_left(folder_), 0u);
  write("memory.limit_in_bytes", "1000\n");
  EXPECT_EQ(cgroup_memory_left(folder_), 995u);
}

TEST(Machine, SaysSomethingSensible) {
  EXPECT_GE(usable_cores(), 1u);
  EXPECT_LE(usable_cores(), std::max(1u, std::thread::hardware_concurrency()));
  EXPECT_GT(available_memory(), 10u << 20);
}

}  // namespace
}  // namespace bagloom::memory
