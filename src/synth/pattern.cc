#include "synth/pattern.h"

#include <algorithm>
#include <array>
#include <cstring>

#include "synth/synth.h"

namespace bagloom::synth {
namespace {

constexpr std::uint32_t kGridColumns = 40, kGridRows = 30;  // cells in the whole picture
constexpr std::uint32_t kColumns = 10, kRows = 6;           // cells of the pattern, its border included
constexpr std::uint32_t kInner = kColumns - 2;
constexpr std::uint8_t kWhite = 235, kBlack = 20;
constexpr double kLeastContrast = 64;

bool is_white_border(std::uint32_t column, std::uint32_t row) { return row == 0 || column == 0; }
bool is_black_border(std::uint32_t column, std::uint32_t row) {
  return !is_white_border(column, row) && (row == kRows - 1 || column == kColumns - 1);
}

std::uint32_t word_of(std::uint32_t camera, std::uint32_t frame) {
  return camera << 28 | frame << 12 | pattern_checksum(camera, frame);
}

/// The bit of an inner cell, 31 first.
std::uint32_t bit_of(std::uint32_t column, std::uint32_t row) { return 31 - ((row - 1) * kInner + (column - 1)); }

/// Mean luma over the middle half of a cell: from floor((i + 1/4) * size / n) to before ceil((i + 3/4) * size / n).
double cell_luma(const std::uint8_t* rgb, std::uint32_t width, std::uint32_t height, std::uint32_t column, std::uint32_t row) {
  const auto from = [](std::uint32_t i, std::uint32_t size, std::uint32_t n) {
    return static_cast<std::uint32_t>((4ull * i + 1) * size / (4ull * n));
  };
  const auto to = [](std::uint32_t i, std::uint32_t size, std::uint32_t n) {
    return static_cast<std::uint32_t>(((4ull * i + 3) * size + 4ull * n - 1) / (4ull * n));
  };
  const std::uint32_t x0 = from(column, width, kGridColumns), x1 = std::max(x0 + 1, to(column, width, kGridColumns));
  const std::uint32_t y0 = from(row, height, kGridRows), y1 = std::max(y0 + 1, to(row, height, kGridRows));
  std::uint64_t sum = 0;
  for (std::uint32_t y = y0; y < y1; ++y) {
    for (std::uint32_t x = x0; x < x1; ++x) {
      const std::uint8_t* pixel = rgb + (static_cast<std::size_t>(y) * width + x) * 3;
      sum += 77u * pixel[0] + 150u * pixel[1] + 29u * pixel[2];
    }
  }
  return static_cast<double>(sum) / 256.0 / (static_cast<double>(x1 - x0) * (y1 - y0));
}

}  // namespace

std::uint32_t pattern_checksum(std::uint32_t camera, std::uint32_t frame) {
  const std::uint32_t data = camera << 16 | frame;
  std::uint32_t crc = 0;
  for (int bit = 19; bit >= 0; --bit) {
    const std::uint32_t top = (crc >> 11 ^ data >> bit) & 1;
    crc = (crc << 1) & 0xfff;
    if (top) crc ^= 0x80f;
  }
  return crc ^ 0xa5a;
}

void draw_pattern(std::uint8_t* rgb, std::uint32_t width, std::uint32_t height, std::ptrdiff_t stride, std::uint32_t camera,
                  std::uint32_t frame) {
  const std::uint32_t word = word_of(camera & 0xf, frame & 0xffff);
  for (std::uint32_t row = 0; row < kRows; ++row) {
    for (std::uint32_t column = 0; column < kColumns; ++column) {
      bool white = is_white_border(column, row);
      if (!white && !is_black_border(column, row)) white = (word >> bit_of(column, row) & 1) != 0;
      const std::uint32_t x0 = column * width / kGridColumns, x1 = (column + 1) * width / kGridColumns;
      const std::uint32_t y0 = row * height / kGridRows, y1 = (row + 1) * height / kGridRows;
      for (std::uint32_t y = y0; y < y1; ++y)
        std::memset(rgb + static_cast<std::ptrdiff_t>(y) * stride + 3 * x0, white ? kWhite : kBlack, 3 * (x1 - x0));
    }
  }
}

std::optional<PatternContent> read_pattern(const std::uint8_t* rgb, std::uint32_t width, std::uint32_t height) {
  if (width < kGridColumns || height < kGridRows) return std::nullopt;
  std::array<double, kColumns * kRows> luma{};
  double white = 0, black = 0;
  int whites = 0, blacks = 0;
  for (std::uint32_t row = 0; row < kRows; ++row) {
    for (std::uint32_t column = 0; column < kColumns; ++column) {
      const double value = cell_luma(rgb, width, height, column, row);
      luma[row * kColumns + column] = value;
      if (is_white_border(column, row)) {
        white += value;
        ++whites;
      } else if (is_black_border(column, row)) {
        black += value;
        ++blacks;
      }
    }
  }
  white /= whites;
  black /= blacks;
  if (white - black < kLeastContrast) return std::nullopt;
  const double middle = (white + black) / 2;
  std::uint32_t word = 0;
  for (std::uint32_t row = 0; row < kRows; ++row) {
    for (std::uint32_t column = 0; column < kColumns; ++column) {
      const bool bright = luma[row * kColumns + column] > middle;
      if (is_white_border(column, row)) {
        if (!bright) return std::nullopt;
      } else if (is_black_border(column, row)) {
        if (bright) return std::nullopt;
      } else if (bright) {
        word |= 1u << bit_of(column, row);
      }
    }
  }
  const PatternContent content{word >> 28, word >> 12 & 0xffff};
  if (word != word_of(content.camera, content.frame)) return std::nullopt;
  return content;
}

}  // namespace bagloom::synth
