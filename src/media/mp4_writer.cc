#include <fcntl.h>
#include <sys/stat.h>
#include <unistd.h>

#include <cerrno>
#include <cstring>

#include "media/av.h"
#include "media/mp4.h"

namespace bagloom::media {
namespace {

constexpr int kBufferBytes = 64 << 10;
constexpr std::int64_t kWritebackBytes = 8 << 20;

#if LIBAVFORMAT_VERSION_MAJOR >= 61
using WriteBuffer = const std::uint8_t*;
#else
using WriteBuffer = std::uint8_t*;
#endif

/// A file behind libavformat that remembers the first errno: libavformat reports it late or not at all.
class OutputFile {
 public:
  explicit OutputFile(std::string path) : path_(std::move(path)) {}
  OutputFile(const OutputFile&) = delete;
  OutputFile& operator=(const OutputFile&) = delete;
  ~OutputFile() {
    if (io_ != nullptr) {
      av_freep(&io_->buffer);
      avio_context_free(&io_);
    }
    if (fd_ >= 0) ::close(fd_);
  }

  Status open() {
    fd_ = ::open(path_.c_str(), O_WRONLY | O_CREAT | O_TRUNC | O_CLOEXEC, 0666);
    if (fd_ < 0) return failed("opening", errno);
    auto* buffer = static_cast<unsigned char*>(av_malloc(kBufferBytes));
    if (buffer != nullptr)
      io_ = avio_alloc_context(buffer, kBufferBytes, 1, this, nullptr, &OutputFile::write_packet, &OutputFile::seek);
    if (io_ == nullptr) {
      av_free(buffer);
      return Error(ErrorKind::over_limit, "no memory for an mp4's buffer");
    }
    return {};
  }

  AVIOContext* io() { return io_; }

  /// Of anything that was written so far.
  Status status() const {
    if (error_ != 0) return failed("writing", error_);
    return {};
  }

  Status sync_and_close() {
    RETURN_IF_ERROR(status());
    if (::fsync(fd_) != 0 && errno != EINVAL && errno != EROFS) return failed("syncing", errno);
    const int fd = fd_;
    fd_ = -1;
    if (::close(fd) != 0 && errno != EINTR) return failed("closing", errno);
    return {};
  }

 private:
  Error failed(const char* what, int number) const {
    const bool passes = number == ENOSPC || number == EDQUOT || number == EBUSY || number == EAGAIN || number == ENOLCK;
    return Error(passes ? ErrorKind::temporary : ErrorKind::io, std::string(what) + ": " + std::strerror(number)).in(path_);
  }

  static int write_packet(void* opaque, WriteBuffer buffer, int size) {
    auto* self = static_cast<OutputFile*>(opaque);
    int done = 0;
    while (done < size && self->error_ == 0) {
      const ssize_t n = ::write(self->fd_, buffer + done, static_cast<std::size_t>(size - done));
      if (n > 0)
        done += static_cast<int>(n);
      else if (n == 0)
        self->error_ = ENOSPC;
      else if (errno != EINTR)
        self->error_ = errno;
    }
    if (self->error_ != 0) return AVERROR(self->error_);
    self->begin_writeback(size);
    return size;
  }

  static std::int64_t seek(void* opaque, std::int64_t offset, int whence) {
    auto* self = static_cast<OutputFile*>(opaque);
    if ((whence & AVSEEK_SIZE) != 0) {
      struct stat facts {};
      return ::fstat(self->fd_, &facts) == 0 ? facts.st_size : AVERROR(errno);
    }
    const off_t at = ::lseek(self->fd_, offset, whence & ~AVSEEK_FORCE);
    if (at >= 0) return at;
    if (self->error_ == 0) self->error_ = errno;
    return AVERROR(errno);
  }

  std::string path_;
  /// The disk begins while there is still more to write: the sync at the end then finds little left.
  void begin_writeback(int size) {
    unstarted_ += size;
    if (unstarted_ < kWritebackBytes) return;
    (void)::sync_file_range(fd_, 0, 0, SYNC_FILE_RANGE_WRITE);  // only a hint: what fails shows in fsync
    unstarted_ = 0;
  }

  int fd_ = -1;
  int error_ = 0;
  std::int64_t unstarted_ = 0;  ///< bytes written since the last hint
  AVIOContext* io_ = nullptr;
};

Result<AVCodecID> codec_id(const std::string& codec) {
  if (codec == "h264") return AV_CODEC_ID_H264;
  if (codec == "av1") return AV_CODEC_ID_AV1;
  if (codec == "hevc") return AV_CODEC_ID_HEVC;
  if (codec == "mjpeg") return AV_CODEC_ID_MJPEG;
  return Error(ErrorKind::unsupported, "an mp4 with video codec '" + codec + "' (h264, hevc, av1 and mjpeg are written)");
}

class LibavWriter : public Mp4Writer {
 public:
  LibavWriter(std::string path, StreamParameters stream) : path_(std::move(path)), stream_(std::move(stream)), file_(path_) {}

