// LeRobot's codes against its own formula and table (lerobot-format.md 6.7), and sizes that mix no distances.
#include "media/depth_scaler.h"

#include <cmath>
#include <limits>
#include <set>
#include <utility>

#include "media/png_encoder.h"
#include "pictures.h"

namespace bagloom::media {
namespace {

template <class Number>
Picture picture_of(PixelFormat format, std::uint32_t width, const std::vector<Number>& values) {
  Picture picture;
  EXPECT_OK(picture.reshape(format, width, static_cast<std::uint32_t>(values.size()) / width));
  for (std::size_t i = 0; i < values.size(); ++i) {
    auto* row = picture.plane(0) + static_cast<std::ptrdiff_t>(i / width) * picture.stride(0);
    reinterpret_cast<Number*>(row)[i % width] = values[i];
  }
  return picture;
}

std::vector<std::uint16_t> pixels(const Picture& picture) {
  std::vector<std::uint16_t> all;
  for (std::uint32_t y = 0; y < picture.height(); ++y) {
    const auto* row =
        reinterpret_cast<const std::uint16_t*>(picture.plane(0) + static_cast<std::ptrdiff_t>(y) * picture.stride(0));
    all.insert(all.end(), row, row + picture.width());
  }
  return all;
}

TEST(DepthQuantiser, GivesLeRobotsCodes) {
  const DepthQuantiser quantiser({});
  struct Row {
    int in, code, out;
  };
  for (const Row& row : {Row{0, 0, 10},
                         {10, 0, 10},
                         {100, 77, 100},
                         {500, 397, 500},
                         {1000, 755, 1000},
                         {2000, 1365, 1999},
                         {5000, 2689, 5001},
                         {10000, 4095, 10000},
                         {20000, 4095, 10000}}) {
    EXPECT_EQ(quantiser.code(row.in / 1000.0), row.code) << row.in;
    EXPECT_EQ(quantiser.millimetres(static_cast<std::uint16_t>(row.code)), row.out) << row.in;
  }
  EXPECT_EQ(quantiser.code(std::numeric_limits<double>::quiet_NaN()), 0);
  EXPECT_EQ(quantiser.code(std::numeric_limits<double>::infinity()), 0) << "not measured, not far";
  EXPECT_EQ(quantiser.code(-1), 0);
}

TEST(DepthQuantiser, IsNeverOffByMoreThanItSays) {
  for (const DepthRange& range : {DepthRange{}, DepthRange{0.2, 2.0}, DepthRange{0, 65.535}}) {
    const DepthQuantiser quantiser(range);
    double worst = 0;
    for (double metres = range.nearest; metres <= range.farthest; metres += 0.00037) {
      const double off = std::abs(quantiser.millimetres(quantiser.code(metres)) / 1000.0 - metres);
      ASSERT_LE(off, quantiser.error_at(metres) + 1e-9) << metres;
      worst = std::max(worst, off / quantiser.error_at(metres));
    }
    EXPECT_GT(worst, 0.9) << "the bound is a tight one";
  }
}

TEST(DepthQuantiser, RangesThatCannotBeAreRefused) {
  EXPECT_OK(check_depth_range({}));
  for (const DepthRange& range : {DepthRange{1, 1}, DepthRange{-0.1, 1}, DepthRange{0, 65.6}, DepthRange{0, 1, -1}}) {
    EXPECT_FALSE(check_depth_range(range).ok());
  }
}

TEST(DepthScaler, WholeNumbersKeepTheirMillimetres) {
  const auto scaler = make_depth_scaler({3, 2, ScaleFit::none, 0.001, std::nullopt});
  const std::vector<std::uint16_t> values{0, 1, 999, 1000, 65534, 65535};
  Picture out;
  ASSERT_OK(scaler->scale(picture_of(PixelFormat::gray16, 3, values), out));
  EXPECT_EQ(out.format(), PixelFormat::gray16);
  EXPECT_EQ(pixels(out), values);
}

TEST(DepthScaler, UnitsAndMetresBecomeMillimetres) {
  Picture out;
  ASSERT_OK(make_depth_scaler({3, 1, ScaleFit::none, 0.00025, std::nullopt})
                ->scale(picture_of<std::uint16_t>(PixelFormat::gray16, 3, {0, 4000, 5}), out));
  EXPECT_EQ(pixels(out), (std::vector<std::uint16_t>{0, 1000, 1}));
  const float nan = std::numeric_limits<float>::quiet_NaN(), inf = std::numeric_limits<float>::infinity();
  ASSERT_OK(make_depth_scaler({6, 1, ScaleFit::none, 0.001, std::nullopt})
                ->scale(picture_of<float>(PixelFormat::grayf32, 6, {nan, inf, -1, 0.0004f, 1.2344f, 65.6f}), out));
  EXPECT_EQ(pixels(out), (std::vector<std::uint16_t>{0, 0, 0, 0, 1234, 0}));
  ASSERT_OK(make_depth_scaler({4, 1, ScaleFit::none, 0.001, std::nullopt, 0.001})
                ->scale(picture_of<float>(PixelFormat::grayf32, 4, {nan, 0.4f, 2500, 70000}), out));
  EXPECT_EQ(pixels(out), (std::vector<std::uint16_t>{0, 0, 2500, 0}));
}

TEST(DepthScaler, AnotherSizeTakesPixelsAndMakesNoneUp) {
  std::vector<std::uint16_t> values;
  for (int y = 0; y < 30; ++y) {
    for (int x = 0; x < 40; ++x) values.push_back(static_cast<std::uint16_t>(x < 17 ? 500 + y : 4000 + x));
  }
  const std::set<std::uint16_t> there(values.begin(), values.end());
  for (const auto& [w, h, fit] : {std::tuple{20u, 15u, ScaleFit::none},
                                  {64u, 48u, ScaleFit::none},
                                  {12u, 30u, ScaleFit::stretch},
                                  {20u, 20u, ScaleFit::crop},
                                  {32u, 32u, ScaleFit::pad}}) {
    Picture out;
    ASSERT_OK(make_depth_scaler({w, h, fit, 0.001, std::nullopt})->scale(picture_of(PixelFormat::gray16, 40, values), out));
    std::size_t zeros = 0;
    for (const std::uint16_t value : pixels(out)) {
      zeros += value == 0;
      EXPECT_TRUE(value == 0 || there.contains(value)) << value;
    }
    EXPECT_EQ(zeros, fit == ScaleFit::pad ? 32u * 8 : 0u);
  }
  Picture out;
  EXPECT_FALSE(make_depth_scaler({20, 20, ScaleFit::none, 0.001, std::nullopt})
                   ->scale(picture_of(PixelFormat::gray16, 40, values), out)
                   .ok());
  // Half the size: each output pixel is the one that holds its middle.
  ASSERT_OK(
      make_depth_scaler({20, 15, ScaleFit::none, 0.001, std::nullopt})->scale(picture_of(PixelFormat::gray16, 40, values), out));
  EXPECT_EQ(pixels(out)[3 * 20 + 5], values[7 * 40 + 11]);
}

TEST(DepthSampler, CountsMillimetresAndWhatCodesStandFor) {
  RgbHistogram counts;
  ASSERT_OK(make_histogram_sampler()->add(picture_of<std::uint16_t>(PixelFormat::gray16, 2, {0, 700, 700, 9}), counts));
  EXPECT_EQ(counts.millimetres[700], 2u);
  EXPECT_EQ(counts.millimetres[0], 1u);
  EXPECT_EQ(counts.pictures, 1u);
  RgbHistogram codes, sum;
  ASSERT_OK(make_histogram_sampler(DepthRange{})->add(picture_of<std::uint16_t>(PixelFormat::gray12, 2, {0, 755}), codes));
  EXPECT_EQ(codes.millimetres[10], 1u);
  EXPECT_EQ(codes.millimetres[1000], 1u);
  EXPECT_FALSE(make_histogram_sampler()->add(picture_of<std::uint16_t>(PixelFormat::gray12, 1, {0}), codes).ok());
  sum.add(counts);
  sum.add(codes);
  EXPECT_EQ(sum.pictures, 2u);
  EXPECT_EQ(sum.millimetres[700] + sum.millimetres[1000], 3u);
}

TEST(Png, WhatIsWrittenIsReadBackExactly) {
  Picture rgb;
  ASSERT_OK(rgb.reshape(PixelFormat::rgb24, 37, 21));
  paint_rgb(rgb, 5);
  std::vector<std::uint16_t> values;
  for (int i = 0; i < 37 * 21; ++i) values.push_back(static_cast<std::uint16_t>(i * 977));
  const Picture depth = picture_of(PixelFormat::gray16, 37, values);
  std::vector<std::byte> file;
  for (const Picture* picture : {&std::as_const(rgb), &depth}) {
    ASSERT_OK(encode_png(*picture, file));
    EXPECT_LE(file.size(), png_encoder_bytes(picture->format(), 37, 21));
    EncodedPicture encoded;
    encoded.compressed = true;
    encoded.encoding = "png";
    encoded.data = file;
    const bool is_depth = picture == &depth;
    Picture again;
    ASSERT_OK(make_picture_decoder({.depth = is_depth})->decode(encoded, again));
    EXPECT_TRUE(same_pixels(*picture, again));
    EXPECT_EQ(file_as_recorded(encoded, is_depth).size(), file.size());
  }
}

TEST(DepthVideo, CodesComeBackExactly) {
  EncoderSettings settings;
  settings.codec = "hevc";
  settings.format = PixelFormat::gray12;
  settings.width = 64;
  settings.height = 48;
  if (const Status here = check_encoder(settings); !here.ok()) GTEST_SKIP() << here.error().text();
  std::vector<std::vector<std::uint16_t>> pictures;
  std::vector<OwnedPacket> packets;
  StreamParameters stream;
  // Two segments, each of an encoder of its own: their packets are joined by copying.
  for (int segment = 0; segment < 2; ++segment) {
    auto encoder = SegmentEncoder::open(settings, [&](const Packet& packet) -> Status {
      packets.push_back({{packet.bytes.begin(), packet.bytes.end()}, packet.keyframe});
      return {};
    });
    ASSERT_OK(encoder);
    for (int n = 0; n < 3; ++n) {
      std::vector<std::uint16_t> values;
      for (int i = 0; i < 64 * 48; ++i) values.push_back(static_cast<std::uint16_t>((i * 131 + n * 977 + segment * 55) % 4096));
      ASSERT_OK((*encoder)->push(picture_of(PixelFormat::gray12, 64, values)));
      pictures.push_back(values);
    }
    ASSERT_OK((*encoder)->finish());
    if (segment == 1) {
      EXPECT_EQ(stream.extradata, (*encoder)->stream().extradata);
    }
    stream = (*encoder)->stream();
  }
  EXPECT_EQ(stream.pix_fmt, "gray12le");
  ASSERT_EQ(packets.size(), pictures.size());
  EXPECT_TRUE(packets[0].keyframe && packets[3].keyframe);
  const std::string path = temp_path("depth.mp4");
  write_mp4(path, stream, packets);
  const auto facts = inspect_mp4(path, settings.fps);
  ASSERT_OK(facts);
  EXPECT_EQ(facts->codec, "hevc");
  EXPECT_EQ(facts->pix_fmt, "gray12le");
  unlink(path.c_str());
}

}  // namespace
}  // namespace bagloom::media
