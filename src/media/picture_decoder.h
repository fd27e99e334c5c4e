// Still pictures into memory: JPEG, PNG, WebP, TIFF, the raw encodings of sensor_msgs/Image, and depth.
#pragma once

#include <memory>
#include <string>
#include <string_view>

#include "base/bytes.h"
#include "base/result.h"
#include "media/picture.h"

namespace bagloom::media {

/// What a camera's message says about its bytes (msg::PictureMessage without msg/).
struct EncodedPicture {
  bool compressed = false;
  std::string_view encoding;  ///< "jpeg", "rgb8; jpeg compressed bgr8", "rgb8", ...
  std::uint32_t width = 0, height = 0, step = 0;
  bool big_endian = false;
  Bytes data;
  std::shared_ptr<const void> holds;  ///< keeps what the views show, where that is not the message
};

/// What can be known from the headers.
struct PictureShape {
  std::uint32_t width = 0, height = 0;
  PixelFormat format = PixelFormat::none;  ///< what `decode` gives
  bool jpeg = false;
  std::uint64_t decoding_bytes = 0;  ///< that decoding takes beside the picture (memory accounts)
};

/// Not thread-safe: one a task. Keeps its working memory between pictures.
class PictureDecoder {
 public:
  virtual ~PictureDecoder() = default;
  /// Decodes into `out`, reshaping it. Errors: corrupt (with the library's words; a libjpeg warning too unless warnings are
  /// tolerated; sizes are checked against a cap before anything is allocated), unsupported (names the encoding).
  virtual Status decode(const EncodedPicture& encoded, Picture& out) = 0;
};

struct DecoderOptions {
  bool tolerate_warnings = false;
  bool depth = false;  ///< depth pictures only (depth_picture.h), else pictures to look at only
};
/// A decoder takes whatever comes, by magic bytes and by the encoding's name (raw_encoding.h).
std::unique_ptr<PictureDecoder> make_picture_decoder(const DecoderOptions& options);

/// Shape and kind; nothing is decoded. Error: corrupt; unsupported for encodings that are not taken, named, and for depth where
/// `depth` is not asked for, or the other way round.
Result<PictureShape> probe_picture(const EncodedPicture& encoded, bool depth = false);

/// The file that stands in the message, where a table may hold it as it is: for colour a JPEG or PNG that every reader shows with
/// the right three colours, for depth a PNG of 16 bits that holds the distances themselves. Empty where there is none. Looks at
/// headers only.
Bytes file_as_recorded(const EncodedPicture& encoded, bool depth);

/// Where the message's `format` names another file format than its bytes are: "says png, is jpeg". Else empty.
std::string format_mismatch(const EncodedPicture& encoded);

/// Checks a JPEG's markers for `copy`: start and end of image, one frame header (baseline or extended, 8 bits), sizes,
/// components, that scan data follow; no decode. Gives its shape.
Result<PictureShape> check_jpeg(Bytes jpeg);

/// For synth and tests: encodes rgb24 as JPEG 4:2:0 (or 4:4:4) of this quality.
Result<std::vector<std::byte>> encode_jpeg(const Picture& rgb, int quality, bool subsample = true);

}  // namespace bagloom::media
