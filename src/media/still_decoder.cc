#include "media/still_decoder.h"

#include <bit>
#include <cstring>
#include <string>

#include "base/cursor.h"
#include "media/av.h"
#include "media/raw_picture.h"
#include "media/tiff_tags.h"

namespace bagloom::media {
namespace {

constexpr std::int64_t kMaxPixels = 64ll << 20;

std::string kind_text(StillKind kind) { return kind == StillKind::webp ? "WebP" : "TIFF"; }

void copy_rows(const AVFrame& frame, int plane, std::size_t row, std::uint32_t rows, Picture& out) {
  for (std::uint32_t y = 0; y < rows; ++y) {
    std::memcpy(out.plane(plane) + static_cast<std::ptrdiff_t>(y) * out.stride(plane),
                frame.data[plane] + static_cast<std::ptrdiff_t>(y) * frame.linesize[plane], row);
  }
}

class LibavStill : public StillDecoder {
 public:
  explicit LibavStill(StillKind kind) : kind_(kind) {}

  Status decode(Bytes file, Picture& out) override {
    RETURN_IF_ERROR(check_length(file));
    // What memory was laid out for: libav may read another size out of a damaged header.
    ASSIGN_OR_RETURN(const StillHeader header, read_still_header(kind_, file));
    if (context_ == nullptr) RETURN_IF_ERROR(open());
    // libav's own sizes have blocks' edges.
    context_->max_pixels = static_cast<std::int64_t>(header.width + 64) * (header.height + 64);
    // A reference that was left would keep the last picture's memory.
    av_frame_unref(frame_.get());
    avcodec_flush_buffers(context_.get());
    av_packet_unref(packet_.get());
    if (int code = av_new_packet(packet_.get(), static_cast<int>(file.size())); code < 0) return failed(code);
    std::memcpy(packet_->data, file.data(), file.size());
    if (kind_ == StillKind::tiff) RETURN_IF_ERROR(keep_picture_tags({reinterpret_cast<std::byte*>(packet_->data), file.size()}));
    int code = avcodec_send_packet(context_.get(), packet_.get());
    av_packet_unref(packet_.get());
    if (code >= 0) code = avcodec_receive_frame(context_.get(), frame_.get());
    if (code < 0) return failed(code);
    if ((frame_->flags & AV_FRAME_FLAG_CORRUPT) != 0 || frame_->decode_error_flags != 0) {
      return Error(ErrorKind::corrupt, kind_text(kind_) + ": damaged");
    }
    Status given;
    if (frame_->width != static_cast<int>(header.width) || frame_->height != static_cast<int>(header.height))
      given = Error(ErrorKind::corrupt, kind_text(kind_) + ": its header says another size");
    else
      given = give(out);
    av_frame_unref(frame_.get());
    if (given && out.format() != header.format)
      return Error(ErrorKind::corrupt, kind_text(kind_) + ": its header says another layout");
    return given;
  }

 private:
  /// The container's own length: libav decodes what is there of a file that was cut.
  Status check_length(Bytes file) const {
    if (file.size() > (1u << 30)) return Error(ErrorKind::corrupt, kind_text(kind_) + " of more than 1 GiB");
    if (kind_ != StillKind::webp) return {};
    if (file.size() < 12) return Error(ErrorKind::corrupt, "WebP: the file ends early");
    const std::uint64_t said = 8ull + Cursor::load<std::uint32_t>(file.subspan(4));
    if (said <= file.size()) return {};
    return Error(ErrorKind::corrupt,
                 "WebP: the file says " + std::to_string(said) + " bytes, " + std::to_string(file.size()) + " are there");
  }

  Status open() {
    const AVCodec* codec = avcodec_find_decoder(kind_ == StillKind::webp ? AV_CODEC_ID_WEBP : AV_CODEC_ID_TIFF);
    if (codec == nullptr) return Error(ErrorKind::unsupported, "this FFmpeg has no decoder of " + kind_text(kind_));
    CodecContextPtr context(avcodec_alloc_context3(codec));
    frame_.reset(av_frame_alloc());
    packet_.reset(av_packet_alloc());
    if (context == nullptr || frame_ == nullptr || packet_ == nullptr) {
      return Error(ErrorKind::over_limit, "no memory for a decoder");
    }
    context->thread_count = 1;
    context->max_pixels = kMaxPixels;
    context->flags |= AV_CODEC_FLAG_BITEXACT;
    context->err_recognition = AV_EF_EXPLODE | AV_EF_CRCCHECK | AV_EF_BITSTREAM | AV_EF_BUFFER;
    if (int code = avcodec_open2(context.get(), codec, nullptr); code < 0) {
      return av_error(ErrorKind::unsupported, "opening libav's decoder of " + kind_text(kind_), code);
    }
    context_ = std::move(context);
    return {};
  }

