// What a video topic's first keyframe shows.
#pragma once

#include "convert/recording.h"

namespace bagloom::convert {

/// Looks for it among the first 3,000 messages, which is more than a minute of any camera. Errors: corrupt (none), unreadable.
Result<CameraShape> first_keyframe(Recording& recording, std::uint32_t column, media::StreamCodec codec);

}  // namespace bagloom::convert
