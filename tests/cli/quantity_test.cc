#include "cli/quantity.h"

#include <gtest/gtest.h>

namespace bagloom::cli {
namespace {

TEST(Quantity, ReadsSizes) {
  const std::pair<const char*, std::uint64_t> sizes[] = {
      {"1", 1},
      {"1000000", 1000000},
      {"12B", 12},
      {"256MiB", 256ull << 20},
      {"256mib", 256ull << 20},
      {"256M", 256ull << 20},
      {"500MB", 500000000},
      {"1.5GiB", 1610612736},
      {"1.2GiB", 1288490188},
      {"2 GB", 2000000000},
      {"1TiB", 1ull << 40},
      {"64k", 65536},
      {"64kB", 64000},
  };
  for (const auto& [text, bytes] : sizes) {
    const auto size = parse_size(text);
    ASSERT_TRUE(size.ok()) << text;
    EXPECT_EQ(size.value(), bytes) << text;
  }
}

TEST(Quantity, RefusesWhatIsNoSize) {
  for (const char* text :
       {"", "MiB", "-5", "0", "1.2.3GiB", "1e9", "10 parsecs", "99999999999TiB", "0x10", " 5", "5MiB ", "nan", "inf"}) {
    const auto size = parse_size(text);
    ASSERT_FALSE(size.ok()) << text;
    EXPECT_EQ(size.error().kind(), ErrorKind::invalid);
  }
}

TEST(Quantity, ReadsPictureSizesAndSpans) {
  EXPECT_EQ(parse_picture_size("848x480").value(), std::pair(848u, 480u));
  for (const char* text : {"848", "848x", "x480", "848x480x3", "-1x5", "848 x 480", "99999999999x2"})
    EXPECT_FALSE(parse_picture_size(text).ok()) << text;
  EXPECT_EQ(parse_span("3.0-3.5").value(), std::pair(3.0, 3.5));
  EXPECT_EQ(parse_span("0-10").value(), std::pair(0.0, 10.0));
  for (const char* text : {"3", "3-", "-3", "3.5-3.0", "3-3", "a-b", "1-2-3"}) EXPECT_FALSE(parse_span(text).ok()) << text;
}

TEST(Quantity, WritesSizes) {
  EXPECT_EQ(size_text(0), "0 B");
  EXPECT_EQ(size_text(1023), "1023 B");
  EXPECT_EQ(size_text(1024), "1.0 KiB");
  EXPECT_EQ(size_text(1048575), "1.0 MiB");
  EXPECT_EQ(size_text(48549888), "46.3 MiB");
  EXPECT_EQ(size_text(256ull << 20), "256 MiB");
  EXPECT_EQ(size_text(UINT64_MAX), "16.0 EiB");
}

TEST(Quantity, WritesCountsAndTimes) {
  EXPECT_EQ(count_text(0), "0");
  EXPECT_EQ(count_text(999), "999");
  EXPECT_EQ(count_text(9823), "9,823");
  EXPECT_EQ(count_text(1234567), "1,234,567");
  EXPECT_EQ(duration_text(20), "20.0 s");
  EXPECT_EQ(duration_text(99.96), "1 min 40 s");
  EXPECT_EQ(duration_text(200), "3 min 20 s");
  EXPECT_EQ(duration_text(7500), "2 h 05 min");
  EXPECT_EQ(clock_text(200.4), "3:20");
  EXPECT_EQ(clock_text(7500), "2:05:00");
  EXPECT_EQ(milliseconds_text(2001000), "2.001");
  EXPECT_EQ(milliseconds_text(33333333), "33.33");
  EXPECT_EQ(milliseconds_text(1240000000), "1240");
  EXPECT_EQ(plural(1, "row"), "1 row");
  EXPECT_EQ(plural(2000, "row"), "2,000 rows");
}

}  // namespace
}  // namespace bagloom::cli
