#include "media/segment_encoder.h"

#include "media/av.h"
#include "media/encoder_options.h"
#include "media/h264_packet.h"
#include "media/png_encoder.h"

namespace bagloom::media {
namespace {

class LibavEncoder : public SegmentEncoder {
 public:
  LibavEncoder(EncoderSettings settings, CodecContextPtr context, Sink sink)
      : settings_(std::move(settings)),
        context_(std::move(context)),
        sink_(std::move(sink)),
        frame_(av_frame_alloc()),
        packet_(av_packet_alloc()) {
    stream_.codec = settings_.codec;
    stream_.width = settings_.width;
    stream_.height = settings_.height;
    stream_.fps = settings_.fps;
    stream_.pix_fmt = name_of(settings_.format);
    if (context_->extradata_size > 0) {
      const auto* extradata = reinterpret_cast<const std::byte*>(context_->extradata);
      stream_.extradata.assign(extradata, extradata + context_->extradata_size);
      if (settings_.codec == "h264") stream_.extradata = without_sei(stream_.extradata);
    }
  }

  ~LibavEncoder() override {
    if (!drained_ && ready()) drain();
    close_encoder(std::move(context_));
  }

  bool ready() const { return frame_ != nullptr && packet_ != nullptr; }

  Status push(const Picture& picture) override {
    if (picture.format() != settings_.format || picture.width() != settings_.width || picture.height() != settings_.height) {
      return Error(ErrorKind::internal, "the encoder was opened for another shape of picture");
    }
    // A second reference to the same pixels: the caller's picture keeps its own fields and is writable again after this call.
    if (int code = av_frame_ref(frame_.get(), picture.frame()); code < 0) return av_error(ErrorKind::internal, "a picture", code);
    frame_->pts = static_cast<std::int64_t>(pushed_);
    frame_->pict_type = AV_PICTURE_TYPE_NONE;
    const int code = avcodec_send_frame(context_.get(), frame_.get());
    av_frame_unref(frame_.get());
    if (code < 0) return av_error(ErrorKind::internal, settings_.codec + " encoder", code);
    ++pushed_;
    return receive();
  }

  Status finish() override {
    if (pushed_ == 0) return Error(ErrorKind::internal, "a segment without pictures");
    ended_ = true;
    if (int code = avcodec_send_frame(context_.get(), nullptr); code < 0) {
      return av_error(ErrorKind::internal, settings_.codec + " encoder", code);
    }
    RETURN_IF_ERROR(receive());
    if (given_ != pushed_) {
      return Error(ErrorKind::internal, settings_.codec + " encoder gave " + std::to_string(given_) + " packets for " +
                                            std::to_string(pushed_) + " pictures");
    }
    return {};
  }

  const StreamParameters& stream() const override { return stream_; }

 private:
  /// SVT-AV1 waits for ever in its destructor unless it has had a picture and the end: an abandoned encoder gets both.
  void drain() {
    Picture black;
    if (pushed_ == 0 && !ended_ && black.reshape(settings_.format, settings_.width, settings_.height).ok()) {
      black.frame()->pts = 0;
      avcodec_send_frame(context_.get(), black.frame());
    }
    if (!ended_) avcodec_send_frame(context_.get(), nullptr);
    while (avcodec_receive_packet(context_.get(), packet_.get()) == 0) av_packet_unref(packet_.get());
  }

  Status receive() {
    for (;;) {
      const int code = avcodec_receive_packet(context_.get(), packet_.get());
      if (code == AVERROR_EOF) drained_ = true;
      if (code == AVERROR(EAGAIN) || code == AVERROR_EOF) return {};
      if (code < 0) return av_error(ErrorKind::internal, settings_.codec + " encoder", code);
      const Status given = give();
      av_packet_unref(packet_.get());
      RETURN_IF_ERROR(given);
    }
  }

  /// Joining by packet numbers rests on what is checked here: one packet a picture, in order, the first a keyframe.
  Status give() {
    const auto expected = static_cast<std::int64_t>(given_);
    const bool keyframe = (packet_->flags & AV_PKT_FLAG_KEY) != 0;
    if (packet_->pts != expected || packet_->dts != expected) {
      return Error(ErrorKind::internal, settings_.codec + " encoder reordered: packet " + std::to_string(expected) + " has pts " +
                                            std::to_string(packet_->pts) + ", dts " + std::to_string(packet_->dts));
    }
    if (given_ % 2 == 0 && !keyframe) {
      return Error(ErrorKind::internal, settings_.codec + " encoder: packet " + std::to_string(expected) + " is no keyframe");
    }
    ++given_;
    Packet packet{{reinterpret_cast<const std::byte*>(packet_->data), static_cast<std::size_t>(packet_->size)}, keyframe};
    // x264 says its version and settings in each encoder's first packet: some 700 bytes a segment that no decoder needs.
    std::vector<std::byte> shorter;
    if (settings_.codec == "h264" && expected == 0) {
      shorter = without_sei(packet.bytes);
      packet.bytes = shorter;
    }
    return sink_(packet);
  }

  EncoderSettings settings_;
  CodecContextPtr context_;
  Sink sink_;
  FramePtr frame_;
  PacketPtr packet_;
  StreamParameters stream_;
  std::uint64_t pushed_ = 0, given_ = 0;
  bool ended_ = false, drained_ = false;
};

/// Pictures that stand in the dataset's tables, each as a PNG file.
class FileEncoder : public SegmentEncoder {
 public:
  FileEncoder(EncoderSettings settings, Sink sink) : settings_(std::move(settings)), sink_(std::move(sink)) {
    stream_.codec = settings_.codec;
    stream_.width = settings_.width;
    stream_.height = settings_.height;
    stream_.fps = settings_.fps;
    stream_.pix_fmt = name_of(settings_.format);
  }

  Status push(const Picture& picture) override {
    if (picture.format() != settings_.format || picture.width() != settings_.width || picture.height() != settings_.height) {
      return Error(ErrorKind::internal, "the encoder was opened for another shape of picture");
    }
    RETURN_IF_ERROR(encode_png(picture, file_));
    return sink_({file_, true});
  }
  Status finish() override { return {}; }
  const StreamParameters& stream() const override { return stream_; }

 private:
  EncoderSettings settings_;
  Sink sink_;
  StreamParameters stream_;
  std::vector<std::byte> file_;
};

}  // namespace

Result<std::unique_ptr<SegmentEncoder>> SegmentEncoder::open(const EncoderSettings& settings, Sink sink) {
  if (settings.codec == "png") return std::unique_ptr<SegmentEncoder>(std::make_unique<FileEncoder>(settings, std::move(sink)));
  ASSIGN_OR_RETURN(CodecContextPtr context, open_encoder(settings));
  auto encoder = std::make_unique<LibavEncoder>(settings, std::move(context), std::move(sink));
  if (!encoder->ready()) return Error(ErrorKind::over_limit, "no memory for an encoder");
  return std::unique_ptr<SegmentEncoder>(std::move(encoder));
}

}  // namespace bagloom::media
