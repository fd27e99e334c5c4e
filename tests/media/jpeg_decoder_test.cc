#include <cstdlib>
#include <thread>

#include "base/hash.h"
#include "jpegs.h"

namespace bagloom::media {
namespace {

struct Sampling {
  int turbo;
  PixelFormat format;
  int across, down;  // pixels a colour sample
};
constexpr Sampling kSamplings[] = {
    {TJSAMP_444, PixelFormat::yuv444p_full, 1, 1}, {TJSAMP_422, PixelFormat::yuv422p_full, 2, 1},
    {TJSAMP_420, PixelFormat::yuv420p_full, 2, 2}, {TJSAMP_440, PixelFormat::yuv440p_full, 1, 2},
    {TJSAMP_411, PixelFormat::yuv411p_full, 4, 1}, {TJSAMP_GRAY, PixelFormat::gray8_full, 0, 0},
};

int clip(double v) { return v < 0 ? 0 : v > 255 ? 255 : static_cast<int>(v + 0.5); }

/// The largest difference between our planes, converted by JFIF's formula, and turbojpeg's own RGB with replicated colours.
int worst_against_rgb(const Picture& picture, const Sampling& sampling, Bytes jpeg) {
  const int width = static_cast<int>(picture.width()), height = static_cast<int>(picture.height());
  std::vector<std::uint8_t> rgb(static_cast<std::size_t>(width) * height * 3);
  tjhandle handle = tjInitDecompress();
  EXPECT_EQ(tjDecompress2(handle, as_u8(jpeg), static_cast<unsigned long>(jpeg.size()), rgb.data(), width, 0, height, TJPF_RGB,
                          TJFLAG_FASTUPSAMPLE),
            0);
  tjDestroy(handle);
  int worst = 0;
  for (int y = 0; y < height; ++y) {
    for (int x = 0; x < width; ++x) {
      const double luma = picture.plane(0)[y * picture.stride(0) + x];
      double cb = 0, cr = 0;
      if (sampling.across > 0) {
        cb = picture.plane(1)[y / sampling.down * picture.stride(1) + x / sampling.across] - 128.0;
        cr = picture.plane(2)[y / sampling.down * picture.stride(2) + x / sampling.across] - 128.0;
      }
      const int ours[3] = {clip(luma + 1.402 * cr), clip(luma - 0.344136 * cb - 0.714136 * cr), clip(luma + 1.772 * cb)};
      for (int c = 0; c < 3; ++c)
        worst = std::max(worst, std::abs(ours[c] - rgb[static_cast<std::size_t>((y * width + x) * 3 + c)]));
    }
  }
  return worst;
}

TEST(JpegDecoder, PlanesAreTheLibrarysPicture) {
  auto decoder = make_picture_decoder({});
  Picture out;
  for (const Sampling& sampling : kSamplings) {
    for (const auto& [width, height] : {std::pair{160u, 96u}, {101u, 67u}, {33u, 17u}, {8u, 8u}, {1u, 1u}, {3u, 130u}}) {
      Picture rgb;
      ASSERT_OK(rgb.reshape(PixelFormat::rgb24, width, height));
      paint_rgb(rgb, width);
      for (const int flags : {0, TJFLAG_PROGRESSIVE}) {
        const auto jpeg = make_jpeg(rgb, sampling.turbo, 90, flags);
        ASSERT_OK(decoder->decode(as_compressed(jpeg), out));
        EXPECT_EQ(out.format(), sampling.format);
        EXPECT_EQ(out.width(), width);
        EXPECT_EQ(out.height(), height);
        EXPECT_LE(worst_against_rgb(out, sampling, jpeg), 1) << name_of(sampling.format) << " " << width << "x" << height;
        const auto shape = probe_picture(as_compressed(jpeg));
        ASSERT_OK(shape);
        EXPECT_EQ(shape->format, out.format());
        EXPECT_EQ(shape->width, width);
        EXPECT_TRUE(shape->jpeg);
      }
    }
  }
}

TEST(JpegDecoder, RgbColouredFileBecomesRgb) {
  Picture rgb;
  ASSERT_OK(rgb.reshape(PixelFormat::rgb24, 48, 32));
  paint_rgb(rgb, 5);
  auto jpeg = make_jpeg(rgb, TJSAMP_444);
  auto decoder = make_picture_decoder({});
  Picture planes;
  ASSERT_OK(decoder->decode(as_compressed(jpeg), planes));
  ASSERT_EQ(planes.format(), PixelFormat::yuv444p_full);
  // The same planes, but the file says: no JFIF, Adobe's transform 0, so they are red, green and blue.
  const std::ptrdiff_t jfif = find_segment(jpeg, 0xe0);
  ASSERT_GE(jfif, 0);
  const std::uint8_t adobe[] = {0xff, 0xee, 0, 14, 'A', 'd', 'o', 'b', 'e', 0, 100, 0, 0, 0, 0, 0};
  jpeg.erase(jpeg.begin() + jfif, jpeg.begin() + jfif + 18);
  const auto* bytes = reinterpret_cast<const std::byte*>(adobe);
  jpeg.insert(jpeg.begin() + jfif, bytes, bytes + sizeof adobe);
  Picture out;
  ASSERT_OK(decoder->decode(as_compressed(jpeg), out));
  ASSERT_EQ(out.format(), PixelFormat::rgb24);
  for (int y = 0; y < 32; ++y) {
    for (int x = 0; x < 48; ++x) {
      for (int c = 0; c < 3; ++c)
        ASSERT_EQ(out.plane(0)[y * out.stride(0) + 3 * x + c], planes.plane(c)[y * planes.stride(c) + x]);
    }
  }
  const auto shape = probe_picture(as_compressed(jpeg));
  ASSERT_OK(shape);
  EXPECT_EQ(shape->format, PixelFormat::rgb24);
  const auto copy = check_jpeg(jpeg);
  ASSERT_FALSE(copy.ok());
  EXPECT_EQ(copy.error().kind(), ErrorKind::unsupported);
}

TEST(JpegDecoder, OldSwappedFilesAreSwappedBack) {
  const auto jpeg = scene_jpeg(64, 48, 0);
  auto decoder = make_picture_decoder({});
  Picture swapped;
  ASSERT_OK(decoder->decode(as_compressed(jpeg, "rgb8; jpeg compressed rgb8"), swapped));
  ASSERT_EQ(swapped.format(), PixelFormat::bgr24);
  // The scene is redder than it is blue; a swapped file's picture is bluer.
  const std::uint8_t* pixel = swapped.plane(0) + 20 * swapped.stride(0) + 3 * 30;  // b, g, r of bgr24
  std::vector<std::uint8_t> rgb(64 * 48 * 3);
  tjhandle handle = tjInitDecompress();
  ASSERT_EQ(tjDecompress2(handle, as_u8(jpeg), static_cast<unsigned long>(jpeg.size()), rgb.data(), 64, 0, 48, TJPF_RGB, 0), 0);
  tjDestroy(handle);
  EXPECT_EQ(pixel[0], rgb[(20 * 64 + 30) * 3]);  // the file's red is the picture's blue
  EXPECT_EQ(pixel[2], rgb[(20 * 64 + 30) * 3 + 2]);
  EXPECT_NE(pixel[0], pixel[2]);
  for (const char* ordinary :
       {"rgb8; jpeg compressed bgr8", "bgr8; jpeg compressed bgr8", "jpeg", "mono8; jpeg compressed ", "", "jpg"}) {
    ASSERT_OK(decoder->decode(as_compressed(jpeg, ordinary), swapped));
    EXPECT_EQ(swapped.format(), PixelFormat::yuv420p_full) << ordinary;
  }
}

TEST(JpegDecoder, EveryCutIsAnError) {
  auto decoder = make_picture_decoder({});
  Picture out;
  for (const int sampling : {TJSAMP_420, TJSAMP_422, TJSAMP_GRAY}) {
    const auto jpeg = scene_jpeg(320, 240, 3, sampling);
    ASSERT_OK(decoder->decode(as_compressed(jpeg), out));
    std::vector<std::size_t> lengths = {jpeg.size() - 1, jpeg.size() - 2, jpeg.size() - 3, 0, 1, 2, 3};
    for (std::size_t length = 64; length < jpeg.size(); length += 64) lengths.push_back(length);
    for (const std::size_t length : lengths) {
      const Status status = decoder->decode(as_compressed(Bytes(jpeg).first(length)), out);
      ASSERT_FALSE(status.ok()) << length << " of " << jpeg.size();
      EXPECT_EQ(status.error().kind(), ErrorKind::corrupt);
      EXPECT_FALSE(check_jpeg(Bytes(jpeg).first(length)).ok()) << length;
    }
    ASSERT_OK(decoder->decode(as_compressed(jpeg), out));  // and the decoder still works
  }
}

TEST(JpegDecoder, ToleratesWarningsOnlyWhenTold) {
  const auto jpeg = scene_jpeg(320, 240, 3);
  const Bytes cut = Bytes(jpeg).first(jpeg.size() / 2);
  Picture out;
  auto strict = make_picture_decoder({});
  const Status refused = strict->decode(as_compressed(cut), out);
  ASSERT_FALSE(refused.ok());
  EXPECT_FALSE(refused.error().remedy().empty());
  auto tolerant = make_picture_decoder({.tolerate_warnings = true});
  ASSERT_OK(tolerant->decode(as_compressed(cut), out));
  EXPECT_EQ(out.width(), 320u);
  // What stands before the cut is right.
  Picture whole;
  ASSERT_OK(strict->decode(as_compressed(jpeg), whole));
  for (int x = 0; x < 320; ++x) ASSERT_EQ(out.plane(0)[x], whole.plane(0)[x]);
  EXPECT_FALSE(
      tolerant->decode(as_compressed(Bytes(jpeg).first(100)), out).ok());  // without headers there is nothing to tolerate
}

/// Found by picture_fuzz: the warning stood in the header, and the picture came out as RGB where probe_picture had said planes.
TEST(JpegDecoder, AToleratedWarningOfTheHeaderKeepsThePlanes) {
  auto jpeg = scene_jpeg(64, 48, 0);
  const std::ptrdiff_t jfif = find_segment(jpeg, 0xe0);
  ASSERT_GE(jfif, 0);
  jpeg[static_cast<std::size_t>(jfif) + 9] = std::byte{0x18};  // a major version that libjpeg warns of
  Picture out;
  EXPECT_FALSE(make_picture_decoder({})->decode(as_compressed(jpeg), out).ok());
  ASSERT_OK(make_picture_decoder({.tolerate_warnings = true})->decode(as_compressed(jpeg), out));
  EXPECT_EQ(out.format(), PixelFormat::yuv420p_full);
}

TEST(JpegDecoder, ReportsAShareOfFlippedBytes) {
  const auto jpeg = scene_jpeg(320, 240, 3);
  auto decoder = make_picture_decoder({});
  Picture out;
  int reported = 0;
  std::uint32_t random = 1;
  for (int i = 0; i < 100; ++i) {
    auto damaged = jpeg;
    random = random * 1664525u + 1013904223u;
    const std::size_t at = 2 + (random >> 8) % (jpeg.size() - 4);
    damaged[at] = ~damaged[at];
    reported += !decoder->decode(as_compressed(damaged), out).ok();
  }
  RecordProperty("flipped_bytes_reported_of_100", reported);
  EXPECT_GE(reported, 15);  // the rest leave a valid stream: nothing in a JPEG could tell
}

TEST(JpegDecoder, HugeSizesInTheHeaderAllocateNothing) {
  auto jpeg = scene_jpeg(64, 64, 0);
  const std::ptrdiff_t frame = find_segment(jpeg, 0xc0);
  ASSERT_GE(frame, 0);
  auto decoder = make_picture_decoder({});
  Picture out;
  for (const auto& [width, height] : {std::pair{65500, 65500}, {16384, 16384}, {16385, 16}, {0, 16}, {16, 0}}) {
    jpeg[frame + 5] = static_cast<std::byte>(height >> 8);
    jpeg[frame + 6] = static_cast<std::byte>(height & 255);
    jpeg[frame + 7] = static_cast<std::byte>(width >> 8);
    jpeg[frame + 8] = static_cast<std::byte>(width & 255);
    for (const Status& status : {decoder->decode(as_compressed(jpeg), out),
                                 probe_picture(as_compressed(jpeg)).ok() ? Status() : Status(Error(ErrorKind::corrupt, ""))}) {
      ASSERT_FALSE(status.ok()) << width << "x" << height;
      EXPECT_EQ(status.error().kind(), ErrorKind::corrupt);
    }
    EXPECT_EQ(out.format(), PixelFormat::none);
  }
}

/// turbojpeg looks at this variable once a thread.
std::string hash_of_decoded(const std::vector<std::byte>& jpeg, const char* variable) {
  std::string digest;
  if (variable != nullptr) setenv(variable, "1", 1);
  std::thread([&] {
    auto decoder = make_picture_decoder({});
    Picture out;
    EXPECT_OK(decoder->decode(as_compressed(jpeg), out));
    Hasher hasher;
    for (const auto& plane : plane_copies(out)) hasher.add({reinterpret_cast<const std::byte*>(plane.data()), plane.size()});
    digest = hasher.hex_digest();
  }).join();
  if (variable != nullptr) unsetenv(variable);
  return digest;
}

TEST(JpegDecoder, SameBitsWithoutVectorInstructions) {
  const auto jpeg = scene_jpeg(320, 240, 3);
  const std::string usual = hash_of_decoded(jpeg, nullptr);
  for (const char* variable : {"JSIMD_FORCENONE", "JSIMD_FORCESSE2"})
    EXPECT_EQ(hash_of_decoded(jpeg, variable), usual) << variable;
}

TEST(EncodeJpeg, GivesWhatTheDecoderReads) {
  Picture rgb, out;
  ASSERT_OK(rgb.reshape(PixelFormat::rgb24, 80, 60));
  paint_scene(rgb, 1);
  auto decoder = make_picture_decoder({});
  for (const bool subsample : {true, false}) {
    const auto jpeg = encode_jpeg(rgb, 92, subsample);
    ASSERT_OK(jpeg);
    ASSERT_OK(check_jpeg(*jpeg));
    ASSERT_OK(decoder->decode(as_compressed(*jpeg), out));
    EXPECT_EQ(out.format(), subsample ? PixelFormat::yuv420p_full : PixelFormat::yuv444p_full);
  }
  EXPECT_FALSE(encode_jpeg(rgb, 0).ok());
  EXPECT_FALSE(encode_jpeg(out, 90).ok());
}

}  // namespace
}  // namespace bagloom::media
