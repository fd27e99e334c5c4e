// PNG, WebP, TIFF and mosaics in files: what comes out, and what is refused.
#include <algorithm>
#include <array>

#include "media/encoding_text.h"
#include "media/picture_decoder.h"
#include "pictures.h"
#include "png_bytes.h"

namespace bagloom::media {
namespace {

// 16x16, the left half 200 40 40, the right half 20 60 220; written by Pillow.
constexpr unsigned char kLossless[] = {
    0x52, 0x49, 0x46, 0x46, 0x2a, 0x00, 0x00, 0x00, 0x57, 0x45, 0x42, 0x50, 0x56, 0x50, 0x38, 0x4c, 0x1d,
    0x00, 0x00, 0x00, 0x2f, 0x0f, 0xc0, 0x03, 0x00, 0x0f, 0x70, 0x1e, 0xf6, 0x53, 0xd0, 0x9e, 0x89, 0x7b,
    0xfe, 0x83, 0x07, 0x62, 0xc1, 0x64, 0xfe, 0xd2, 0xdd, 0x19, 0x44, 0xf4, 0x3f, 0x72, 0x01, 0x00,
};
constexpr unsigned char kLossy[] = {
    0x52, 0x49, 0x46, 0x46, 0x42, 0x00, 0x00, 0x00, 0x57, 0x45, 0x42, 0x50, 0x56, 0x50, 0x38, 0x20, 0x36, 0x00, 0x00,
    0x00, 0xd0, 0x01, 0x00, 0x9d, 0x01, 0x2a, 0x10, 0x00, 0x10, 0x00, 0x00, 0xc0, 0x12, 0x25, 0xa0, 0x02, 0x74, 0xba,
    0x01, 0xf8, 0x00, 0x03, 0xb0, 0x00, 0xfe, 0xfa, 0x28, 0x7f, 0xfe, 0xe5, 0x76, 0xbf, 0xf4, 0x61, 0xfe, 0xec, 0x2f,
    0xe1, 0x87, 0xff, 0xba, 0x04, 0xff, 0xf6, 0xa5, 0x9f, 0x3d, 0x1f, 0xed, 0x4b, 0x3f, 0x0f, 0x00, 0x00,
};
std::string bytes_of(const unsigned char* data, std::size_t n) { return {reinterpret_cast<const char*>(data), n}; }

EncodedPicture compressed(const std::string& encoding, const std::string& data) {
  EncodedPicture picture;
  picture.compressed = true;
  picture.encoding = encoding;
  picture.data = as_bytes(data);
  return picture;
}

Picture decoded(const std::string& encoding, const std::string& data) {
  Picture out;
  EXPECT_OK(make_picture_decoder({})->decode(compressed(encoding, data), out));
  const auto shape = probe_picture(compressed(encoding, data));
  EXPECT_OK(shape);
  if (shape.ok()) {
    EXPECT_EQ(shape->format, out.format());
    EXPECT_EQ(shape->width, out.width());
    EXPECT_EQ(shape->height, out.height());
  }
  return out;
}

ErrorKind refusal(const std::string& encoding, const std::string& data) {
  Picture out;
  const Status status = make_picture_decoder({})->decode(compressed(encoding, data), out);
  EXPECT_FALSE(status.ok());
  return status.ok() ? ErrorKind::internal : status.error().kind();
}

std::array<int, 3> rgb_at(const Picture& picture, std::uint32_t x, std::uint32_t y) {
  const std::uint8_t* at = picture.plane(0) + static_cast<std::ptrdiff_t>(y) * picture.stride(0) + 3 * x;
  return {at[0], at[1], at[2]};
}

TEST(Png, EveryKindOfSampleBecomesColourOrGrey) {
  const auto rgb = decoded("png", png_file(2, 8, 2, {{1, 2, 3, 4, 5, 6}, {7, 8, 9, 10, 11, 12}}));
  ASSERT_EQ(rgb.format(), PixelFormat::rgb24);
  EXPECT_EQ(rgb_at(rgb, 1, 1), (std::array{10, 11, 12}));
  const auto alpha = decoded("png", png_file(2, 8, 6, {{1, 2, 3, 0, 4, 5, 6, 77}}));
  EXPECT_EQ(rgb_at(alpha, 0, 0), (std::array{1, 2, 3})) << "alpha is left out, not laid over black";
  EXPECT_EQ(rgb_at(alpha, 1, 0), (std::array{4, 5, 6}));
  const auto grey_alpha = decoded("png", png_file(2, 8, 4, {{50, 0, 60, 9}}));
  ASSERT_EQ(grey_alpha.format(), PixelFormat::gray8_full);
  EXPECT_EQ(grey_alpha.plane(0)[0], 50);
  EXPECT_EQ(grey_alpha.plane(0)[1], 60);
  const auto palette = decoded("png", png_file(4, 2, 3, {{0x1b}}, png_chunk("PLTE", "abcdefghijkl") + png_chunk("tRNS", "\1")));
  EXPECT_EQ(rgb_at(palette, 0, 0), (std::array<int, 3>{'a', 'b', 'c'}));
  EXPECT_EQ(rgb_at(palette, 3, 0), (std::array<int, 3>{'j', 'k', 'l'}));
  const auto one_bit = decoded("png", png_file(8, 1, 0, {{'\xa0'}}));
  ASSERT_EQ(one_bit.format(), PixelFormat::gray8_full);
  EXPECT_EQ(one_bit.plane(0)[0], 255);
  EXPECT_EQ(one_bit.plane(0)[1], 0);
  const auto wide = decoded("png", png_file(1, 16, 2, {{'\0', '\x81', '\xff', '\x7e', '\xff', '\xff'}}));
  ASSERT_EQ(wide.format(), PixelFormat::rgb24);
  EXPECT_EQ(rgb_at(wide, 0, 0), (std::array{1, 254, 255})) << "16 bits to 8, to the nearest";
}

TEST(Png, AnInterlacedOneOfOnePixelAndRowsOfThreeBytes) {
  const auto out = decoded("png", png_file(1, 8, 2, {{9, 8, 7}}, "", 1));
  EXPECT_EQ(rgb_at(out, 0, 0), (std::array{9, 8, 7}));
}

TEST(Png, DamageIsCorrupt) {
  const std::string whole = png_file(2, 8, 2, {{1, 2, 3, 4, 5, 6}, {7, 8, 9, 10, 11, 12}});
  for (std::size_t cut = 0; cut < whole.size(); ++cut) {
    Picture out;
    EXPECT_FALSE(make_picture_decoder({})->decode(compressed("png", whole.substr(0, cut)), out).ok()) << cut;
  }
  // Any flipped bit behind the signature: a checksum shows it, or the size is no longer what the rows are.
  for (std::size_t at = 8; at < whole.size(); ++at) {
    std::string flipped = whole;
    flipped[at] = static_cast<char>(flipped[at] ^ 0x10);
    Picture out;
    EXPECT_FALSE(make_picture_decoder({})->decode(compressed("png", flipped), out).ok()) << at;
  }
  std::string huge = whole;
  huge.replace(16, 8, be32_text(16384) + be32_text(16384));
  EXPECT_EQ(refusal("png", huge), ErrorKind::corrupt);
  EXPECT_EQ(refusal("png", png_file(3, 16, 3, {{0}})), ErrorKind::corrupt);
}

TEST(Png, GreyOfSixteenBitsIsDepthAndNoCameraPicture) {
  const std::string file = png_file(1, 16, 0, {{1, 2}});
  EXPECT_EQ(refusal("mono16; png compressed ", file), ErrorKind::unsupported);
  EXPECT_FALSE(probe_picture(compressed("png", file)).ok());
}

TEST(Png, OldImageTransportSwappedItsChannels) {
  const auto out = decoded("rgb8; png compressed rgb8", png_file(1, 8, 2, {{1, 2, 3}}));
  EXPECT_EQ(out.format(), PixelFormat::bgr24);
}

TEST(WebP, LosslessIsExactAndLossyIsNear) {
  const auto exact = decoded("webp", bytes_of(kLossless, sizeof kLossless));
  ASSERT_EQ(exact.format(), PixelFormat::rgb24);
  EXPECT_EQ(rgb_at(exact, 3, 3), (std::array{200, 40, 40}));
  EXPECT_EQ(rgb_at(exact, 12, 15), (std::array{20, 60, 220}));
  const auto lossy = decoded("webp", bytes_of(kLossy, sizeof kLossy));
  ASSERT_EQ(lossy.format(), PixelFormat::yuv420p);
  RgbHistogram counts;
  ASSERT_OK(make_histogram_sampler()->add(lossy, counts));
  // Studio range of BT.601 as WebP has it: the two reds stand where they should, to within its own loss.
  std::uint64_t high = 0, low = 0;
  for (int value = 190; value < 210; ++value) high += counts.counts[0][value];
  for (int value = 10; value < 30; ++value) low += counts.counts[0][value];
  EXPECT_GE(high, 100u);
  EXPECT_GE(low, 100u);
}

TEST(WebP, ACutFileIsCorrupt) {
  for (const auto& whole : {bytes_of(kLossless, sizeof kLossless), bytes_of(kLossy, sizeof kLossy)}) {
    for (std::size_t cut = 12; cut < whole.size(); ++cut) {
      EXPECT_EQ(refusal("webp", whole.substr(0, cut)), ErrorKind::corrupt) << cut;
    }
  }
}

/// Little- or big-endian TIFF, one strip, nothing compressed (TIFF 6.0).
struct TiffTag {
  std::uint32_t tag, type, count, value;
};
std::string tiff_file(bool big, std::uint32_t width, std::uint32_t height, int bits, int channels, const std::string& samples,
                      const std::vector<TiffTag>& more = {}) {
  const auto behind = static_cast<std::uint32_t>(8 + 2 + (9 + more.size()) * 12 + 4);
  const auto number = [&](std::uint32_t value, int bytes) {
    std::string text;
    for (int i = 0; i < bytes; ++i) text += static_cast<char>(value >> 8 * (big ? bytes - 1 - i : i));
    return text;
  };
  const auto entry = [&](std::uint32_t tag, std::uint32_t value) {
    return number(tag, 2) + number(4, 2) + number(1, 4) + number(value, 4);
  };
  std::string entries = entry(256, width) + entry(257, height);
  entries += channels == 1 ? entry(258, static_cast<std::uint32_t>(bits))
                           : number(258, 2) + number(3, 2) + number(3, 4) + number(behind, 4);
  entries += entry(259, 1) + entry(262, channels == 1 ? 1 : 2) + entry(273, behind + 6) +
             entry(277, static_cast<std::uint32_t>(channels)) + entry(278, height) +
             entry(279, static_cast<std::uint32_t>(samples.size()));
  for (const TiffTag& tag : more) {
    entries += number(tag.tag, 2) + number(tag.type, 2) + number(tag.count, 4);
    entries += tag.type == 3 && tag.count == 1 ? number(tag.value, 2) + number(0, 2) : number(tag.value, 4);
  }
  return std::string(big ? "MM" : "II") + number(42, 2) + number(8, 4) + number(static_cast<std::uint32_t>(9 + more.size()), 2) +
         entries + number(0, 4) + number(static_cast<std::uint32_t>(bits), 2) + number(static_cast<std::uint32_t>(bits), 2) +
         number(static_cast<std::uint32_t>(bits), 2) + samples;
}

TEST(Tiff, GreyAndColourOfBothByteOrders) {
  for (const bool big : {false, true}) {
    const auto grey = decoded("tiff", tiff_file(big, 3, 2, 8, 1, {1, 2, 3, 4, 5, 6}));
    ASSERT_EQ(grey.format(), PixelFormat::gray8_full);
    EXPECT_EQ(grey.plane(0)[grey.stride(0) + 2], 6);
    const auto colour = decoded("tiff", tiff_file(big, 2, 2, 8, 3, {1, 2, 3, 4, 5, 6, 7, 8, 9, 10, 11, 12}));
    ASSERT_EQ(colour.format(), PixelFormat::rgb24);
    EXPECT_EQ(rgb_at(colour, 1, 1), (std::array{10, 11, 12}));
    EXPECT_EQ(refusal("tiff", tiff_file(big, 1, 1, 16, 1, {1, 2})), ErrorKind::unsupported) << "depth";
    EXPECT_EQ(refusal("tiff", tiff_file(big, 2, 2, 8, 3, {1, 2, 3, 4, 5})), ErrorKind::corrupt) << "too few samples";
  }
}

// What OpenCV writes besides: resolution, program, the kind of samples.
TEST(Tiff, TagsThatNoPixelDependsOnAreLeftOut) {
  for (const bool big : {false, true}) {
    const std::string samples{1, 2, 3, 4, 5, 6, 7, 8, 9, 10, 11, 12};
    const auto kind_at = [&](std::uint32_t kind) {  // three SHORTs: the places of BitsPerSample, which say 8, or the file's end
      return TiffTag{339, 3, kind == 1 ? 1u : 3u, kind == 1 ? 1u : 8u + 2 + 10 * 12 + 4};
    };
    const auto picture =
        decoded("tiff", tiff_file(big, 2, 2, 8, 3, samples,
                                  {{274, 3, 1, 1}, {282, 5, 1, 8}, {296, 3, 1, 2}, {305, 2, 4, 0x58585800}, kind_at(1)}));
    ASSERT_EQ(picture.format(), PixelFormat::rgb24) << big;
    EXPECT_EQ(rgb_at(picture, 1, 1), (std::array{10, 11, 12}));
    EXPECT_EQ(refusal("tiff", tiff_file(big, 2, 2, 8, 3, samples, {kind_at(8)})), ErrorKind::unsupported)
        << "no unsigned numbers";
    EXPECT_EQ(refusal("tiff", tiff_file(big, 2, 2, 8, 3, samples, {{274, 3, 1, 6}})), ErrorKind::unsupported) << "to be turned";
    for (const std::uint32_t nowhere : {0x7fffffffu, 0xfffffffeu, 0xffffffffu})
      EXPECT_EQ(decoded("tiff", tiff_file(big, 2, 2, 8, 3, samples, {{339, 3, 3, nowhere}})).width(), 2u);
  }
}

TEST(Tiff, ColoursOfSixteenBitsBecomeEight) {
  for (const bool big : {false, true}) {
    std::string samples;
    for (const int value : {0, 129, 32768, 65535, 257 * 77, 257 * 200})
      for (int i = 0; i < 2; ++i) samples += static_cast<char>(value >> 8 * (big ? 1 - i : i));
    const auto picture = decoded("tiff", tiff_file(big, 2, 1, 16, 3, samples));
    ASSERT_EQ(picture.format(), PixelFormat::rgb24);
    EXPECT_EQ(rgb_at(picture, 0, 0), (std::array{0, 1, 128}));
    EXPECT_EQ(rgb_at(picture, 1, 0), (std::array{255, 77, 200}));
  }
}

TEST(Mosaic, InAGreyFileWithoutATargetItIsDemosaiced) {
  // Red places 200, green ones 90, blue ones 30, as rggb.
  const std::vector<std::string> rows{{'\xc8', 90, '\xc8', 90}, {90, 30, 90, 30}, {'\xc8', 90, '\xc8', 90}, {90, 30, 90, 30}};
  const std::string file = png_file(4, 8, 0, rows);
  const auto colour = decoded("bayer_rggb8; png compressed ", file);
  ASSERT_EQ(colour.format(), PixelFormat::rgb24);
  EXPECT_EQ(rgb_at(colour, 1, 2), (std::array{200, 90, 30}));
  EXPECT_EQ(decoded("bayer_rggb8; png compressed bgr8", png_file(1, 8, 2, {{1, 2, 3}})).format(), PixelFormat::rgb24)
      << "demosaiced before";
  // The same through a JPEG: grey of a flat mosaic of one value.
  Picture flat;
  ASSERT_OK(flat.reshape(PixelFormat::rgb24, 16, 16));
  for (std::uint32_t y = 0; y < 16; ++y) std::fill_n(flat.plane(0) + y * static_cast<std::uint32_t>(flat.stride(0)), 48, 120);
  const auto jpeg = encode_jpeg(flat, 95);
  ASSERT_OK(jpeg);
  const std::string text(reinterpret_cast<const char*>(jpeg->data()), jpeg->size());
  EXPECT_NE(decoded("bayer_rggb8; jpeg compressed ", text).format(), PixelFormat::gray8_full) << "a JPEG in colours is no mosaic";
}

TEST(FormatText, IsTakenApart) {
  const auto depth = read_encoding_text("32FC1; compressedDepth RVL");
  EXPECT_TRUE(depth.compressed_depth);
  EXPECT_EQ(depth.original, "32fc1");
  EXPECT_EQ(depth.codec, "rvl");
  EXPECT_EQ(read_encoding_text("16UC1; compressedDepth").codec, "png");
  const auto plain = read_encoding_text("rgb8; jpeg compressed bgr8");
  EXPECT_EQ(plain.original, "rgb8");
  EXPECT_EQ(plain.codec, "jpeg");
  EXPECT_EQ(plain.target, "bgr8");
  EXPECT_EQ(read_encoding_text("mono8; jpeg compressed ").target, "");
  EXPECT_EQ(read_encoding_text("JPG").codec, "jpeg");
  EXPECT_EQ(read_encoding_text(std::string(100'000, 'x')).codec, "");
}

TEST(FormatText, AMismatchIsNamedAndTheBytesDecide) {
  const std::string file = png_file(1, 8, 2, {{1, 2, 3}});
  EXPECT_EQ(format_mismatch(compressed("jpeg", file)), "says jpeg, is png");
  EXPECT_EQ(format_mismatch(compressed("bgr8; jpeg compressed bgr8", file)), "says jpeg, is png");
  EXPECT_EQ(format_mismatch(compressed("png", file)), "");
  EXPECT_EQ(format_mismatch(compressed("whatever", file)), "");
  EXPECT_EQ(rgb_at(decoded("jpeg", file), 0, 0), (std::array{1, 2, 3}));
}

}  // namespace
}  // namespace bagloom::media
