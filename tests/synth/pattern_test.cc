#include "synth/pattern.h"

#include <gtest/gtest.h>

#include <vector>

#include "synth/random.h"
#include "synth/synth.h"

namespace bagloom::synth {
namespace {

std::vector<std::uint8_t> picture(std::uint32_t width, std::uint32_t height, std::uint32_t camera, std::uint32_t frame) {
  std::vector<std::uint8_t> rgb(static_cast<std::size_t>(width) * height * 3, 120);
  draw_pattern(rgb.data(), width, height, width * 3, camera, frame);
  return rgb;
}

TEST(Pattern, ChecksumsOfThePage) {
  EXPECT_EQ(pattern_checksum(0, 0), 0xA5Au);
  EXPECT_EQ(pattern_checksum(1, 2), 0xE0Eu);
  EXPECT_EQ(pattern_checksum(2, 599), 0x4C6u);
}

TEST(Pattern, EveryOneAndTwoBitErrorShows) {
  const std::uint32_t right = 5u << 16 | 4711;
  for (int a = 0; a < 20; ++a) {
    for (int b = 0; b < 20; ++b) {
      const std::uint32_t wrong = right ^ 1u << a ^ (a == b ? 0 : 1u << b);
      EXPECT_NE(pattern_checksum(wrong >> 16, wrong & 0xffff), pattern_checksum(5, 4711)) << a << " " << b;
    }
  }
}

TEST(Pattern, ReadsWhatWasDrawn) {
  for (const auto& [width, height] :
       {std::pair{80u, 60u}, {163u, 121u}, {160u, 120u}, {640u, 480u}, {848u, 480u}, {1921u, 1080u}}) {
    for (std::uint32_t camera = 0; camera < 16; ++camera) {
      const std::uint32_t frame = static_cast<std::uint32_t>(draw(1, camera, width) & 0xffff);
      const auto found = read_pattern(picture(width, height, camera, frame).data(), width, height);
      ASSERT_TRUE(found) << width << "x" << height;
      EXPECT_EQ(found->camera, camera);
      EXPECT_EQ(found->frame, frame);
    }
  }
}

TEST(Pattern, NothingWhereNoneStands) {
  std::vector<std::uint8_t> rgb(640 * 480 * 3, 120);
  EXPECT_FALSE(read_pattern(rgb.data(), 640, 480));
  for (std::size_t i = 0; i < rgb.size(); ++i) rgb[i] = static_cast<std::uint8_t>(mix(i));
  EXPECT_FALSE(read_pattern(rgb.data(), 640, 480));
  EXPECT_FALSE(read_pattern(rgb.data(), 8, 8));
}

TEST(Pattern, EveryDamagedCellShows) {
  for (std::uint32_t row = 0; row < 6; ++row) {
    for (std::uint32_t column = 0; column < 10; ++column) {
      auto rgb = picture(640, 480, 3, 999);
      for (std::uint32_t y = row * 16; y < row * 16 + 16; ++y)
        for (std::uint32_t x = column * 16 * 3; x < (column + 1) * 16 * 3; ++x) {
          std::uint8_t& value = rgb[static_cast<std::size_t>(y) * 640 * 3 + x];
          value = static_cast<std::uint8_t>(255 - value);
        }
      EXPECT_FALSE(read_pattern(rgb.data(), 640, 480)) << row << " " << column;
    }
  }
}

TEST(Pattern, SurvivesNoiseAndLittleContrast) {
  auto rgb = picture(640, 480, 2, 77);
  for (std::size_t i = 0; i < rgb.size(); ++i)
    rgb[i] = static_cast<std::uint8_t>(60 + rgb[i] / 2 + static_cast<int>(mix(i) % 60));
  const auto found = read_pattern(rgb.data(), 640, 480);
  ASSERT_TRUE(found);
  EXPECT_EQ(found->frame, 77u);
}

}  // namespace
}  // namespace bagloom::synth
