// The only header that includes libav; for .cc files of media/ alone. Only calls that FFmpeg 4.4 to 7 have.
#pragma once

extern "C" {
#include <libavcodec/avcodec.h>
#include <libavcodec/bsf.h>
#include <libavformat/avformat.h>
#include <libavutil/frame.h>
#include <libavutil/imgutils.h>
#include <libavutil/opt.h>
#include <libavutil/pixdesc.h>
#include <libswscale/swscale.h>
}

#include <memory>
#include <string>

#include "base/result.h"
#include "media/picture.h"

namespace bagloom::media {

struct AvDeleter {
  void operator()(AVFrame* frame) const { av_frame_free(&frame); }
  void operator()(AVPacket* packet) const { av_packet_free(&packet); }
  void operator()(AVCodecContext* context) const { avcodec_free_context(&context); }
  void operator()(SwsContext* context) const { sws_freeContext(context); }
};
using FramePtr = std::unique_ptr<AVFrame, AvDeleter>;
using PacketPtr = std::unique_ptr<AVPacket, AvDeleter>;
using CodecContextPtr = std::unique_ptr<AVCodecContext, AvDeleter>;
using SwsContextPtr = std::unique_ptr<SwsContext, AvDeleter>;

/// A demuxer's context is closed, a muxer's only freed: two types, so that they cannot be mistaken for one another.
struct InputDeleter {
  void operator()(AVFormatContext* context) const { avformat_close_input(&context); }
};
struct OutputDeleter {
  void operator()(AVFormatContext* context) const { avformat_free_context(context); }
};
using InputPtr = std::unique_ptr<AVFormatContext, InputDeleter>;
using OutputPtr = std::unique_ptr<AVFormatContext, OutputDeleter>;

/// libav's words for one of its error codes.
std::string av_text(int code);
/// `what: libav's words`.
Error av_error(ErrorKind kind, const std::string& what, int code);

/// Pixel layout without its range; AV_PIX_FMT_NONE for PixelFormat::none.
AVPixelFormat av_format(PixelFormat format);
/// JPEG's range for the *_full formats and RGB.
bool full_range(PixelFormat format);

}  // namespace bagloom::media
