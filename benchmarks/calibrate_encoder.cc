// Measures what encoder_bytes and decoder_bytes (src/media/encoder_memory.cc) claim. Prints one line a configuration:
// measured bytes, the formula's, their ratio (1.00 to 1.25 is right), and the time a picture takes.
//
// Each configuration runs in a process of its own: after a warm-up at a small size, which brings the libraries' pages in,
// the high-water mark is reset (5 to clear_refs) and read again at the end; what it grew by is the configuration's.
#include <sys/wait.h>
#include <unistd.h>

#include <chrono>
#include <cstdio>
#include <cstdlib>
#include <string>
#include <vector>

#include "media/picture_decoder.h"
#include "media/picture_scaler.h"
#include "media/quiet_libav.h"
#include "media/segment_encoder.h"
#include "memory/allocator.h"
#include "memory/meter.h"

namespace {

using namespace bagloom;         // NOLINT: a program of one file
using namespace bagloom::media;  // NOLINT

constexpr int kPictures = 64;  // one segment

void check(const Status& status) {
  if (status.ok()) return;
  std::fprintf(stderr, "%s\n", status.error().text().c_str());
  std::exit(1);
}

/// Edges, gradients and noise that move: nothing that an encoder could skip.
void paint(Picture& picture, int planes_of_rgb, int n) {
  std::uint32_t noise = 12345u + static_cast<std::uint32_t>(n);
  for (std::uint32_t y = 0; y < picture.height(); ++y) {
    std::uint8_t* row = picture.plane(0) + static_cast<std::ptrdiff_t>(y) * picture.stride(0);
    for (std::uint32_t x = 0; x < picture.width() * static_cast<std::uint32_t>(planes_of_rgb); ++x) {
      noise = noise * 1664525u + 1013904223u;
      const std::uint32_t shape = ((x / 3 + static_cast<std::uint32_t>(n) * 3) / 24 + y / 16) % 2 * 60;
      row[x] = static_cast<std::uint8_t>(40 + shape + (x + 2 * y + static_cast<std::uint32_t>(n)) / 16 % 100 + (noise >> 28));
    }
  }
}

void encode(const std::string& codec, std::uint32_t width, std::uint32_t height, int pictures) {
  EncoderSettings settings;
  settings.codec = codec;
  settings.width = width;
  settings.height = height;
  settings.fps = 30;
  settings.crf = codec == "av1" ? 30 : 24;
  auto encoder = SegmentEncoder::open(settings, [](const Packet&) -> Status { return {}; });
  if (!encoder) check(std::move(encoder).error());
  Picture picture;
  check(picture.reshape(PixelFormat::yuv420p, width, height));
  for (int plane = 1; plane < 3; ++plane)
    std::fill_n(picture.plane(plane), picture.stride(plane) * static_cast<int>(height / 2), 128);
  for (int i = 0; i < pictures; ++i) {
    paint(picture, 1, i);
    check((*encoder)->push(picture));
  }
  check((*encoder)->finish());
}

void decode(const std::vector<std::vector<std::byte>>& jpegs, std::uint32_t out_width, std::uint32_t out_height, int pictures) {
  auto decoder = make_picture_decoder({});
  ScaleTarget target;
  target.width = out_width;
  target.height = out_height;
  target.fit = ScaleFit::stretch;
  auto scaler = make_picture_scaler(target);
  Picture decoded, scaled;
  for (int i = 0; i < pictures; ++i) {
    EncodedPicture encoded;
    encoded.compressed = true;
    encoded.encoding = "jpeg";
    encoded.data = jpegs[static_cast<std::size_t>(i) % jpegs.size()];
    check(decoder->decode(encoded, decoded));
    check(scaler->scale(decoded, scaled));
  }
}

std::vector<std::vector<std::byte>> make_jpegs(std::uint32_t width, std::uint32_t height) {
  std::vector<std::vector<std::byte>> jpegs;
  Picture rgb;
  check(rgb.reshape(PixelFormat::rgb24, width, height));
  for (int i = 0; i < 2; ++i) {
    paint(rgb, 3, i);
    auto jpeg = encode_jpeg(rgb, 90);
    if (!jpeg) check(std::move(jpeg).error());
    jpegs.push_back(std::move(*jpeg));
  }
  return jpegs;
}

template <class Warm, class Run>
void measure(const std::string& name, std::uint64_t claimed, Warm warm, Run run) {
  std::fflush(stdout);
  const pid_t child = fork();
  if (child == 0) {
    warm();
    memory::trim_heap();
    if (!memory::reset_peak()) std::fprintf(stderr, "no reset of the high-water mark here: the numbers are too high\n");
    const std::uint64_t before = memory::resident().now;
    const auto start = std::chrono::steady_clock::now();
    run();
    const double seconds = std::chrono::duration<double>(std::chrono::steady_clock::now() - start).count();
    const std::uint64_t grown = memory::resident().peak - before;
    std::printf("%-32s measured %7.2f MiB  formula %7.2f MiB  ratio %.2f  %6.2f ms a picture\n", name.c_str(),
                static_cast<double>(grown) / (1 << 20), static_cast<double>(claimed) / (1 << 20),
                static_cast<double>(claimed) / static_cast<double>(grown), seconds * 1e3 / kPictures);
    std::fflush(stdout);
    _exit(0);
  }
  int state = 0;
  waitpid(child, &state, 0);
  if (state != 0) std::printf("%-32s failed\n", name.c_str());
}

struct Size {
  std::uint32_t width, height;
};
constexpr Size kSizes[] = {{320, 240}, {640, 480}, {848, 480}, {1280, 720}, {1920, 1080}};

}  // namespace

int main() {
  memory::configure_allocator();
  quiet_libav();
  std::printf("%s\n", codec_versions().c_str());
  for (const std::string& codec : available_encoders()) {
    for (const Size& size : kSizes) {
      measure(
          codec + " " + std::to_string(size.width) + "x" + std::to_string(size.height),
          encoder_bytes(codec, size.width, size.height), [&] { encode(codec, 64, 64, 4); },
          [&] { encode(codec, size.width, size.height, kPictures); });
    }
  }
  for (const Size& in : kSizes) {
    for (const Size& out : {in, Size{640, 480}}) {
      const auto jpegs = make_jpegs(in.width, in.height);
      const auto small = make_jpegs(64, 64);
      measure(
          "jpeg " + std::to_string(in.width) + "x" + std::to_string(in.height) + " to " + std::to_string(out.width) + "x" +
              std::to_string(out.height),
          decoder_bytes(in.width, in.height, out.width, out.height), [&] { decode(small, 32, 32, 4); },
          [&] { decode(jpegs, out.width, out.height, kPictures); });
    }
  }
  return 0;
}
