// Pictures from hostile bytes: the first byte says what they claim to be.
#include <cstddef>
#include <cstdint>
#include <string_view>

#include "base/cursor.h"
#include "media/picture_decoder.h"
#include "picture_allowances.h"

extern "C" int LLVMFuzzerInitialize(int*, char***) {
  bagloom::fuzz::bound_libav();
  return 0;
}

extern "C" int LLVMFuzzerTestOneInput(const std::uint8_t* data, std::size_t size) {
  using namespace bagloom;         // NOLINT: one function
  using namespace bagloom::media;  // NOLINT
  Cursor at({reinterpret_cast<const std::byte*>(data), size});
  const auto selector = at.u8();
  if (!selector) return 0;
  static constexpr std::string_view kRaw[] = {"rgb8", "bgr8", "8UC3", "mono8", "8UC1", "16UC1", "", "RGB8"};
  static constexpr std::string_view kCompressed[] = {"jpeg",
                                                     "rgb8; jpeg compressed bgr8",
                                                     "rgb8; jpeg compressed rgb8",
                                                     "mono8; jpeg compressed ",
                                                     "bayer_rggb8; jpeg compressed ",
                                                     "png",
                                                     "16UC1; compressedDepth png",
                                                     ""};
  EncodedPicture encoded;
  encoded.compressed = (*selector & 8) != 0;
  encoded.encoding = encoded.compressed ? kCompressed[*selector & 7] : kRaw[*selector & 7];
  if (!encoded.compressed) {
    const auto width = at.u32(), height = at.u32(), step = at.u32();
    if (!width || !height || !step) return 0;
    encoded.width = *width;
    encoded.height = *height;
    encoded.step = *step;
  }
  encoded.data = *at.take(at.remaining());

  const auto shape = [&] {
    const fuzz::AllocationCap cap(fuzz::probing(), size);
    (void)check_jpeg(encoded.data);
    return probe_picture(encoded);
  }();
  const std::uint64_t pixels = shape ? std::uint64_t{shape->width} * shape->height : 0;
  // Large pictures are legal and slow: the header's caps have been tried by probe_picture, decoding stays small.
  if (pixels > fuzz::kMostPixels) return 0;
  const fuzz::AllocationCap cap(fuzz::decoding(encoded.data, shape ? *shape : PictureShape{}), size);
  Picture out;
  const auto decoder = make_picture_decoder({.tolerate_warnings = (*selector & 16) != 0});
  const Status decoded = decoder->decode(encoded, out);
  // What the header promises is what comes out.
  if (decoded && (!shape || shape->width != out.width() || shape->height != out.height() || shape->format != out.format()))
    __builtin_trap();
  return 0;
}
