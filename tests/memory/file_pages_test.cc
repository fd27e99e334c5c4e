#include "memory/file_pages.h"

#include <fcntl.h>
#include <gtest/gtest.h>
#include <sys/mman.h>
#include <unistd.h>

#include <cstdlib>
#include <string>
#include <vector>

#include "memory/meter.h"

namespace bagloom::memory {
namespace {

constexpr std::size_t kBytes = 32u << 20;

/// A mapped file, all of its pages read.
class MappedFile {
 public:
  explicit MappedFile(int protection) {
    std::string path = testing::TempDir() + "pages_XXXXXX";
    descriptor_ = ::mkstemp(path.data());
    ::unlink(path.c_str());
    const std::vector<char> filled(kBytes, 'a');
    EXPECT_EQ(::write(descriptor_, filled.data(), kBytes), static_cast<ssize_t>(kBytes));
    bytes = static_cast<char*>(::mmap(nullptr, kBytes, protection, MAP_PRIVATE, descriptor_, 0));
    EXPECT_NE(static_cast<void*>(bytes), MAP_FAILED);
    touch();
  }
  ~MappedFile() {
    ::munmap(bytes, kBytes);
    ::close(descriptor_);
  }
  MappedFile(const MappedFile&) = delete;
  MappedFile& operator=(const MappedFile&) = delete;

  /// How many pages hold what the file holds.
  std::size_t touch() const {
    std::size_t same = 0;
    for (std::size_t i = 0; i < kBytes; i += 4096) same += static_cast<const volatile char*>(bytes)[i] == 'a' ? 1 : 0;
    return same;
  }

  char* bytes = nullptr;

 private:
  int descriptor_ = -1;
};

TEST(FilePages, CleanPagesGoAndComeBack) {
  const MappedFile file(PROT_READ);
  const Resident before = resident();
  if (drop_file_pages() == 0) GTEST_SKIP() << "this kernel does not say which pages are clean";
  EXPECT_LT(resident().file + kBytes / 2, before.file);
  EXPECT_EQ(file.touch(), kBytes / 4096);
  EXPECT_GE(resident().file, kBytes);
}

TEST(FilePages, WhatWasWrittenStays) {
  const MappedFile file(PROT_READ | PROT_WRITE);
  file.bytes[0] = 'w';
  ASSERT_EQ(::mprotect(file.bytes, kBytes, PROT_READ), 0) << "as the linker does with its relocations";
  drop_file_pages();
  EXPECT_EQ(file.bytes[0], 'w');
}

}  // namespace
}  // namespace bagloom::memory
