// Raw pictures, PNG, WebP, TIFF, mosaics and depth from hostile bytes: the first byte says what they claim to be.
#include <cstddef>
#include <cstdint>
#include <string_view>
#include <vector>

#include "base/cursor.h"
#include "media/picture_decoder.h"
#include "media/png_encoder.h"
#include "picture_allowances.h"

extern "C" int LLVMFuzzerInitialize(int*, char***) {
  bagloom::fuzz::bound_libav();
  return 0;
}

extern "C" int LLVMFuzzerTestOneInput(const std::uint8_t* data, std::size_t size) {
  using namespace bagloom;         // NOLINT: one function
  using namespace bagloom::media;  // NOLINT
  static constexpr std::string_view kRaw[] = {"rgba8",       "bgra16", "rgb16", "yuv422",      "yuyv",         "nv12",
                                              "nv21",        "nv24",   "i420",  "bayer_rggb8", "bayer_bggr16", "bayer_gbrg16",
                                              "bayer_grbg8", "16UC1",  "16SC1", "32FC1",       "64FC1"};
  static constexpr std::string_view kCompressed[] = {"png",
                                                     "webp",
                                                     "tiff",
                                                     "bayer_rggb8; png compressed ",
                                                     "bayer_grbg8; jpeg compressed ",
                                                     "rgb8; png compressed rgb8",
                                                     "16UC1; compressedDepth png",
                                                     "16UC1; compressedDepth rvl",
                                                     "32FC1; compressedDepth png",
                                                     "32FC1; compressedDepth rvl",
                                                     "16UC1; png compressed "};
  Cursor at({reinterpret_cast<const std::byte*>(data), size});
  const auto selector = at.u8();
  if (!selector) return 0;
  EncodedPicture encoded;
  encoded.compressed = (*selector & 32) != 0;
  const std::size_t which = *selector & 31;
  encoded.encoding = encoded.compressed ? kCompressed[which % std::size(kCompressed)] : kRaw[which % std::size(kRaw)];
  encoded.big_endian = (*selector & 64) != 0;
  const bool depth = (*selector & 128) != 0;
  if (!encoded.compressed) {
    const auto width = at.u16(), height = at.u16(), step = at.u16();
    if (!width || !height || !step) return 0;
    encoded.width = *width;
    encoded.height = *height;
    encoded.step = *step;
  }
  encoded.data = *at.take(at.remaining());

  const auto shape = [&] {
    const fuzz::AllocationCap cap(fuzz::probing(), size);
    (void)file_as_recorded(encoded, depth);
    (void)format_mismatch(encoded);
    return probe_picture(encoded, depth);
  }();
  const std::uint64_t pixels = shape ? std::uint64_t{shape->width} * shape->height : 0;
  // Large pictures are legal and slow: the caps have been tried by probe_picture.
  if (pixels > fuzz::kMostPixels) return 0;
  const fuzz::AllocationCap cap(fuzz::decoding(encoded.data, shape ? *shape : PictureShape{}), size);
  Picture out;
  const Status decoded = make_picture_decoder({.depth = depth})->decode(encoded, out);
  if (!decoded) return 0;
  // What the header promises is what comes out.
  if (!shape || shape->width != out.width() || shape->height != out.height() || shape->format != out.format()) __builtin_trap();
  std::vector<std::byte> png;
  if (out.format() == PixelFormat::rgb24 || out.format() == PixelFormat::gray16) {
    Picture again;
    EncodedPicture file;
    file.compressed = true;
    file.encoding = depth ? "16UC1; compressedDepth png" : "png";
    if (!encode_png(out, png)) __builtin_trap();
    file.data = png;
    if (!make_picture_decoder({.depth = depth})->decode(file, again)) __builtin_trap();
  }
  return 0;
}
