// The raw encodings of sensor_msgs/Image that become video (bag-formats.md 7.1). raw_encoding.h has their table.
#pragma once

#include "base/result.h"
#include "media/bayer.h"
#include "media/picture.h"
#include "media/picture_decoder.h"
#include "media/raw_encoding.h"

namespace bagloom::media {

/// Shape of a raw picture. Errors: unsupported (names the encoding; depth where colour is wanted, or the other way round),
/// corrupt (sizes, step, or too few bytes).
Result<PictureShape> raw_shape(const EncodedPicture& encoded, bool depth);

/// Copies a colour picture's rows, without the rows' padding; a mosaic goes through `demosaicer`. Same errors.
Status copy_raw(const EncodedPicture& encoded, Demosaicer& demosaicer, Picture& out);

/// Error (corrupt) beyond 16384 a side or 64 megapixels: asked of every header before anything is allocated.
Status check_size(std::uint32_t width, std::uint32_t height);

}  // namespace bagloom::media
