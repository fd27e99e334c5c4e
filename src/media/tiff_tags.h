// Inside media/: the tags of a TIFF's first directory (TIFF 6.0, section 2).
#pragma once

#include <cstddef>
#include <span>

#include "base/result.h"

namespace bagloom::media {

/// Takes out the tags that no pixel depends on. libav's decoder, which has to be strict so that a damaged strip is an error,
/// refuses a file for each that it does not know, and OpenCV writes such. A directory that makes no sense stays as it is: what
/// reads it next says so. Error (unsupported): samples that are signed or floats, or a picture that is to be turned, which those
/// tags say.
Status keep_picture_tags(std::span<std::byte> file);

}  // namespace bagloom::media