  Error failed(int code) const {
    const ErrorKind kind = code == AVERROR_PATCHWELCOME ? ErrorKind::unsupported : ErrorKind::corrupt;
    return av_error(kind, kind_text(kind_), code);
  }

  Status give(Picture& out) {
    const auto width = static_cast<std::uint32_t>(frame_->width), height = static_cast<std::uint32_t>(frame_->height);
    RETURN_IF_ERROR(check_size(width, height));
    switch (frame_->format) {
      case AV_PIX_FMT_YUV420P:
      case AV_PIX_FMT_YUVA420P: {
        if (kind_ != StillKind::webp) break;
        RETURN_IF_ERROR(out.reshape(PixelFormat::yuv420p, width, height));
        copy_rows(*frame_, 0, width, height, out);
        for (int plane = 1; plane < 3; ++plane) copy_rows(*frame_, plane, (width + 1) / 2, (height + 1) / 2, out);
        return {};
      }
      case AV_PIX_FMT_GRAY8:
        RETURN_IF_ERROR(out.reshape(PixelFormat::gray8_full, width, height));
        copy_rows(*frame_, 0, width, height, out);
        return {};
      case AV_PIX_FMT_GRAY16LE:
      case AV_PIX_FMT_GRAY16BE:
        RETURN_IF_ERROR(out.reshape(PixelFormat::gray16, width, height));
        copy_rows(*frame_, 0, 2ull * width, height, out);
        if ((frame_->format == AV_PIX_FMT_GRAY16BE) == (std::endian::native == std::endian::little)) swap_bytes(out);
        return {};
      case AV_PIX_FMT_RGB24:
        RETURN_IF_ERROR(out.reshape(PixelFormat::rgb24, width, height));
        copy_rows(*frame_, 0, 3ull * width, height, out);
        return {};
      case AV_PIX_FMT_RGB48LE:
      case AV_PIX_FMT_RGB48BE:
      case AV_PIX_FMT_RGBA64LE:
      case AV_PIX_FMT_RGBA64BE:
        RETURN_IF_ERROR(out.reshape(PixelFormat::rgb24, width, height));
        to_eight_bits(out);
        return {};
      case AV_PIX_FMT_ARGB:
      case AV_PIX_FMT_RGBA:
        RETURN_IF_ERROR(out.reshape(PixelFormat::rgb24, width, height));
        drop_alpha(frame_->format == AV_PIX_FMT_ARGB ? 1 : 0, out);
        return {};
      default: break;
    }
    const char* name = av_get_pix_fmt_name(static_cast<AVPixelFormat>(frame_->format));
    return Error(ErrorKind::unsupported, kind_text(kind_) + " pictures of layout " + (name == nullptr ? "unknown" : name));
  }

  static void swap_bytes(Picture& picture) {
    for (std::uint32_t y = 0; y < picture.height(); ++y) {
      std::uint8_t* row = picture.plane(0) + static_cast<std::ptrdiff_t>(y) * picture.stride(0);
      for (std::uint32_t x = 0; x < picture.width(); ++x) std::swap(row[2 * x], row[2 * x + 1]);
    }
  }

  /// Colours of 16 bits, to the nearest of 8, as PNG's are (png_set_scale_16).
  void to_eight_bits(Picture& out) const {
    const AVPixFmtDescriptor& layout = *av_pix_fmt_desc_get(static_cast<AVPixelFormat>(frame_->format));
    const std::endian order = (layout.flags & AV_PIX_FMT_FLAG_BE) != 0 ? std::endian::big : std::endian::little;
    for (std::uint32_t y = 0; y < out.height(); ++y) {
      const auto* from =
          reinterpret_cast<const std::byte*>(frame_->data[0] + static_cast<std::ptrdiff_t>(y) * frame_->linesize[0]);
      std::uint8_t* to = out.plane(0) + static_cast<std::ptrdiff_t>(y) * out.stride(0);
      for (std::uint32_t x = 0; x < out.width(); ++x, from += layout.comp[0].step)
        for (std::size_t colour = 0; colour < 3; ++colour) {
          const std::uint32_t wide = Cursor::load<std::uint16_t>(Bytes(from + 2 * colour, 2), order);
          *to++ = static_cast<std::uint8_t>((wide * 255 + 32895) >> 16);
        }
    }
  }

