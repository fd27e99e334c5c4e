#include "base/time.h"

#include <gtest/gtest.h>

namespace bagloom {
namespace {

TEST(Time, IsWrittenRelativeAndAsUtc) {
  EXPECT_EQ(relative_text(12'345'000'000), "+12.345 s");
  EXPECT_EQ(relative_text(-500'000'000), "-0.500 s");
  EXPECT_EQ(utc_text(1'760'152'997'123'456'789), "2025-10-11 03:23:17.123 UTC");
  EXPECT_EQ(utc_text(0), "1970-01-01 00:00:00.000 UTC");
  EXPECT_EQ(utc_text(-1'000'000), "1969-12-31 23:59:59.999 UTC");
}

}  // namespace
}  // namespace bagloom
