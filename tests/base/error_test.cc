#include "base/error.h"

#include <gtest/gtest.h>

#include <set>

namespace bagloom {
namespace {

TEST(Error, PrintsTheTrailOutermostFirstOnOneLine) {
  const Error error = Error(ErrorKind::corrupt, "lz4: wanted 6220800 bytes, got 6220488")
                          .in("/cam_head at +12.345 s")
                          .in("chunk at 0x5a2c10")
                          .in("run_07.bag");
  EXPECT_EQ(error.text(), "run_07.bag: chunk at 0x5a2c10: /cam_head at +12.345 s: lz4: wanted 6220800 bytes, got 6220488");
  EXPECT_EQ(error.message(), "lz4: wanted 6220800 bytes, got 6220488");
}

TEST(Error, TheInnermostRemedyWinsAndStandsLast) {
  const Error error = Error(ErrorKind::invalid, "no such topic").fix("look at `bagloom info`").in("a.bag").fix("give up");
  EXPECT_EQ(error.text(), "a.bag: no such topic; look at `bagloom info`");
}

TEST(Error, EmptyPlacesAreLeftOut) { EXPECT_EQ(Error(ErrorKind::io, "read").in("").text(), "read"); }

TEST(Error, CarriesTheSmallestLimit) {
  EXPECT_EQ(Error(ErrorKind::over_limit, "too small").needing(42).smallest_limit_bytes(), 42u);
  EXPECT_EQ(Error(ErrorKind::io, "x").smallest_limit_bytes(), 0u);
}

TEST(Error, EachKindHasItsName) {
  std::set<std::string_view> names;
  for (int kind = 0; kind <= static_cast<int>(ErrorKind::internal); ++kind) names.insert(name_of(static_cast<ErrorKind>(kind)));
  EXPECT_EQ(names.size(), static_cast<std::size_t>(ErrorKind::internal) + 1);
}

TEST(Hex, WritesOffsets) {
  EXPECT_EQ(hex(0), "0x0");
  EXPECT_EQ(hex(0x5a2c10), "0x5a2c10");
  EXPECT_EQ(hex(~0ull), "0xffffffffffffffff");
}

}  // namespace
}  // namespace bagloom
