#include "memory/meter.h"

#include <gtest/gtest.h>
#include <sys/mman.h>

#include <cstring>

namespace bagloom::memory {
namespace {

constexpr std::uint64_t kMiB = 1024 * 1024;

/// Resident pages from the kernel itself: sanitizers keep what their allocator is given back.
class Block {
 public:
  explicit Block(std::size_t bytes)
      : bytes_(bytes), pages_(::mmap(nullptr, bytes, PROT_READ | PROT_WRITE, MAP_PRIVATE | MAP_ANONYMOUS, -1, 0)) {
    if (pages_ != MAP_FAILED) std::memset(pages_, 1, bytes_);
  }
  ~Block() { ::munmap(pages_, bytes_); }
  Block(const Block&) = delete;
  Block& operator=(const Block&) = delete;

 private:
  std::size_t bytes_;
  void* pages_;
};

TEST(Meter, SeesABlockComeAndRemembersItsPeak) {
  const Resident before = resident();
  ASSERT_GT(before.now, 0u);
  EXPECT_GE(before.peak, before.now);
  {
    const Block block(64 * kMiB);
    EXPECT_GE(resident().anonymous, before.anonymous + 60 * kMiB);
  }
  EXPECT_GE(resident().peak, before.now + 60 * kMiB);
}

TEST(Meter, ResetForgetsThePeak) {
  { const Block block(64 * kMiB); }
  const std::uint64_t peak = resident().peak;
  if (!reset_peak()) GTEST_SKIP() << "this kernel does not let the mark be reset";
  EXPECT_LT(resident().peak, peak);
}

}  // namespace
}  // namespace bagloom::memory
