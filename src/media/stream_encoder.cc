#include "media/stream_encoder.h"

#include <string>

#include "media/av.h"
#include "media/stream_codec_id.h"

namespace bagloom::media {
namespace {

const AVCodec* find_encoder(StreamCodec codec) {
  switch (codec) {
    case StreamCodec::h264: return avcodec_find_encoder_by_name("libx264");
    case StreamCodec::hevc: return avcodec_find_encoder_by_name("libx265");
    case StreamCodec::av1: return avcodec_find_encoder_by_name("libaom-av1");
    case StreamCodec::none: break;
  }
  return nullptr;
}

// One thread and nothing that waits for later pictures, as encoders on robots do.
void set_options(const StreamEncoderSettings& settings, AVCodecContext& context, AVDictionary** options) {
  const std::string gop = std::to_string(settings.gop), b_frames = std::to_string(settings.b_frames);
  const std::string slices = ":slices=" + std::to_string(settings.slices);
  const std::string arithmetic = settings.arithmetic ? ":cabac=1" : "";
  switch (settings.codec) {
    case StreamCodec::h264:
      av_dict_set(options, "preset", "ultrafast", 0);
      av_dict_set(options, "crf", "23", 0);
      av_dict_set(options, "x264-params",
                  ("keyint=" + gop + ":min-keyint=" + gop + ":scenecut=0:open-gop=0:threads=1:rc-lookahead=0:sync-lookahead=0:" +
                   "sliced-threads=0:mbtree=0:force-cfr=1:bframes=" + b_frames + slices + arithmetic)
                      .c_str(),
                  0);
      break;
    case StreamCodec::hevc:
      av_dict_set(options, "preset", "ultrafast", 0);
      av_dict_set(options, "crf", "26", 0);
      av_dict_set(
          options, "x265-params",
          ("keyint=" + gop + ":min-keyint=" + gop + ":scenecut=0:open-gop=0:frame-threads=1:info=0:" +
           // Slices go with wavefronts only, and those with a thread.
           (settings.slices > 1 ? "pools=1:wpp=1:" : "pools=none:wpp=0:") + "log-level=none:repeat-headers=1:rc-lookahead=" +
           std::to_string(settings.b_frames == 0 ? 0 : settings.b_frames + 2) + ":bframes=" + b_frames + slices)
              .c_str(),
          0);
      break;
    case StreamCodec::av1:
      av_dict_set(options, "usage", settings.b_frames == 0 ? "realtime" : "good", 0);
      av_dict_set(options, "cpu-used", "8", 0);
      av_dict_set(options, "lag-in-frames", settings.b_frames == 0 ? "0" : "19", 0);
      av_dict_set(options, "crf", "35", 0);
      context.bit_rate = 0;
      break;
    case StreamCodec::none: break;
  }
}

}  // namespace

struct StreamEncoder::State {
  Sink sink;
  CodecContextPtr context;
  PacketPtr packet;
  FramePtr frame;
  std::int64_t pictures = 0;

  Status drain() {
    while (true) {
      const int code = avcodec_receive_packet(context.get(), packet.get());
      if (code == AVERROR(EAGAIN) || code == AVERROR_EOF) return {};
      if (code < 0) return av_error(ErrorKind::internal, "encoding a stream", code);
      const Bytes bytes(reinterpret_cast<const std::byte*>(packet->data), static_cast<std::size_t>(packet->size));
      auto status = sink(bytes, static_cast<std::uint64_t>(packet->pts), (packet->flags & AV_PKT_FLAG_KEY) != 0);
      av_packet_unref(packet.get());
      if (!status) return status;
    }
  }
};

StreamEncoder::StreamEncoder(std::unique_ptr<State> state) : state_(std::move(state)) {}
StreamEncoder::~StreamEncoder() = default;
StreamEncoder::StreamEncoder(StreamEncoder&&) noexcept = default;
StreamEncoder& StreamEncoder::operator=(StreamEncoder&&) noexcept = default;

Result<StreamEncoder> StreamEncoder::open(const StreamEncoderSettings& settings, Sink sink) {
  if (settings.width < 16 || settings.height < 16 || settings.width % 2 != 0 || settings.height % 2 != 0 || settings.fps == 0 ||
      settings.gop == 0) {
    return Error(ErrorKind::invalid, "a video topic of " + std::to_string(settings.width) + "x" +
                                         std::to_string(settings.height) +
                                         " (even, at least 16 a side; frame rate and keyframe distance at least 1)");
  }
  const AVCodec* encoder = find_encoder(settings.codec);
  if (encoder == nullptr)
    return Error(ErrorKind::unsupported, "this FFmpeg has no encoder for " + std::string(name_of(settings.codec)));
  auto state = std::make_unique<State>();
  state->sink = std::move(sink);
  state->context.reset(avcodec_alloc_context3(encoder));
  state->packet.reset(av_packet_alloc());
  state->frame.reset(av_frame_alloc());
  if (state->context == nullptr || state->packet == nullptr || state->frame == nullptr)
    return Error(ErrorKind::over_limit, "no memory for an encoder");
  AVCodecContext& context = *state->context;
  context.width = static_cast<int>(settings.width);
  context.height = static_cast<int>(settings.height);
  context.time_base = {1, static_cast<int>(settings.fps)};
  context.framerate = {static_cast<int>(settings.fps), 1};
  context.pix_fmt = AV_PIX_FMT_YUV420P;
  context.gop_size = static_cast<int>(settings.gop);
  context.max_b_frames = static_cast<int>(settings.b_frames);
  context.thread_count = 1;
  context.flags |= AV_CODEC_FLAG_BITEXACT | AV_CODEC_FLAG_CLOSED_GOP;
  AVDictionary* options = nullptr;
  set_options(settings, context, &options);
  const int code = avcodec_open2(&context, encoder, &options);
  av_dict_free(&options);
  if (code < 0) return av_error(ErrorKind::unsupported, "opening " + std::string(encoder->name), code);
  return StreamEncoder(std::move(state));
}

Status StreamEncoder::push(const Picture& picture) {
  State& state = *state_;
  if (picture.format() != PixelFormat::yuv420p || static_cast<int>(picture.width()) != state.context->width ||
      static_cast<int>(picture.height()) != state.context->height) {
    return Error(ErrorKind::internal, "a picture of another shape for a stream");
  }
  av_frame_unref(state.frame.get());
  // A reference of the encoder's own: it may look at the picture after this call.
  if (int code = av_frame_ref(state.frame.get(), picture.frame()); code < 0)
    return av_error(ErrorKind::over_limit, "no memory for a picture", code);
  state.frame->pts = state.pictures++;
  state.frame->pict_type = AV_PICTURE_TYPE_NONE;
  const int code = avcodec_send_frame(state.context.get(), state.frame.get());
  av_frame_unref(state.frame.get());
  if (code < 0) return av_error(ErrorKind::internal, "encoding a stream", code);
  return state.drain();
}

Status StreamEncoder::finish() {
  if (int code = avcodec_send_frame(state_->context.get(), nullptr); code < 0)
    return av_error(ErrorKind::internal, "encoding a stream", code);
  return state_->drain();
}

}  // namespace bagloom::media
