// The codec settings of this project, in one place.
#pragma once

#include <string>
#include <vector>

#include "media/av.h"
#include "media/segment_encoder.h"

namespace bagloom::media {

/// The encoder for "h264", "av1" or "hevc". Error: unsupported, lists the codecs that this FFmpeg has.
Result<const AVCodec*> find_encoder(const std::string& codec);

/// Opens it with the project's settings, one thread.
Result<CodecContextPtr> open_encoder(const EncoderSettings& settings);
/// Ends it. SVT-AV1 shares something between its encoders: 1.4 crashed (a null pointer in svt_av1_enc_init_handle) where some
/// started while others ended, so each does so alone.
void close_encoder(CodecContextPtr context);

}  // namespace bagloom::media
