// Depth out of messages: raw, in a PNG or TIFF of 16 bits, and compressedDepth with its 12 bytes before (bag-formats.md 7.3).
#pragma once

#include <memory>

#include "base/result.h"
#include "media/picture.h"
#include "media/picture_decoder.h"

namespace bagloom::media {

/// As probe_picture, of a picture that has to be depth.
Result<PictureShape> depth_shape(const EncodedPicture& encoded);

/// As file_as_recorded, of depth.
Bytes depth_file_as_recorded(const EncodedPicture& encoded);

/// gray16 where the recording has whole numbers (negative ones become 0), grayf32 in metres where it has floats or inverse depth
/// of them; `v` that says "no value" is NaN there. Not thread-safe. Errors: those of depth_shape, corrupt.
std::unique_ptr<PictureDecoder> make_depth_decoder();

}  // namespace bagloom::media
