// Memory for still pictures that take more than the first one of their topic, which memory was laid out for: JPEGs that become
// progressive, larger ones where the recipe has a size.
#pragma once

#include <cstdint>
#include <vector>

#include "convert/job_setup.h"
#include "convert/stream_room.h"
#include "convert/unit_tasks.h"
#include "media/picture.h"
#include "media/picture_decoder.h"

namespace bagloom::convert {

/// Bytes that decoding a picture of this shape takes of its task.
std::uint64_t picture_room(const media::PictureShape& shape);

/// Error (corrupt) where decoding the picture takes more than CameraOutput::picture_room; `needs` is then what it takes, else 0.
/// `into`, what it will be decoded into, gives its memory back first where it holds a picture of another shape.
Status make_way(const CameraOutput& camera, const media::EncodedPicture& picture, media::Picture& into, std::uint64_t& needs);

/// Gives the recording's tasks room for the pictures among `unusable` that were refused for it, and takes these out: their tasks
/// are to be made again. Where the user's limit (`limited`) has no room a picture stays, with the limit that has as its remedy.
/// Gives whether any room grew.
bool make_picture_room(const JobSetup& setup, bool limited, StreamRoom& room, std::vector<Unusable>& unusable);

}  // namespace bagloom::convert
