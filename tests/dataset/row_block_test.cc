#include <gtest/gtest.h>

#include <cmath>
#include <cstring>
#include <limits>

#include "dataset/temp_folder.h"
#include "dataset/unit.h"
#include "dataset/unit_format.h"

namespace bagloom::dataset {
namespace {

RowBlock block_of(std::uint32_t width, std::uint64_t rows) {
  RowBlock block;
  block.width = width;
  for (std::uint64_t i = 0; i < rows * width; ++i) block.values.push_back(static_cast<float>(i) * 0.5f - 3);
  return block;
}

std::unique_ptr<MemorySource> source_of(std::vector<std::byte> bytes) {
  return std::make_unique<MemorySource>("unit", std::move(bytes));
}
std::vector<std::byte> bytes_of(const std::string& text) { return {as_bytes(text).begin(), as_bytes(text).end()}; }

/// Any body, with a trailer that holds.
std::vector<std::byte> sealed(std::vector<std::byte> bytes) {
  const auto trailer = unit_trailer(bytes, 0);
  bytes.insert(bytes.end(), trailer.begin(), trailer.end());
  return bytes;
}
std::vector<std::byte> row_block_body(std::uint32_t width, std::uint64_t rows, std::size_t value_bytes) {
  std::vector<std::byte> bytes = bytes_of(std::string(kRowBlockMagic));
  append_number(bytes, kUnitVersion);
  append_number(bytes, width);
  append_number(bytes, rows);
  bytes.resize(bytes.size() + value_bytes);
  return bytes;
}

TEST(RowBlock, ComesBackBitForBit) {
  TempFolder folder;
  RowBlock block = block_of(7, 64);
  block.values[3] = std::numeric_limits<float>::quiet_NaN();
  block.values[4] = -0.0f;
  block.values[5] = std::numeric_limits<float>::denorm_min();
  ASSERT_TRUE(write_row_block(folder / "a", block).ok());
  EXPECT_FALSE(std::filesystem::exists(folder / "a.tmp"));
  const auto back = read_row_block(folder / "a");
  ASSERT_TRUE(back.ok()) << back.error().text();
  EXPECT_EQ(back->width, 7u);
  EXPECT_EQ(back->rows(), 64u);
  ASSERT_EQ(back->values.size(), block.values.size());
  EXPECT_EQ(std::memcmp(back->values.data(), block.values.data(), block.values.size() * 4), 0);
}

TEST(RowBlock, NumbersAreLittleEndianInTheFile) {
  TempFolder folder;
  RowBlock block;
  block.width = 1;
  block.values = {1.0f};
  ASSERT_TRUE(write_row_block(folder / "a", block).ok());
  const std::string text = read_text(folder / "a");
  ASSERT_EQ(text.size(), 12u + 12 + 4 + 24);
  EXPECT_EQ(text.substr(0, 8), kRowBlockMagic);
  EXPECT_EQ(text.substr(24, 4), std::string("\x00\x00\x80\x3f", 4));
}

TEST(RowBlock, EmptyAndLargestBlocks) {
  TempFolder folder;
  ASSERT_TRUE(write_row_block(folder / "empty", block_of(5, 0)).ok());
  EXPECT_EQ(read_row_block(folder / "empty")->rows(), 0u);
  EXPECT_EQ(read_row_block(*source_of(bytes_of(read_text(folder / "empty"))))->rows(), 0u);
  ASSERT_TRUE(write_row_block(folder / "full", block_of(2, kMaxBlockRows)).ok());
  EXPECT_EQ(read_row_block(folder / "full")->rows(), kMaxBlockRows);
  EXPECT_EQ(write_row_block(folder / "long", block_of(2, kMaxBlockRows + 1)).error().kind(), ErrorKind::invalid);
  RowBlock ragged = block_of(3, 2);
  ragged.values.pop_back();
  EXPECT_EQ(write_row_block(folder / "ragged", ragged).error().kind(), ErrorKind::invalid);
  EXPECT_FALSE(std::filesystem::exists(folder / "ragged"));
}

TEST(RowBlock, EveryFlippedByteIsFound) {
  TempFolder folder;
  ASSERT_TRUE(write_row_block(folder / "a", block_of(3, 5)).ok());
  const auto good = bytes_of(read_text(folder / "a"));
  for (std::size_t i = 0; i < good.size(); ++i) {
    auto bad = good;
    bad[i] ^= std::byte{0x10};
    const auto read = read_row_block(*source_of(bad));
    ASSERT_FALSE(read.ok()) << i;
    EXPECT_EQ(read.error().kind(), ErrorKind::corrupt);
  }
}

TEST(RowBlock, EveryCutIsFound) {
  TempFolder folder;
  ASSERT_TRUE(write_row_block(folder / "a", block_of(3, 5)).ok());
  const auto good = bytes_of(read_text(folder / "a"));
  for (std::size_t n = 0; n < good.size(); ++n) {
    ASSERT_FALSE(read_row_block(*source_of({good.begin(), good.begin() + static_cast<std::ptrdiff_t>(n)})).ok()) << n;
  }
  auto longer = good;
  longer.push_back(std::byte{0});
  EXPECT_FALSE(read_row_block(*source_of(longer)).ok());
}

// A checksum that holds proves nothing about who wrote the file.
TEST(RowBlock, DeclaredSizesAreCheckedBeforeMemoryIsTaken) {
  EXPECT_TRUE(read_row_block(*source_of(sealed(row_block_body(2, 3, 24)))).ok());
  for (const auto& [width, rows] : std::vector<std::pair<std::uint32_t, std::uint64_t>>{{2, 4},
                                                                                        {2, ~0ull},
                                                                                        {0xffffffff, 0xffffffffffffffff},
                                                                                        {0x80000000, 0x8000000000000000},
                                                                                        {kMaxBlockWidth + 1, 0},
                                                                                        {0, 4097}}) {
    const auto read = read_row_block(*source_of(sealed(row_block_body(width, rows, 24))));
    ASSERT_FALSE(read.ok()) << width << " " << rows;
    EXPECT_EQ(read.error().kind(), ErrorKind::corrupt);
  }
  EXPECT_FALSE(read_row_block(*source_of(sealed(bytes_of(std::string(kRowBlockMagic) + std::string("\1\0\0\0", 4))))).ok());
}

TEST(RowBlock, OtherKindsAndVersionsAreRefused) {
  auto body = row_block_body(1, 1, 4);
  body[8] = std::byte{kUnitVersion + 1};
  const auto read = read_row_block(*source_of(sealed(body)));
  ASSERT_FALSE(read.ok());
  EXPECT_NE(read.error().text().find("version " + std::to_string(kUnitVersion + 1)), std::string::npos);
  EXPECT_FALSE(SegmentReader::open(source_of(sealed(row_block_body(1, 1, 4)))).ok());
}

TEST(RowBlock, ReadErrorsAreReported) {
  auto bytes = sealed(row_block_body(2, 3, 24));
  const auto size = bytes.size();
  FaultySource faulty(source_of(std::move(bytes)), size - 1);
  const auto read = read_row_block(faulty);
  ASSERT_FALSE(read.ok());
  EXPECT_EQ(read.error().kind(), ErrorKind::io);
}

TEST(RowBlock, MissingFolderIsAnError) {
  TempFolder folder;
  const auto status = write_row_block(folder / "no/such/unit", block_of(1, 1));
  ASSERT_FALSE(status.ok());
  EXPECT_NE(status.error().text().find("no/such/unit"), std::string::npos);
}

}  // namespace
}  // namespace bagloom::dataset
