#include "media/picture.h"

#include <utility>

#include "media/av.h"

namespace bagloom::media {
namespace {

// Fixed, not the CPU's own choice: the same memory on every machine, and rows that AVX-512 may load whole.
constexpr int kAlignment = 64;
constexpr std::uint32_t kMaxSide = 16384;

}  // namespace

std::string_view name_of(PixelFormat format) {
  switch (format) {
    case PixelFormat::none: return "none";
    case PixelFormat::gray8_full: return "gray8";
    case PixelFormat::yuv420p_full: return "yuvj420p";
    case PixelFormat::yuv422p_full: return "yuvj422p";
    case PixelFormat::yuv444p_full: return "yuvj444p";
    case PixelFormat::yuv440p_full: return "yuvj440p";
    case PixelFormat::yuv411p_full: return "yuvj411p";
    case PixelFormat::yuv420p: return "yuv420p";
    case PixelFormat::yuv422p: return "yuv422p";
    case PixelFormat::yuv444p: return "yuv444p";
    case PixelFormat::rgb24: return "rgb24";
    case PixelFormat::bgr24: return "bgr24";
    case PixelFormat::gray16: return "gray16le";
    case PixelFormat::grayf32: return "grayf32le";
    case PixelFormat::gray12: return "gray12le";
  }
  return "none";
}

Picture::Picture() = default;
Picture::~Picture() { av_frame_free(&frame_); }
Picture::Picture(Picture&& other) noexcept
    : frame_(std::exchange(other.frame_, nullptr)), format_(std::exchange(other.format_, PixelFormat::none)) {}
Picture& Picture::operator=(Picture&& other) noexcept {
  std::swap(frame_, other.frame_);
  std::swap(format_, other.format_);
  return *this;
}

Status Picture::reshape(PixelFormat format, std::uint32_t width, std::uint32_t height) {
  if (format == PixelFormat::none || width == 0 || height == 0 || width > kMaxSide || height > kMaxSide) {
    return Error(ErrorKind::corrupt, "a picture of " + std::to_string(width) + "x" + std::to_string(height) + " (1 to " +
                                         std::to_string(kMaxSide) + " a side are taken)");
  }
  const AVPixelFormat layout = av_format(format);
  const bool fits = frame_ != nullptr && frame_->buf[0] != nullptr && frame_->format == layout &&
                    frame_->width == static_cast<int>(width) && frame_->height == static_cast<int>(height) &&
                    av_frame_is_writable(frame_) > 0;
  if (!fits) {
    if (frame_ == nullptr) frame_ = av_frame_alloc();
    if (frame_ == nullptr) return Error(ErrorKind::over_limit, "no memory for a picture");
    av_frame_unref(frame_);
    format_ = PixelFormat::none;
    frame_->format = layout;
    frame_->width = static_cast<int>(width);
    frame_->height = static_cast<int>(height);
    // libav rounds the planes' height up to 32 rows: what turbojpeg writes beyond odd edges has room.
    if (int code = av_frame_get_buffer(frame_, kAlignment); code < 0) {
      av_frame_unref(frame_);
      return av_error(ErrorKind::internal, "a picture's memory", code);
    }
  }
  frame_->color_range = full_range(format) ? AVCOL_RANGE_JPEG : AVCOL_RANGE_MPEG;
  format_ = format;
  return {};
}

PixelFormat Picture::format() const { return format_; }
std::uint32_t Picture::width() const { return frame_ == nullptr ? 0 : static_cast<std::uint32_t>(frame_->width); }
std::uint32_t Picture::height() const { return frame_ == nullptr ? 0 : static_cast<std::uint32_t>(frame_->height); }
std::uint8_t* Picture::plane(int index) { return frame_ == nullptr ? nullptr : frame_->data[index]; }
const std::uint8_t* Picture::plane(int index) const { return frame_ == nullptr ? nullptr : frame_->data[index]; }
int Picture::stride(int index) const { return frame_ == nullptr ? 0 : frame_->linesize[index]; }
AVFrame* Picture::frame() { return frame_; }
const AVFrame* Picture::frame() const { return frame_; }

std::uint64_t picture_bytes(PixelFormat format, std::uint32_t width, std::uint32_t height) {
  if (format == PixelFormat::none) return 0;
  int strides[4] = {};
  const int padded_width = static_cast<int>((width + kAlignment - 1) / kAlignment * kAlignment);
  if (av_image_fill_linesizes(strides, av_format(format), padded_width) < 0) return 0;
  const AVPixFmtDescriptor* layout = av_pix_fmt_desc_get(av_format(format));
  const std::uint64_t rows = (height + 31) / 32 * 32;
  std::uint64_t bytes = 0;
  for (int i = 0; i < 4 && strides[i] > 0; ++i) {
    const std::uint64_t stride = static_cast<std::uint64_t>((strides[i] + kAlignment - 1) / kAlignment * kAlignment);
    bytes += stride * (i == 0 ? rows : rows >> layout->log2_chroma_h) + 2 * kAlignment;
  }
  return bytes;
}

}  // namespace bagloom::media
