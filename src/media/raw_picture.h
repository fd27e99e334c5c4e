// The raw encodings of sensor_msgs/Image that become video (bag-formats.md 7.1).
#pragma once

#include "base/result.h"
#include "media/picture.h"
#include "media/picture_decoder.h"

namespace bagloom::media {

/// Shape of a raw picture. Errors: unsupported (names the encoding), corrupt (sizes, step, or too few bytes).
Result<PictureShape> raw_shape(const EncodedPicture& encoded);
/// Copies the rows; same errors.
Status copy_raw(const EncodedPicture& encoded, Picture& out);

/// Error (corrupt) beyond 16384 a side or 64 megapixels: asked of every header before anything is allocated.
Status check_size(std::uint32_t width, std::uint32_t height);

}  // namespace bagloom::media
