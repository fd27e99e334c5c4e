#include "memory/counting_error.h"

#include <gtest/gtest.h>

namespace bagloom::memory {
namespace {

TEST(CountingError, OldKernelsCountByThread) {
  EXPECT_EQ(counting_error("5.15.0-91-generic", 64, 64, 4096).bytes_a_process, 64u * 4096);
  EXPECT_EQ(counting_error("6.1.0-18-amd64", 64, 64, 4096).bytes_a_process, 64u * 4096);
}

TEST(CountingError, NewKernelsCountByCpu) {
  EXPECT_EQ(counting_error("6.2.0", 2, 2, 4096).bytes_a_process, 3u * 32 * 2 * 4096);
  EXPECT_EQ(counting_error("6.18.44", 64, 64, 4096).bytes_a_process, 3u * 128 * 64 * 4096);
  EXPECT_EQ(counting_error("7.0", 64, 4, 4096).bytes_a_process, 3u * 128 * 4 * 4096) << "only CPUs that the process may run on";
}

TEST(CountingError, OfThisMachine) { EXPECT_GT(counting_error().bytes_a_process, 0u); }

}  // namespace
}  // namespace bagloom::memory
