#include "media/av.h"
#include "media/mp4.h"
#include "media/mp4_input.h"

namespace bagloom::media {
namespace {

/// What a decoder gives, in this project's names; none where it has none.
PixelFormat format_of(const AVFrame& frame) {
  const bool full = frame.color_range == AVCOL_RANGE_JPEG;
  switch (frame.format) {
    case AV_PIX_FMT_YUV420P: return full ? PixelFormat::yuv420p_full : PixelFormat::yuv420p;
    case AV_PIX_FMT_YUVJ420P: return PixelFormat::yuv420p_full;
    case AV_PIX_FMT_YUVJ422P: return PixelFormat::yuv422p_full;
    case AV_PIX_FMT_YUVJ444P: return PixelFormat::yuv444p_full;
    case AV_PIX_FMT_YUVJ440P: return PixelFormat::yuv440p_full;
    case AV_PIX_FMT_YUVJ411P: return PixelFormat::yuv411p_full;
    case AV_PIX_FMT_YUV422P: return full ? PixelFormat::yuv422p_full : PixelFormat::none;
    case AV_PIX_FMT_YUV444P: return full ? PixelFormat::yuv444p_full : PixelFormat::none;
    case AV_PIX_FMT_YUV440P: return full ? PixelFormat::yuv440p_full : PixelFormat::none;
    case AV_PIX_FMT_YUV411P: return full ? PixelFormat::yuv411p_full : PixelFormat::none;
    case AV_PIX_FMT_GRAY8: return PixelFormat::gray8_full;
    case AV_PIX_FMT_RGB24: return PixelFormat::rgb24;
    case AV_PIX_FMT_BGR24: return PixelFormat::bgr24;
    default: return PixelFormat::none;
  }
}

class LibavReader : public Mp4Reader {
 public:
  Status open(const std::string& path, std::uint32_t fps) {
    path_ = path;
    ASSIGN_OR_RETURN(input_, open_mp4(path));
    const AVRational base = input_.video->time_base;
    if (fps == 0 || base.num != 1 || base.den % static_cast<int>(fps) != 0) {
      return Error(ErrorKind::corrupt, "a time base of " + std::to_string(base.num) + "/" + std::to_string(base.den) +
                                           " has no grid of " + std::to_string(fps) + " fps")
          .in(path);
    }
    ticks_ = base.den / static_cast<int>(fps);
    if (input_.video->nb_frames <= 0) return Error(ErrorKind::corrupt, "no count of pictures in its header").in(path);
    frames_ = static_cast<std::uint64_t>(input_.video->nb_frames);
    const AVCodec* codec = avcodec_find_decoder(input_.video->codecpar->codec_id);
    if (codec == nullptr)
      return Error(ErrorKind::unsupported, std::string("no decoder for ") + avcodec_get_name(input_.video->codecpar->codec_id))
          .in(path);
    decoder_.reset(avcodec_alloc_context3(codec));
    packet_.reset(av_packet_alloc());
    frame_.reset(av_frame_alloc());
    if (decoder_ == nullptr || packet_ == nullptr || frame_ == nullptr)
      return Error(ErrorKind::over_limit, "no memory for a decoder");
    if (int code = avcodec_parameters_to_context(decoder_.get(), input_.video->codecpar); code < 0) {
      return av_error(ErrorKind::corrupt, "its codec parameters", code).in(path);
    }
    decoder_->thread_count = 1;
    decoder_->pkt_timebase = base;
    if (int code = avcodec_open2(decoder_.get(), codec, nullptr); code < 0)
      return av_error(ErrorKind::corrupt, codec->name, code).in(path);
    return {};
  }

  std::uint64_t frames() const override { return frames_; }