  void drop_alpha(int first, Picture& out) const {
    for (std::uint32_t y = 0; y < out.height(); ++y) {
      const std::uint8_t* from = frame_->data[0] + static_cast<std::ptrdiff_t>(y) * frame_->linesize[0] + first;
      std::uint8_t* to = out.plane(0) + static_cast<std::ptrdiff_t>(y) * out.stride(0);
      for (std::uint32_t x = 0; x < out.width(); ++x, from += 4, to += 3) std::memcpy(to, from, 3);
    }
  }

  StillKind kind_;
  CodecContextPtr context_;
  FramePtr frame_;
  PacketPtr packet_;
};

}  // namespace

std::unique_ptr<StillDecoder> make_still_decoder(StillKind kind) { return std::make_unique<LibavStill>(kind); }

namespace {

/// RFC 9649, sections 2.3 to 2.7, and RFC 6386, 9.1.
Result<StillHeader> webp_header(Bytes file) {
  const auto bad = [](const char* what) { return Error(ErrorKind::corrupt, std::string("WebP: ") + what); };
  Cursor at(file);
  if (!at.skip(12)) return bad("the file ends early");
  StillHeader header;
  while (at.remaining() >= 8) {
    ASSIGN_OR_RETURN(const Bytes name, at.take(4));
    ASSIGN_OR_RETURN(const std::uint32_t size, at.u32());
    const std::string_view kind = as_text(name);
    if (kind == "ANIM" || kind == "ANMF") return Error(ErrorKind::unsupported, "a WebP that moves (an animation)");
    const Bytes data = file.subspan(at.offset());
    if (kind == "VP8 ") {
      if (data.size() < 10) return bad("the file ends early");
      header = {Cursor::load<std::uint16_t>(data.subspan(6)) & 0x3fffu, Cursor::load<std::uint16_t>(data.subspan(8)) & 0x3fffu,
                PixelFormat::yuv420p};
      return header;
    }
    if (kind == "VP8L") {
      if (data.size() < 5) return bad("the file ends early");
      const std::uint32_t sizes = Cursor::load<std::uint32_t>(data.subspan(1));
      header = {(sizes & 0x3fffu) + 1, (sizes >> 14 & 0x3fffu) + 1, PixelFormat::rgb24};
      return header;
    }
    if (!at.skip(std::uint64_t{size} + size % 2)) break;
  }
  return bad("no picture in it");
}

Result<StillHeader> tiff_header(Bytes file) {
  ASSIGN_OR_RETURN(const TiffHeader tiff, read_tiff_header(file));
  const bool grey = tiff.photometric <= 1 && tiff.samples == 1,
             rgb = tiff.photometric == 2 && (tiff.samples == 3 || tiff.samples == 4);
  if ((!grey && !rgb) || (tiff.bits != 8 && tiff.bits != 16))
    return Error(ErrorKind::unsupported, "TIFF of " + std::to_string(tiff.samples) + " samples of " + std::to_string(tiff.bits) +
                                             " bits a pixel, photometric " + std::to_string(tiff.photometric) +
                                             " (grey and RGB of 8 and 16 bits are read)");
  return StillHeader{tiff.width, tiff.height,
                     rgb               ? PixelFormat::rgb24
                     : tiff.bits == 16 ? PixelFormat::gray16
                                       : PixelFormat::gray8_full};
}

}  // namespace

Result<StillHeader> read_still_header(StillKind kind, Bytes file) {
  ASSIGN_OR_RETURN(const StillHeader header, kind == StillKind::webp ? webp_header(file) : tiff_header(file));
  RETURN_IF_ERROR(check_size(header.width, header.height));
  return header;
}

std::uint64_t still_working_bytes(std::uint32_t width, std::uint32_t height, std::size_t file_bytes) {
  // libav's pictures have up to four bytes a pixel; beside them prediction tables and the strips that TIFF inflates.
  return 6ull * (width + 128ull) * (height + 64ull) + file_bytes + 512 * 1024;
}

}  // namespace bagloom::media
