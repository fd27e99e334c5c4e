// What the `format` of a sensor_msgs/CompressedImage claims, and what its bytes are (bag-formats.md 7.2).
#pragma once

#include <string>
#include <string_view>

#include "base/bytes.h"

namespace bagloom::media {

/// "ORIGINAL; CODEC compressed TARGET", lower case; a plain "png" is a codec alone.
struct EncodingText {
  std::string original;           ///< "bayer_rggb8", "32fc1", or empty
  std::string codec;              ///< "jpeg", "png", "webp", "tiff", "rvl", a video codec, or empty where it is not known
  std::string target;             ///< "bgr8", or empty
  bool compressed_depth = false;  ///< "16UC1; compressedDepth png": the codec stands behind, png where none does
};
EncodingText read_encoding_text(std::string_view text);

/// What the magic bytes say: "jpeg", "png", "webp" or "tiff"; empty where they say nothing.
std::string_view kind_of_bytes(Bytes data);
bool is_tiff(Bytes data);

}  // namespace bagloom::media