  Status decode(std::uint64_t frame, Picture& out) override {
    if (frame >= frames_) return wrong(frame, "beyond the last, " + std::to_string(frames_ - 1));
    const std::int64_t wanted = static_cast<std::int64_t>(frame) * ticks_;
    if (int code = av_seek_frame(input_.demuxer.get(), input_.video->index, wanted, AVSEEK_FLAG_BACKWARD); code < 0) {
      return wrong(frame, "seeking: " + av_text(code));
    }
    avcodec_flush_buffers(decoder_.get());
    // The picture at or after the wanted time must be the wanted one: this is how torchcodec reads (lerobot-format.md 6.4).
    for (bool draining = false;;) {
      const int code = avcodec_receive_frame(decoder_.get(), frame_.get());
      if (code == 0) {
        if (frame_->pts >= wanted) return give(frame, wanted, out);
        av_frame_unref(frame_.get());
        continue;
      }
      if (code == AVERROR_EOF) return wrong(frame, "no picture at or after its time");
      if (code != AVERROR(EAGAIN)) return wrong(frame, av_text(code));
      if (draining) return wrong(frame, "the decoder gave nothing");
      RETURN_IF_ERROR(feed(frame, draining));
    }
  }

 private:
  /// One packet of the video stream, or the end of the stream, into the decoder.
  Status feed(std::uint64_t frame, bool& draining) {
    for (;;) {
      int code = av_read_frame(input_.demuxer.get(), packet_.get());
      if (code == AVERROR_EOF) {
        draining = true;
        avcodec_send_packet(decoder_.get(), nullptr);
        return {};
      }
      if (code < 0) return wrong(frame, "reading: " + av_text(code));
      const bool ours = packet_->stream_index == input_.video->index;
      if (ours) code = avcodec_send_packet(decoder_.get(), packet_.get());
      av_packet_unref(packet_.get());
      if (code < 0) return wrong(frame, av_text(code));
      if (ours) return {};
    }
  }

  Status give(std::uint64_t frame, std::int64_t wanted, Picture& out) {
    const std::int64_t pts = frame_->pts;
    const PixelFormat format = format_of(*frame_);
    const auto width = static_cast<std::uint32_t>(frame_->width), height = static_cast<std::uint32_t>(frame_->height);
    Status given;
    if (pts != wanted) {
      given = wrong(frame, "wanted pts " + std::to_string(wanted) + ", the next picture has " + std::to_string(pts));
    } else if ((frame_->flags & AV_FRAME_FLAG_CORRUPT) != 0 || frame_->decode_error_flags != 0) {
      given = wrong(frame, "the decoder reports damage");
    } else if (format == PixelFormat::none) {
      const char* name = av_get_pix_fmt_name(static_cast<AVPixelFormat>(frame_->format));
      given = Error(ErrorKind::unsupported, std::string("pictures of ") + (name != nullptr ? name : "no known format")).in(path_);
    } else {
      given = out.reshape(format, width, height);
      if (given) {
        for (int i = 0; i < 4 && frame_->data[i] != nullptr && out.frame()->data[i] != nullptr; ++i) copy_plane(i, out);
      }
    }
    av_frame_unref(frame_.get());
    return given;
  }

  void copy_plane(int index, Picture& out) const {
    const int bytes = av_image_get_linesize(static_cast<AVPixelFormat>(out.frame()->format), frame_->width, index);
    const AVPixFmtDescriptor* layout = av_pix_fmt_desc_get(static_cast<AVPixelFormat>(out.frame()->format));
    const int rows = index == 0 ? frame_->height : -((-frame_->height) >> layout->log2_chroma_h);
    av_image_copy_plane(out.plane(index), out.stride(index), frame_->data[index], frame_->linesize[index], bytes, rows);
  }

  Error wrong(std::uint64_t frame, const std::string& what) const {
    return Error(ErrorKind::corrupt, what).in("frame " + std::to_string(frame)).in(path_);
  }

  std::string path_;
  Mp4Input input_;
  CodecContextPtr decoder_;
  PacketPtr packet_;
  FramePtr frame_;
  std::uint64_t frames_ = 0;
  std::int64_t ticks_ = 0;
};

}  // namespace

Result<std::unique_ptr<Mp4Reader>> Mp4Reader::open(const std::string& path, std::uint32_t fps) {
  auto reader = std::make_unique<LibavReader>();
  RETURN_IF_ERROR(reader->open(path, fps));
  return std::unique_ptr<Mp4Reader>(std::move(reader));
}

}  // namespace bagloom::media
