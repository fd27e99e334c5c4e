// WebP and TIFF through libav's own decoders.
#pragma once

#include <memory>

#include "base/bytes.h"
#include "base/result.h"
#include "media/picture.h"

namespace bagloom::media {

enum class StillKind { webp, tiff };

/// Not thread-safe; keeps its codec between pictures. libav copies nothing out of the header first, so that the caps stand in the
/// codec: no picture beyond them is allocated.
class StillDecoder {
 public:
  virtual ~StillDecoder() = default;
  /// Gives yuv420p (lossy WebP), gray8_full, gray16 or rgb24; alpha is left out. Errors: corrupt, unsupported (names the layout).
  virtual Status decode(Bytes file, Picture& out) = 0;
};
std::unique_ptr<StillDecoder> make_still_decoder(StillKind kind);

struct StillHeader {
  std::uint32_t width = 0, height = 0;
  PixelFormat format = PixelFormat::none;  ///< what decoding gives
};
/// Nothing is decoded. Errors: corrupt (also sizes beyond the caps); unsupported (names the layout; animations).
Result<StillHeader> read_still_header(StillKind kind, Bytes file);

/// Bytes that decoding takes beside the picture: libav's own picture, and the file's bytes once more, padded.
std::uint64_t still_working_bytes(std::uint32_t width, std::uint32_t height, std::size_t file_bytes);

}  // namespace bagloom::media
