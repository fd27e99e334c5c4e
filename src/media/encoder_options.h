// The codec settings of this project, in one place.
#pragma once

#include <string>
#include <vector>

#include "media/av.h"
#include "media/segment_encoder.h"

namespace bagloom::media {

/// The encoder for "h264" or "av1". Error: unsupported, lists the codecs that this FFmpeg has.
Result<const AVCodec*> find_encoder(const std::string& codec);

/// Opens it with the project's settings, one thread.
Result<CodecContextPtr> open_encoder(const EncoderSettings& settings);

}  // namespace bagloom::media
