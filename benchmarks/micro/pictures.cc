// Pictures: JPEG to planes, planes to the encoder's size, histograms, packets. Args are sizes.
#include <vector>

#include "measured.h"
#include "media/picture_decoder.h"
#include "media/picture_scaler.h"
#include "media/quiet_libav.h"
#include "media/segment_encoder.h"

namespace {

using namespace bagloom;
using namespace bagloom::media;

constexpr std::uint32_t kWidth = 848, kHeight = 480;

/// Edges, gradients and noise that move with `n`: nothing that an encoder could skip.
Status paint(Picture& picture, std::uint32_t width, std::uint32_t height, std::uint32_t n) {
  RETURN_IF_ERROR(picture.reshape(PixelFormat::rgb24, width, height));
  std::uint32_t noise = 12345u + n;
  for (std::uint32_t y = 0; y < height; ++y) {
    std::uint8_t* row = picture.plane(0) + static_cast<std::ptrdiff_t>(y) * picture.stride(0);
    for (std::uint32_t x = 0; x < 3 * width; ++x) {
      noise = noise * 1664525u + 1013904223u;
      row[x] =
          static_cast<std::uint8_t>(40 + ((x / 3 + 3 * n) / 24 + y / 16) % 2 * 60 + (x + 2 * y + n) / 16 % 100 + (noise >> 29));
    }
  }
  return {};
}

Result<std::vector<std::byte>> sample_jpeg() {
  Picture rgb;
  RETURN_IF_ERROR(paint(rgb, kWidth, kHeight, 7));
  return encode_jpeg(rgb, 90);
}

Status decode_sample(Picture& out) {
  ASSIGN_OR_RETURN(const std::vector<std::byte> jpeg, sample_jpeg());
  EncodedPicture encoded;
  encoded.compressed = true;
  encoded.encoding = "jpeg";
  encoded.data = jpeg;
  return make_picture_decoder({})->decode(encoded, out);
}

void decode_jpeg(benchmark::State& state) {
  const auto jpeg = sample_jpeg();
  if (!micro::good(state, jpeg)) return;
  EncodedPicture encoded;
  encoded.compressed = true;
  encoded.encoding = "jpeg";
  encoded.data = *jpeg;
  const auto decoder = make_picture_decoder({});
  Picture out;
  for (auto _ : state) {
    if (!micro::good(state, decoder->decode(encoded, out))) return;
  }
  micro::count(state, "pictures", 1);
}
BENCHMARK(decode_jpeg)->Unit(benchmark::kMicrosecond);

/// What `copy` does instead of decoding.
void check_jpeg_markers(benchmark::State& state) {
  const auto jpeg = sample_jpeg();
  if (!micro::good(state, jpeg)) return;
  for (auto _ : state) {
    if (!micro::good(state, check_jpeg(*jpeg))) return;
  }
  micro::count(state, "pictures", 1);
}
BENCHMARK(check_jpeg_markers);

/// From 848x480 to this width and height.
void scale_picture(benchmark::State& state) {
  Picture in, out;
  if (!micro::good(state, decode_sample(in))) return;
  ScaleTarget target;
  target.width = static_cast<std::uint32_t>(state.range(0));
  target.height = static_cast<std::uint32_t>(state.range(1));
  target.fit = ScaleFit::stretch;
  const auto scaler = make_picture_scaler(target);
  for (auto _ : state) {
    if (!micro::good(state, scaler->scale(in, out))) return;
  }
  micro::count(state, "pictures", 1);
}
BENCHMARK(scale_picture)->Args({848, 480})->Args({640, 480})->Args({424, 240})->Unit(benchmark::kMicrosecond);

void sample_histogram(benchmark::State& state) {
  Picture picture;
  if (!micro::good(state, decode_sample(picture))) return;
  const auto sampler = make_histogram_sampler();
  RgbHistogram histogram;
  for (auto _ : state) {
    if (!micro::good(state, sampler->add(picture, histogram))) return;
  }
  micro::count(state, "pictures", 1);
}
BENCHMARK(sample_histogram)->Unit(benchmark::kMicrosecond);

/// One segment of 16 pictures, the opening of the encoder included.
void encode_segment(benchmark::State& state) {
  constexpr std::uint32_t kPictures = 16;
  EncoderSettings settings;
  settings.width = static_cast<std::uint32_t>(state.range(0));
  settings.height = static_cast<std::uint32_t>(state.range(1));
  ScaleTarget target;
  target.width = settings.width;
  target.height = settings.height;
  const auto scaler = make_picture_scaler(target);
  std::vector<Picture> pictures(kPictures);
  for (std::uint32_t n = 0; n < kPictures; ++n) {
    Picture rgb;
    if (!micro::good(state, paint(rgb, settings.width, settings.height, n))) return;
    if (!micro::good(state, scaler->scale(rgb, pictures[n]))) return;
  }
  std::uint64_t bytes = 0;
  for (auto _ : state) {
    auto encoder = SegmentEncoder::open(settings, [&](const Packet& packet) -> Status {
      bytes += packet.bytes.size();
      return {};
    });
    if (!micro::good(state, encoder)) return;
    for (const Picture& picture : pictures) {
      if (!micro::good(state, (*encoder)->push(picture))) return;
    }
    if (!micro::good(state, (*encoder)->finish())) return;
  }
  benchmark::DoNotOptimize(bytes);
  micro::count(state, "pictures", kPictures);
}
BENCHMARK(encode_segment)->Args({320, 240})->Args({640, 480})->Unit(benchmark::kMillisecond);

}  // namespace
