#include "memory/meter.h"

#include <gtest/gtest.h>

#include <cstring>
#include <memory>

namespace bagloom::memory {
namespace {

constexpr std::uint64_t kMiB = 1024 * 1024;

TEST(Meter, SeesABlockComeAndRemembersItsPeak) {
  const Resident before = resident();
  ASSERT_GT(before.now, 0u);
  EXPECT_GE(before.peak, before.now);
  {
    auto block = std::make_unique<char[]>(64 * kMiB);
    std::memset(block.get(), 1, 64 * kMiB);
    EXPECT_GE(resident().anonymous, before.anonymous + 60 * kMiB);
  }
  EXPECT_GE(resident().peak, before.now + 60 * kMiB);
}

TEST(Meter, ResetForgetsThePeak) {
  {
    auto block = std::make_unique<char[]>(64 * kMiB);
    std::memset(block.get(), 1, 64 * kMiB);
  }
  const std::uint64_t peak = resident().peak;
  if (!reset_peak()) GTEST_SKIP() << "this kernel does not let the mark be reset";
  EXPECT_LT(resident().peak, peak);
}

}  // namespace
}  // namespace bagloom::memory