  Status start() {
    ASSIGN_OR_RETURN(const AVCodecID id, codec_id(stream_.codec));
    if (stream_.fps < 1 || stream_.fps > 1000 || stream_.width == 0 || stream_.height == 0 || stream_.width > 16384 ||
        stream_.height > 16384) {
      return Error(ErrorKind::internal, "an mp4 needs a size and 1 to 1000 pictures a second").in(path_);
    }
    RETURN_IF_ERROR(file_.open());
    AVFormatContext* raw = nullptr;
    if (int code = avformat_alloc_output_context2(&raw, nullptr, "mp4", nullptr); code < 0) {
      return av_error(ErrorKind::unsupported, "an mp4 writer", code).in(path_);
    }
    muxer_.reset(raw);
    packet_.reset(av_packet_alloc());
    AVStream* track = avformat_new_stream(muxer_.get(), nullptr);
    if (packet_ == nullptr || track == nullptr) return Error(ErrorKind::over_limit, "no memory for an mp4");
    muxer_->pb = file_.io();
    muxer_->flags |= AVFMT_FLAG_CUSTOM_IO | AVFMT_FLAG_BITEXACT;  // bitexact: no library version, no creation time
    RETURN_IF_ERROR(describe(track, id));

    // The muxer doubles fps until it is 10000 or more (lerobot-format.md 6.2); the movie's own clock must have these ticks too,
    // or its duration is rounded up to milliseconds and FFmpeg 5.1's concat leaves gaps (6.5).
    std::uint32_t timescale = stream_.fps;
    while (timescale < 10000) timescale *= 2;
    AVDictionary* options = nullptr;
    av_dict_set_int(&options, "video_track_timescale", timescale, 0);
    av_dict_set_int(&options, "movie_timescale", timescale, 0);  // not in every 4.4: left over there, and harmless
    const int code = avformat_write_header(muxer_.get(), &options);
    av_dict_free(&options);
    RETURN_IF_ERROR(file_.status());
    if (code < 0) return av_error(ErrorKind::internal, "the mp4's header", code).in(path_);
    started_ = true;
    const AVRational base = track->time_base;
    if (base.num != 1 || base.den % static_cast<int>(stream_.fps) != 0) {
      return Error(ErrorKind::internal, "the mp4 writer chose " + std::to_string(base.den) + " ticks a second for " +
                                            std::to_string(stream_.fps) + " fps")
          .in(path_);
    }
    ticks_ = base.den / static_cast<int>(stream_.fps);
    return {};
  }

  Status write(const Packet& packet) override {
    if (!started_ || finished_) return Error(ErrorKind::internal, "an mp4 that is not open").in(path_);
    if (packet.bytes.empty() || packet.bytes.size() > (256u << 20)) {
      return Error(ErrorKind::internal, "a packet of " + std::to_string(packet.bytes.size()) + " bytes").in(path_);
    }
    if (frames_ == 0 && !packet.keyframe) return Error(ErrorKind::internal, "the first packet is no keyframe").in(path_);
    // Copied, because libavformat's parsers may read a little beyond the end.
    buffer_.assign(packet.bytes.begin(), packet.bytes.end());
    buffer_.resize(packet.bytes.size() + AV_INPUT_BUFFER_PADDING_SIZE);
    packet_->data = reinterpret_cast<std::uint8_t*>(buffer_.data());
    packet_->size = static_cast<int>(packet.bytes.size());
    packet_->stream_index = 0;
    packet_->flags = packet.keyframe ? AV_PKT_FLAG_KEY : 0;
    packet_->pts = packet_->dts = static_cast<std::int64_t>(frames_) * ticks_;
    packet_->duration = ticks_;
    const int code = av_write_frame(muxer_.get(), packet_.get());
    packet_->data = nullptr;
    packet_->size = 0;
    RETURN_IF_ERROR(file_.status());
    if (code < 0) return av_error(ErrorKind::internal, "packet " + std::to_string(frames_), code).in(path_);
    ++frames_;
    return {};
  }

  Status finish() override {
    if (!started_ || finished_) return Error(ErrorKind::internal, "an mp4 that is not open").in(path_);
    if (frames_ == 0) return Error(ErrorKind::internal, "an mp4 without pictures").in(path_);
    finished_ = true;
    const int code = av_write_trailer(muxer_.get());
    avio_flush(file_.io());
    RETURN_IF_ERROR(file_.status());
    if (code < 0) return av_error(ErrorKind::internal, "the mp4's tables", code).in(path_);
    return file_.sync_and_close();
  }

 private:
  Status describe(AVStream* track, AVCodecID id) {
    track->time_base = {1, static_cast<int>(stream_.fps)};
    track->avg_frame_rate = track->r_frame_rate = {static_cast<int>(stream_.fps), 1};
    AVCodecParameters* codec = track->codecpar;
    codec->codec_type = AVMEDIA_TYPE_VIDEO;
    codec->codec_id = id;
    codec->width = static_cast<int>(stream_.width);
    codec->height = static_cast<int>(stream_.height);
    codec->format = av_get_pix_fmt(stream_.pix_fmt.c_str());
    if (!stream_.extradata.empty()) {
      codec->extradata = static_cast<std::uint8_t*>(av_mallocz(stream_.extradata.size() + AV_INPUT_BUFFER_PADDING_SIZE));
      if (codec->extradata == nullptr) return Error(ErrorKind::over_limit, "no memory for an mp4");
      std::memcpy(codec->extradata, stream_.extradata.data(), stream_.extradata.size());
      codec->extradata_size = static_cast<int>(stream_.extradata.size());
    }
    return {};
  }

  std::string path_;
  StreamParameters stream_;
  OutputFile file_;  // before muxer_: it outlives it
  OutputPtr muxer_;
  PacketPtr packet_;
  std::vector<std::byte> buffer_;
  std::uint64_t frames_ = 0;
  int ticks_ = 0;
  bool started_ = false, finished_ = false;
};

}  // namespace

Result<std::unique_ptr<Mp4Writer>> Mp4Writer::create(const std::string& path, const StreamParameters& stream) {
  auto writer = std::make_unique<LibavWriter>(path, stream);
  RETURN_IF_ERROR(writer->start());
  return std::unique_ptr<Mp4Writer>(std::move(writer));
}

}  // namespace bagloom::media
