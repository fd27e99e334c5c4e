#include "media/png_encoder.h"
#include "media/segment_encoder.h"
#include "media/svt_av1.h"

namespace bagloom::media {
namespace {

constexpr std::uint64_t kMiB = 1ull << 20;

// What is written below of SVT-AV1 holds of 1.4, Debian 12's. 2.3, Debian 13's, takes more: whole conversions with one task
// peaked at 52, 76, 81, 124 and 215 MiB for the five sizes of the table, up to 42 MiB above those with 1.4. Others count as
// it does.
std::uint64_t svt_av1_bytes(std::uint64_t pixels) {
  static const bool known = svt_av1_version().starts_with("v1.4.");
  return known ? 13 * kMiB + 72 * pixels : 21 * kMiB + 84 * pixels;
}

// libx265 3.5, 20 pictures of noise in 12 bits, the largest that they can be, MiB above the warmed-up process: 6.4 at 320x240,
// 19.8 at 640x480, 26.1 at 848x480, 55.3 at 1280x720; the formula gives 7.8, 22.3, 28.6, 61.0.
std::uint64_t hevc_bytes(std::uint64_t pixels) { return 3 * kMiB + 66 * pixels; }

}  // namespace

// Measured by benchmarks/calibrate_encoder.cc, MiB above the warmed-up process, 64 noisy pictures (libx264 164, SVT-AV1 1.4.1,
// turbojpeg 2.1.5, Debian 12, x86-64), and what the formulas give:
//
//               h264          av1           JPEG and scaler, size unchanged   to 640x480
//   320x240      3.1   3.6    16.1  18.3     0.60  0.75                        0.87  1.07
//   640x480      9.0   9.2    31.3  34.1     1.25  1.38
//   848x480     11.2  11.6    38.0  40.9     1.62  1.73                        1.38  1.56
//   1280x720    23.9  24.1    67.7  76.3     3.00  3.20                        2.12  2.29
//   1920x1080   50.9  52.1   133.5 155.4     6.44  6.48                        3.81  3.93
//
// Bytes are close to linear in pixels: x264 keeps three interpolated planes of each of its few pictures. SVT-AV1 touches its
// pools of pictures as it falls behind, until thirteen are on their way: measured with a caller that never waits, and as much as
// the table says. In whole conversions with one task of 848x480, on one core and on two of a busy machine, the peak stood between
// 62.5 and 63.6 MiB (73 are expected).
std::uint64_t encoder_bytes(const std::string& codec, std::uint32_t width, std::uint32_t height, PixelFormat format) {
  const std::uint64_t pixels = static_cast<std::uint64_t>(width) * height;
  if (codec == "h264") return 17 * kMiB / 10 + 51 * pixels / 2;
  if (codec == "av1") return svt_av1_bytes(pixels);
  if (codec == "hevc") return hevc_bytes(pixels);
  if (codec == "png") return png_encoder_bytes(format, width, height) + picture_bytes(format, width, height);
  return 0;
}

std::uint64_t decoder_bytes(std::uint32_t width, std::uint32_t height, std::uint32_t out_width, std::uint32_t out_height,
                            PixelFormat in, PixelFormat out) {
  return kMiB / 2 + picture_bytes(in, width, height) + picture_bytes(out, out_width, out_height);
}

}  // namespace bagloom::media
