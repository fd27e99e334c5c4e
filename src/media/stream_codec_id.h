// Inside media/: a stream's codec as libav calls it, and the decoder for it.
#pragma once

#include "media/av.h"
#include "media/stream_packet.h"

namespace bagloom::media {

AVCodecID codec_id(StreamCodec codec);
/// By name: others of the same codec want hardware, and libav's own `av1` is one of these. Null: this FFmpeg has none.
const AVCodec* stream_decoder_of(StreamCodec codec);

}  // namespace bagloom::media
