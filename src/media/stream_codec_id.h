// Inside media/: a stream's codec as libav calls it.
#pragma once

#include "media/av.h"
#include "media/stream_packet.h"

namespace bagloom::media {

AVCodecID codec_id(StreamCodec codec);

}  // namespace bagloom::media
