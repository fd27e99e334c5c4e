// Each raw encoding against values that stand in the bytes, or that a plain formula gives.
#include <algorithm>
#include <array>
#include <functional>

#include "media/bayer.h"
#include "media/picture_decoder.h"
#include "media/raw_encoding.h"
#include "pictures.h"

namespace bagloom::media {
namespace {

struct Raw {
  std::string encoding;
  std::uint32_t width = 0, height = 0, step = 0;
  bool big_endian = false;
  std::vector<std::uint8_t> data;
  EncodedPicture encoded() const {
    EncodedPicture picture;
    picture.encoding = encoding;
    picture.width = width;
    picture.height = height;
    picture.step = step;
    picture.big_endian = big_endian;
    picture.data = Bytes(reinterpret_cast<const std::byte*>(data.data()), data.size());
    return picture;
  }
};

std::uint8_t at(const Picture& picture, int plane, std::uint32_t x, std::uint32_t y) {
  return picture.plane(plane)[static_cast<std::ptrdiff_t>(y) * picture.stride(plane) + x];
}

/// Bytes that differ from place to place, padding included.
std::vector<std::uint8_t> numbered(std::size_t n) {
  std::vector<std::uint8_t> bytes(n);
  for (std::size_t i = 0; i < n; ++i) bytes[i] = static_cast<std::uint8_t>(i * 37 % 253);
  return bytes;
}

Picture decoded(const Raw& raw) {
  Picture out;
  EXPECT_OK(make_picture_decoder({})->decode(raw.encoded(), out));
  const auto shape = probe_picture(raw.encoded());
  EXPECT_OK(shape);
  if (shape.ok()) {
    EXPECT_EQ(shape->format, out.format());
  }
  return out;
}

TEST(RawEncodings, AlphaIsLeftOut) {
  for (const auto& [name, format] :
       {std::pair{"rgba8", PixelFormat::rgb24}, {"BGRA8", PixelFormat::bgr24}, {"8UC4", PixelFormat::bgr24}}) {
    const Raw raw{name, 5, 3, 5 * 4 + 7, false, numbered(3 * 27)};
    const Picture out = decoded(raw);
    EXPECT_EQ(out.format(), format);
    for (std::uint32_t y = 0; y < 3; ++y) {
      for (std::uint32_t x = 0; x < 5; ++x) {
        for (std::uint32_t c = 0; c < 3; ++c) EXPECT_EQ(at(out, 0, 3 * x + c, y), raw.data[y * 27 + 4 * x + c]);
      }
    }
  }
}

// Sheared, if it was taken as it says.
TEST(RawEncodings, AStepThatContradictsTheDataIsAnError) {
  Raw raw{"rgb8", 5, 4, 15, false, numbered(std::size_t{4} * 18)};
  const auto wrong = probe_picture(raw.encoded());
  ASSERT_FALSE(wrong.ok());
  EXPECT_EQ(wrong.error().kind(), ErrorKind::corrupt);
  EXPECT_NE(wrong.error().message().find("step 15 contradicts the data: 72 bytes are 4 rows of 18"), std::string::npos)
      << wrong.error().message();
  raw.step = 18;
  EXPECT_TRUE(probe_picture(raw.encoded()).ok());
  raw.step = 20;
  EXPECT_FALSE(probe_picture(raw.encoded()).ok());
  // What lies behind the last row of a buffer says nothing about rows.
  raw.step = 15;
  raw.data.resize(63);
  EXPECT_TRUE(probe_picture(raw.encoded()).ok());
}

TEST(RawEncodings, SixteenBitsBecomeEightToTheNearest) {
  for (const bool big : {false, true}) {
    Raw raw{"rgb16", 2, 1, 12, big, {}};
    for (const std::uint32_t value : {0u, 128u, 129u, 32767u, 65406u, 65535u}) {
      raw.data.push_back(static_cast<std::uint8_t>(big ? value >> 8 : value));
      raw.data.push_back(static_cast<std::uint8_t>(big ? value : value >> 8));
    }
    const Picture out = decoded(raw);
    // 257 steps of 16 bits are one of 8: 128 is nearer to 0, 129 to 1, 32767 to 127 (127.498), 65406 to 254 (254.498).
    const std::array<int, 6> wanted{0, 0, 1, 127, 254, 255};
    for (std::uint32_t i = 0; i < 6; ++i) EXPECT_EQ(at(out, 0, i, 0), wanted[i]) << i << (big ? " big" : " little");
  }
}

TEST(RawEncodings, PackedYuvGoesToPlanesOfBothOrders) {
  for (const auto& [name, luma] : {std::pair{"yuv422", 1u}, {"uyvy", 1u}, {"UYVY", 1u}, {"yuv422_yuy2", 0u}, {"yuyv", 0u}}) {
    // An odd width: the last pixel's colours stand in a whole pair.
    const Raw raw{name, 5, 2, 14, false, numbered(2 * 14)};
    const Picture out = decoded(raw);
    ASSERT_EQ(out.format(), PixelFormat::yuv422p);
    for (std::uint32_t y = 0; y < 2; ++y) {
      for (std::uint32_t x = 0; x < 5; ++x) EXPECT_EQ(at(out, 0, x, y), raw.data[y * 14 + 2 * x + luma]) << name;
      for (std::uint32_t x = 0; x < 3; ++x) {
        EXPECT_EQ(at(out, 1, x, y), raw.data[y * 14 + 4 * x + 1 - luma]) << name;
        EXPECT_EQ(at(out, 2, x, y), raw.data[y * 14 + 4 * x + 3 - luma]) << name;
      }
    }
  }
}

TEST(RawEncodings, PlanarYuvIsFoundBehindLumaOfAnyStep) {
  constexpr std::uint32_t w = 6, h = 4, step = 10;
  for (const auto& [name, first] : {std::pair{"nv12", 1}, {"nv21", 2}}) {
    const Raw raw{name, w, h, step, false, numbered(step * h + step * (h / 2))};
    const Picture out = decoded(raw);
    ASSERT_EQ(out.format(), PixelFormat::yuv420p);
    for (std::uint32_t y = 0; y < h; ++y) EXPECT_EQ(at(out, 0, 3, y), raw.data[y * step + 3]);
    for (std::uint32_t y = 0; y < h / 2; ++y) {
      for (std::uint32_t x = 0; x < w / 2; ++x) {
        EXPECT_EQ(at(out, first, x, y), raw.data[step * h + y * step + 2 * x]) << name;
        EXPECT_EQ(at(out, 3 - first, x, y), raw.data[step * h + y * step + 2 * x + 1]) << name;
      }
    }
  }
  const Raw whole{"nv24", w, h, step, false, numbered(step * h * 3)};
  const Picture nv24 = decoded(whole);
  ASSERT_EQ(nv24.format(), PixelFormat::yuv444p);
  EXPECT_EQ(at(nv24, 1, 5, 3), whole.data[step * h + 3 * 2 * step + 10]);
  EXPECT_EQ(at(nv24, 2, 5, 3), whole.data[step * h + 3 * 2 * step + 11]);
  const Raw planes{"i420", w, h, step, false, numbered(step * h + 2 * 5 * (h / 2))};
  const Picture i420 = decoded(planes);
  ASSERT_EQ(i420.format(), PixelFormat::yuv420p);
  EXPECT_EQ(at(i420, 1, 2, 1), planes.data[step * h + 5 + 2]);
  EXPECT_EQ(at(i420, 2, 2, 1), planes.data[step * h + 2 * 5 + 5 + 2]);
}

TEST(RawEncodings, YuvIsStudioRangeOfBt601) {
  // 75 % and full colours as ITU-R BT.601 has them: 16 + 219 y, 128 + 224 c.
  struct Colour {
    std::array<std::uint8_t, 3> yuv, rgb;
  };
  for (const Colour& colour :
       {Colour{{81, 90, 240}, {254, 0, 0}}, Colour{{145, 54, 34}, {0, 255, 1}}, Colour{{41, 240, 110}, {0, 0, 255}},
        Colour{{235, 128, 128}, {255, 255, 255}}, Colour{{16, 128, 128}, {0, 0, 0}}}) {
    Raw raw{"uyvy", 16, 16, 32, false, {}};
    for (int i = 0; i < 128; ++i) raw.data.insert(raw.data.end(), {colour.yuv[1], colour.yuv[0], colour.yuv[2], colour.yuv[0]});
    const Picture picture = decoded(raw);
    RgbHistogram counts;
    ASSERT_OK(make_histogram_sampler()->add(picture, counts));
    for (int c = 0; c < 3; ++c) {
      std::uint64_t near = 0;
      for (int value = std::max(0, colour.rgb[c] - 1); value <= std::min(255, colour.rgb[c] + 1); ++value) {
        near += counts.counts[c][value];
      }
      EXPECT_EQ(near, 256u) << "channel " << c << " of " << int{colour.rgb[0]} << " " << int{colour.rgb[1]};
    }
    // And to the encoder's layout: the same numbers, since that is studio range too.
    Picture scaled;
    ASSERT_OK(
        make_picture_scaler({16, 16, PixelFormat::yuv420p, ScaleFilter::automatic, ScaleFit::none})->scale(picture, scaled));
    EXPECT_EQ(at(scaled, 0, 7, 7), colour.yuv[0]);
    EXPECT_EQ(at(scaled, 1, 3, 3), colour.yuv[1]);
    EXPECT_EQ(at(scaled, 2, 3, 3), colour.yuv[2]);
  }
}

/// The colour (0 red, 1 green, 2 blue) that a mosaic measures at a place.
int site(int pattern, std::uint32_t x, std::uint32_t y) {
  constexpr int kBlocks[4][4] = {{0, 1, 1, 2}, {2, 1, 1, 0}, {1, 2, 0, 1}, {1, 0, 2, 1}};
  return kBlocks[pattern][(y & 1) * 2 + (x & 1)];
}

/// Bilinear: the mean of the samples of that colour among the nine around.
double bilinear(const std::function<double(std::uint32_t, std::uint32_t)>& sample, int pattern, int colour, std::uint32_t x,
                std::uint32_t y) {
  if (site(pattern, x, y) == colour) return sample(x, y);
  double sum = 0;
  int n = 0;
  for (std::uint32_t j = y - 1; j <= y + 1; ++j) {
    for (std::uint32_t i = x - 1; i <= x + 1; ++i) {
      // Green at green's neighbours in a cross only: the corners of a green place are green too, but farther.
      if (site(pattern, i, j) != colour) continue;
      sum += sample(i, j);
      ++n;
    }
  }
  return sum / n;
}

TEST(RawEncodings, EveryBayerPatternIsDemosaicedBilinearly) {
  constexpr std::uint32_t w = 16, h = 12;
  const char* names[4] = {"bayer_rggb", "bayer_bggr", "bayer_gbrg", "bayer_grbg"};
  for (int pattern = 0; pattern < 4; ++pattern) {
    for (const int bits : {8, 16}) {
      for (const bool big : {false, true}) {
        const std::uint32_t pixel = bits / 8, step = w * pixel + 6;
        Raw raw{names[pattern] + std::to_string(bits), w, h, step, big, std::vector<std::uint8_t>(step * h, 99)};
        const auto value = [&](std::uint32_t x, std::uint32_t y) {
          return static_cast<int>((x * 29 + y * 53 + x * y * 7) % 256);
        };
        for (std::uint32_t y = 0; y < h; ++y) {
          for (std::uint32_t x = 0; x < w; ++x) {
            // Of 16 bits the upper 8 count; the lower ones are noise.
            raw.data[y * step + x * pixel + (bits == 16 && !big ? 1 : 0)] = static_cast<std::uint8_t>(value(x, y));
          }
        }
        const Picture out = decoded(raw);
        ASSERT_EQ(out.format(), PixelFormat::rgb24);
        for (std::uint32_t y = 2; y < h - 2; ++y) {
          for (std::uint32_t x = 2; x < w - 2; ++x) {
            for (int c = 0; c < 3; ++c) {
              const double wanted = bilinear([&](auto i, auto j) { return value(i, j); }, pattern, c, x, y);
              ASSERT_NEAR(at(out, 0, 3 * x + static_cast<std::uint32_t>(c), y), wanted, 1.0)
                  << raw.encoding << (big ? " big" : "") << " " << x << "," << y << " channel " << c;
            }
          }
        }
      }
    }
  }
}

TEST(RawEncodings, AMosaicOfOneColourKeepsItUpToTheEdges) {
  for (int pattern = 0; pattern < 4; ++pattern) {
    for (const auto& [w, h] : {std::pair{2u, 2u}, {4u, 4u}, {6u, 2u}, {30u, 18u}}) {
      const std::array<std::uint8_t, 3> colour{200, 90, 30};
      std::vector<std::uint8_t> samples;
      for (std::uint32_t y = 0; y < h; ++y) {
        for (std::uint32_t x = 0; x < w; ++x) samples.push_back(colour[static_cast<std::size_t>(site(pattern, x, y))]);
      }
      Picture out;
      ASSERT_OK(make_demosaicer()->run({samples.data(), w, h, w, pattern, false, false}, out));
      for (std::uint32_t y = 0; y < h; ++y) {
        for (std::uint32_t x = 0; x < 3 * w; ++x) ASSERT_EQ(at(out, 0, x, y), colour[x % 3]) << pattern << " " << w << "x" << h;
      }
    }
  }
}

TEST(RawEncodings, AnOddMosaicIsCorrupt) {
  const Raw raw{"bayer_rggb8", 5, 4, 5, false, numbered(20)};
  Picture out;
  const Status status = make_picture_decoder({})->decode(raw.encoded(), out);
  ASSERT_FALSE(status.ok());
  EXPECT_EQ(status.error().kind(), ErrorKind::corrupt);
}

TEST(RawEncodings, OneByteTooFewIsCorruptAndThePaddingOfTheLastRowIsNot) {
  struct Case {
    const char* name;
    std::uint32_t step, needed;  // of 6x4
  };
  for (const Case& c :
       {Case{"rgba8", 30, 3 * 30 + 24}, Case{"bgr16", 40, 3 * 40 + 36}, Case{"yuyv", 20, 3 * 20 + 12},
        Case{"nv12", 8, 4 * 8 + 8 + 6}, Case{"nv21", 8, 4 * 8 + 8 + 6}, Case{"nv24", 8, 4 * 8 + 3 * 16 + 12},
        Case{"i420", 8, 4 * 8 + 3 * 4 + 3}, Case{"bayer_grbg8", 9, 3 * 9 + 6}, Case{"bayer_grbg16", 15, 3 * 15 + 12}}) {
    Raw raw{c.name, 6, 4, c.step, false, numbered(c.needed)};
    Picture out;
    EXPECT_OK(make_picture_decoder({})->decode(raw.encoded(), out));
    raw.data.pop_back();
    const Status status = make_picture_decoder({})->decode(raw.encoded(), out);
    ASSERT_FALSE(status.ok()) << c.name;
    EXPECT_EQ(status.error().kind(), ErrorKind::corrupt);
    raw.step = 3;
    EXPECT_FALSE(make_picture_decoder({})->decode(raw.encoded(), out).ok()) << c.name << " with a step below its row";
  }
}

TEST(RawEncodings, DepthIsNoCameraPicture) {
  for (const char* name : {"16UC1", "mono16", "16SC1", "32FC1", "64FC1"}) {
    const Raw raw{name, 2, 2, 16, false, numbered(32)};
    const auto shape = probe_picture(raw.encoded());
    ASSERT_FALSE(shape.ok()) << name;
    EXPECT_EQ(shape.error().kind(), ErrorKind::unsupported);
    EXPECT_NE(shape.error().text().find("`depth:`"), std::string::npos) << shape.error().text();
  }
}

}  // namespace
}  // namespace bagloom::media
