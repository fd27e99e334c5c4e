// For tests of the measurement: runs allocate.cc, the program of known allocations.
#pragma once

#include <fcntl.h>
#include <gtest/gtest.h>
#include <linux/magic.h>
#include <sys/vfs.h>
#include <unistd.h>

#include <cstdint>
#include <fstream>
#include <string>
#include <vector>

#include "memory/process_tree.h"

namespace bagloom::memory {

inline std::uint64_t operator""_MiB(unsigned long long mebibytes) { return mebibytes << 20; }

/// Within 2 MiB, the harness's promise.
#define EXPECT_MIB(bytes, wanted) EXPECT_NEAR(static_cast<double>(bytes), static_cast<double>(wanted), 2.0 * (1 << 20))

inline MeasuredCommand allocate(const std::vector<std::string>& words) {
  MeasuredCommand command;
  command.argv = {BAGLOOM_ALLOCATE};
  command.argv.insert(command.argv.end(), words.begin(), words.end());
  return command;
}

inline TreeUse use_of(const MeasuredCommand& command) {
  Result<TreeUse> use = run_measured(command);
  EXPECT_TRUE(use.ok()) << use.error().text();
  return use.ok() ? *use : TreeUse{};
}

/// What the program takes for itself.
inline std::uint64_t base() {
  static const std::uint64_t bytes = use_of(allocate({})).peak_bytes;
  return bytes;
}

/// A file of so many MiB in the tests' temporary folder.
inline std::string file_of(std::size_t mebibytes) {
  const std::string path = ::testing::TempDir() + "bagloom_measured_" + std::to_string(mebibytes);
  std::ofstream out(path, std::ios::binary | std::ios::trunc);
  const std::string block(1 << 20, 'x');
  for (std::size_t i = 0; i < mebibytes; ++i) out << block;
  return path;
}

/// Its pages are written and let go: who reads it next reads the disk.
inline void drop_from_cache(const std::string& path) {
  const int file = ::open(path.c_str(), O_RDONLY | O_CLOEXEC);
  ::fsync(file);
  ::posix_fadvise(file, 0, 0, POSIX_FADV_DONTNEED);
  ::close(file);
}

inline bool on_tmpfs(const std::string& path) {
  struct statfs status {};
  return ::statfs(path.c_str(), &status) == 0 && status.f_type == TMPFS_MAGIC;
}

}  // namespace bagloom::memory
