// Depth out of messages, against numbers written by hand.
#include "media/depth_picture.h"

#include <cmath>
#include <cstring>
#include <limits>

#include "media/rvl.h"
#include "pictures.h"
#include "png_bytes.h"

namespace bagloom::media {
namespace {

EncodedPicture message(bool compressed, std::string_view encoding, std::string_view data) {
  EncodedPicture picture;
  picture.compressed = compressed;
  picture.encoding = encoding;
  picture.data = as_bytes(data);
  return picture;
}

template <class Number>
std::string numbers_text(const std::vector<Number>& numbers, bool big = false) {
  std::string text;
  for (const Number number : numbers) {
    char bytes[sizeof number];
    std::memcpy(bytes, &number, sizeof number);
    text += big ? std::string(std::rbegin(bytes), std::rend(bytes)) : std::string(bytes, sizeof number);
  }
  return text;
}

template <class Number>
std::vector<Number> pixels(const Picture& picture) {
  std::vector<Number> all;
  for (std::uint32_t y = 0; y < picture.height(); ++y) {
    const auto* row = reinterpret_cast<const Number*>(picture.plane(0) + static_cast<std::ptrdiff_t>(y) * picture.stride(0));
    all.insert(all.end(), row, row + picture.width());
  }
  return all;
}

Picture decoded(const EncodedPicture& encoded) {
  Picture out;
  EXPECT_OK(make_picture_decoder({.depth = true})->decode(encoded, out));
  const auto shape = probe_picture(encoded, true);
  EXPECT_OK(shape);
  if (shape.ok()) {
    EXPECT_EQ(shape->format, out.format());
    EXPECT_EQ(shape->width, out.width());
  }
  return out;
}

TEST(Depth, RawOfEveryNumberAndByteOrder) {
  for (const bool big : {false, true}) {
    for (const char* name : {"16UC1", "mono16", "16uc1"}) {
      auto encoded = message(false, name, "");
      const std::string data = numbers_text<std::uint16_t>({0, 1, 999, 1000, 65535, 7}, big);
      encoded.data = as_bytes(data);
      encoded.width = 2, encoded.height = 2, encoded.step = 8, encoded.big_endian = big;
      EXPECT_EQ(pixels<std::uint16_t>(decoded(encoded)), (std::vector<std::uint16_t>{0, 1, 65535, 7})) << "the step is longer";
    }
    auto encoded = message(false, "16SC1", "");
    const std::string data = numbers_text<std::int16_t>({-5, 300}, big);
    encoded.data = as_bytes(data);
    encoded.width = 2, encoded.height = 1, encoded.step = 4, encoded.big_endian = big;
    EXPECT_EQ(pixels<std::uint16_t>(decoded(encoded)), (std::vector<std::uint16_t>{0, 300}));
    const std::string floats = numbers_text<float>({1.5f, std::numeric_limits<float>::infinity()}, big);
    encoded.encoding = "32FC1", encoded.step = 8;
    encoded.data = as_bytes(floats);
    EXPECT_EQ(pixels<float>(decoded(encoded)), (std::vector<float>{1.5f, std::numeric_limits<float>::infinity()}));
    const std::string doubles = numbers_text<double>({0.25, -1}, big);
    encoded.encoding = "64FC1", encoded.step = 16;
    encoded.data = as_bytes(doubles);
    EXPECT_EQ(pixels<float>(decoded(encoded)), (std::vector<float>{0.25f, -1}));
  }
}

TEST(Depth, ColourIsNoDepth) {
  auto encoded = message(false, "rgb8", "");
  encoded.width = encoded.height = 1, encoded.step = 3;
  const auto shape = probe_picture(encoded, true);
  ASSERT_FALSE(shape.ok());
  EXPECT_NE(shape.error().text().find("`camera:`"), std::string::npos);
  const std::string png8 = png_file(1, 8, 0, {{1}});
  EXPECT_EQ(probe_picture(message(true, "16UC1; png compressed ", png8), true).error().kind(), ErrorKind::unsupported);
}

const std::string kPng = png_file(3, 16, 0, {{0, 0, 3, '\xe8', '\xff', '\xff'}, {0, 1, 0, 2, 0, 3}});

TEST(Depth, CompressedDepthWithItsTwelveBytesAndWithout) {
  const std::vector<std::uint16_t> wanted{0, 1000, 65535, 1, 2, 3};
  const std::string whole = std::string(12, '\x5a') + kPng;
  for (const char* name :
       {"16UC1; compressedDepth png", "16UC1; compressedDepth", "16UC1; compressedDepth ", "compressedDepth"}) {
    EXPECT_EQ(pixels<std::uint16_t>(decoded(message(true, name, whole))), wanted) << name;
    EXPECT_EQ(pixels<std::uint16_t>(decoded(message(true, name, kPng))), wanted) << name << ", bare";
  }
  EXPECT_EQ(pixels<std::uint16_t>(decoded(message(true, "16UC1; png compressed ", kPng))), wanted);
  for (const std::size_t cut : {0, 5, 12, 20}) {
    Picture out;
    const Status status = make_depth_decoder()->decode(message(true, "16UC1; compressedDepth png", whole.substr(0, cut)), out);
    ASSERT_FALSE(status.ok());
    EXPECT_EQ(status.error().kind(), ErrorKind::corrupt);
  }
}

TEST(Depth, InverseDepthComesBackInMetres) {
  // As its writer has it: q 100, farthest 10 m: A = q (q + 1), B = 1 - A / farthest, v = trunc(A / depth + B).
  const float a = 100 * 101, b = 1 - a / 10;
  const std::vector<float> depths{0.5f, 1.25f, 9.9f};
  std::string row = std::string(2, '\0');
  for (const float depth : depths) {
    const auto v = static_cast<std::uint16_t>(a / depth + b);
    row += static_cast<char>(v >> 8);
    row += static_cast<char>(v & 255);
  }
  const std::string data = std::string(4, '\0') + numbers_text<float>({a, b}) + png_file(4, 16, 0, {row});
  const auto out = decoded(message(true, "32FC1; compressedDepth png", data));
  ASSERT_EQ(out.format(), PixelFormat::grayf32);
  const auto metres = pixels<float>(out);
  EXPECT_TRUE(std::isnan(metres[0])) << "0 says that nothing was measured";
  for (std::size_t i = 0; i < depths.size(); ++i) {
    // One step of v is depth squared / A: the coding's own error.
    EXPECT_NEAR(metres[i + 1], depths[i], depths[i] * depths[i] / a * 1.1) << i;
  }
  for (const float bad : {0.0f, -1.0f, std::numeric_limits<float>::quiet_NaN()}) {
    Picture none;
    const std::string wrong = std::string(4, '\0') + numbers_text<float>({bad, b}) + png_file(4, 16, 0, {row});
    EXPECT_FALSE(make_depth_decoder()->decode(message(true, "32FC1; compressedDepth png", wrong), none).ok());
  }
}

/// RVL's writer, from its description.
std::string rvl_file(std::uint32_t width, const std::vector<std::uint16_t>& values) {
  std::vector<std::uint32_t> nibbles;
  const auto put = [&](std::uint32_t n) {
    do {
      const std::uint32_t low = n & 7;
      n >>= 3;
      nibbles.push_back(low | (n != 0 ? 8 : 0));
    } while (n != 0);
  };
  int previous = 0;
  for (std::size_t i = 0; i < values.size();) {
    std::size_t zeros = i;
    while (zeros < values.size() && values[zeros] == 0) ++zeros;
    put(static_cast<std::uint32_t>(zeros - i));
    std::size_t end = zeros;
    while (end < values.size() && values[end] != 0) ++end;
    put(static_cast<std::uint32_t>(end - zeros));
    for (; zeros < end; ++zeros) {
      const int delta = values[zeros] - previous;
      put(static_cast<std::uint32_t>(delta) << 1 ^ static_cast<std::uint32_t>(delta >> 31));
      previous = values[zeros];
    }
    i = end;
  }
  while (nibbles.size() % 8 != 0) nibbles.push_back(0);
  std::vector<std::uint32_t> words{width, static_cast<std::uint32_t>(values.size()) / width};
  for (std::size_t i = 0; i < nibbles.size(); i += 8) {
    std::uint32_t word = 0;
    for (std::size_t n = 0; n < 8; ++n) word = word << 4 | nibbles[i + n];
    words.push_back(word);
  }
  return numbers_text(words);
}

TEST(Rvl, ComesBackAsWritten) {
  std::vector<std::vector<std::uint16_t>> pictures{
      {0, 0, 0, 0, 0, 0}, {5, 5, 5, 5, 5, 5}, {0, 1, 65535, 0, 0, 2}, {65535, 1, 65535, 1, 0, 0}};
  std::vector<std::uint16_t> large;
  for (int i = 0; i < 6000; ++i) large.push_back(i % 97 < 20 ? 0 : static_cast<std::uint16_t>(800 + i % 300 * (i % 7)));
  pictures.push_back(large);
  for (const auto& values : pictures) {
    const std::string file = rvl_file(3, values);
    Picture out;
    ASSERT_OK(decode_rvl(as_bytes(file), out));
    EXPECT_EQ(pixels<std::uint16_t>(out), values);
    const std::string data = std::string(12, '\0') + file;
    EXPECT_EQ(pixels<std::uint16_t>(decoded(message(true, "16UC1; compressedDepth rvl", data))), values);
    for (std::size_t cut = 0; cut + 4 <= file.size(); cut += file.size() > 100 ? 97 : 1) {
      EXPECT_FALSE(decode_rvl(as_bytes(file).first(cut), out).ok()) << cut << " of " << file.size();
    }
  }
}

TEST(Rvl, LiesAreCorrupt) {
  Picture out;
  const auto words = [](std::vector<std::uint32_t> list) { return numbers_text(list); };
  for (const std::string& file : {words({0, 5, 0}), words({70000, 70000, 0}), words({16384, 16384, 0}), words({2, 2, 0x7f000000}),
                                  words({2, 2, 0}), words({2, 2, 0xffffffff, 0xffffffff})}) {
    const Status status = decode_rvl(as_bytes(file), out);
    ASSERT_FALSE(status.ok());
    EXPECT_EQ(status.error().kind(), ErrorKind::corrupt);
  }
}

TEST(Depth, ATiffOfSixteenBitsIsTaken) {
  // Little-endian, one strip behind its nine entries.
  std::string file("II*\0\x08\0\0\0\x09\0", 10);
  for (const auto& [tag, value] :
       {std::pair{256, 2}, {257, 1}, {258, 16}, {259, 1}, {262, 1}, {273, 122}, {277, 1}, {278, 1}, {279, 4}}) {
    file += numbers_text<std::uint16_t>({static_cast<std::uint16_t>(tag), 4}) +
            numbers_text<std::uint32_t>({1, static_cast<std::uint32_t>(value)});
  }
  file += std::string(4, '\0') + numbers_text<std::uint16_t>({1234, 0});
  EXPECT_EQ(pixels<std::uint16_t>(decoded(message(true, "16UC1; tiff compressed ", file))),
            (std::vector<std::uint16_t>{1234, 0}));
}

}  // namespace
}  // namespace bagloom::media
