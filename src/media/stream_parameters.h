// What an mp4 needs to know of a video topic's packets that are copied into it.
#pragma once

#include <cstdint>

#include "base/bytes.h"
#include "base/result.h"
#include "media/segment_encoder.h"
#include "media/stream_packet.h"

namespace bagloom::media {

/// Decodes one keyframe (with its parameter sets): its size, layout and parameter sets (`extradata`, as in the packet: annex B,
/// or OBUs; Mp4Writer makes avcC, hvcC or av1C of them). Errors: corrupt (no picture, no parameter sets); unsupported (no
/// decoder).
Result<StreamParameters> stream_parameters(StreamCodec codec, Bytes keyframe, std::uint32_t fps, std::uint64_t max_pixels);

}  // namespace bagloom::media
