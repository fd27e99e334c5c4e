#include "base/cursor.h"

#include <gtest/gtest.h>

#include <array>
#include <limits>

namespace bagloom {
namespace {

template <std::size_t N>
std::array<std::byte, N> bytes_of(const std::array<int, N>& values) {
  std::array<std::byte, N> bytes{};
  for (std::size_t i = 0; i < N; ++i) bytes[i] = static_cast<std::byte>(values[i]);
  return bytes;
}

TEST(Cursor, ReadsLittleEndianAtAnyAlignment) {
  const auto bytes = bytes_of<15>({0xff, 0x01, 0x02, 0x03, 0x04, 0x05, 0x06, 0x07, 0x08, 0x09, 0x0a, 0x0b, 0x0c, 0x0d, 0x0e});
  Cursor cursor(bytes);
  EXPECT_EQ(*cursor.u8(), 0xff);
  EXPECT_EQ(*cursor.u16(), 0x0201);
  EXPECT_EQ(*cursor.u32(), 0x06050403u);
  EXPECT_EQ(*cursor.u64(), 0x0e0d0c0b0a090807u);
  EXPECT_TRUE(cursor.end().ok());
}

TEST(Cursor, ReadsFloats) {
  const auto bytes = bytes_of<12>({0, 0, 0x80, 0x3f, 0, 0, 0, 0, 0, 0, 0, 0x40});
  Cursor cursor(bytes);
  EXPECT_EQ(*cursor.number<float>(), 1.0f);
  EXPECT_EQ(*cursor.number<double>(), 2.0);
}

TEST(Cursor, ShortReadSaysWantedAndRemainingAndStaysWhereItWas) {
  const auto bytes = bytes_of<3>({1, 2, 3});
  Cursor cursor(bytes);
  ASSERT_TRUE(cursor.skip(1).ok());
  const auto result = cursor.u32();
  ASSERT_FALSE(result.ok());
  EXPECT_EQ(result.error().kind(), ErrorKind::corrupt);
  EXPECT_EQ(result.error().text(), "wanted 4 bytes at offset 1, 2 remain");
  EXPECT_EQ(cursor.offset(), 1u);
  EXPECT_EQ(*cursor.u16(), 0x0302);
}

TEST(Cursor, HugeDeclaredLengthsAreErrorsNotWraps) {
  const auto bytes = bytes_of<4>({1, 2, 3, 4});
  Cursor cursor(bytes);
  EXPECT_FALSE(cursor.take(std::numeric_limits<std::uint64_t>::max()).ok());
  EXPECT_FALSE(cursor.skip(std::numeric_limits<std::uint64_t>::max() - 1).ok());
  EXPECT_EQ(cursor.take(4)->size(), 4u);
}

TEST(Cursor, LeftoverIsAnError) {
  const auto bytes = bytes_of<2>({1, 2});
  Cursor cursor(bytes);
  EXPECT_EQ(cursor.end().error().text(), "2 bytes left over at offset 0");
}

}  // namespace
}  // namespace bagloom
