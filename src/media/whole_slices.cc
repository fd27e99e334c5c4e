#include "media/whole_slices.h"

#include <algorithm>
#include <cstring>

#include "media/nal_bits.h"
#include "media/nal_units.h"
#include "media/sequence_set.h"

namespace bagloom::media {
namespace {

// One bit of a slice is what both decoders have to read otherwise; a code is read on by 9 bits (H.264 9.3.1.2).
constexpr std::size_t kOnes = 8;

bool are_alike(const AVFrame& one, const AVFrame& other) {
  if (one.format != other.format || one.width != other.width || one.height != other.height) return false;
  const auto format = static_cast<AVPixelFormat>(one.format);
  const AVPixFmtDescriptor* const layout = av_pix_fmt_desc_get(format);
  if (layout == nullptr) return false;
  for (int plane = 0; plane < av_pix_fmt_count_planes(format); ++plane) {
    const int row_bytes = av_image_get_linesize(format, one.width, plane);
    const int rows = plane == 0 ? one.height : AV_CEIL_RSHIFT(one.height, layout->log2_chroma_h);
    if (row_bytes <= 0) return false;
    for (int y = 0; y < rows; ++y)
      if (std::memcmp(one.data[plane] + std::ptrdiff_t{y} * one.linesize[plane],
                      other.data[plane] + std::ptrdiff_t{y} * other.linesize[plane], static_cast<std::size_t>(row_bytes)) != 0)
        return false;
  }
  return true;
}

}  // namespace

/// Also takes note of a picture parameter set.
bool WholeSlices::is_arithmetic_slice(Bytes unit) {
  const std::uint8_t header = as_u8(unit)[0];
  if (codec_ == StreamCodec::hevc) return is_hevc_slice(hevc_type(header));
  const int type = h264_type(header);
  if (type == kH264PictureSet) {
    const H264PictureSet set = read_h264_picture_set(unit);
    if (set.id && *set.id < arithmetic_sets_.size()) arithmetic_sets_[*set.id] = set.arithmetic;
  }
  if (!is_h264_slice(type)) return false;
  // H.264 7.3.3: first_mb_in_slice, slice_type, pic_parameter_set_id.
  NalBits bits(unit);
  bits.number();
  bits.number();
  const std::uint32_t set = bits.number();
  return bits.good() && set < arithmetic_sets_.size() && arithmetic_sets_[set];
}

/// The units with ones behind the slices. Gives how many bytes that takes; writes them where `to` is not null.
std::size_t WholeSlices::copy(Bytes packet, std::uint8_t* to) {
  std::size_t done = 0, size = 0;
  const auto copy_up_to = [&](std::size_t end) {
    if (to != nullptr && end > done) std::memcpy(to + size, packet.data() + done, end - done);
    size += end - done;
    done = end;
  };
  NalUnits units(packet);
  while (const auto unit = units.next()) {
    if (!is_arithmetic_slice(*unit)) continue;
    // Zeros between this unit's data and the next start code are none of its own (annex B, trailing_zero_8bits).
    auto end = static_cast<std::size_t>(unit->data() - packet.data()) + units.to_next();
    while (packet[end - 1] == std::byte{0}) --end;
    copy_up_to(end);
    if (to != nullptr) std::memset(to + size, 0xff, kOnes);
    size += kOnes;
  }
  copy_up_to(packet.size());
  return size;
}

Status WholeSlices::push(std::span<const Bytes> parts, std::int64_t pts) {
  if (packet_ == nullptr || frame_ == nullptr) return Error(ErrorKind::over_limit, "no memory for a decoder");
  std::size_t size = 0;
  for (const Bytes part : parts) size += copy(part, nullptr);
  if (int code = av_new_packet(packet_.get(), static_cast<int>(size)); code < 0)
    return av_error(ErrorKind::over_limit, "no memory for a packet", code);
  std::uint8_t* to = packet_->data;
  for (const Bytes part : parts) to += copy(part, to);
  packet_->pts = packet_->dts = pts;
  avcodec_send_packet(decoder_.get(), packet_.get());
  av_packet_unref(packet_.get());
  return {};
}

void WholeSlices::finish() { avcodec_send_packet(decoder_.get(), nullptr); }

bool WholeSlices::confirms(const AVFrame& picture) {
  while (true) {
    const int code = avcodec_receive_frame(decoder_.get(), frame_.get());
    if (code == AVERROR(EAGAIN) || code == AVERROR_EOF) return false;
    // What was said of one packet may stand before another's picture.
    if (code < 0) continue;
    if (frame_->pts != picture.pts) continue;
    const bool alike = are_alike(picture, *frame_);
    av_frame_unref(frame_.get());
    return alike;
  }
}

}  // namespace bagloom::media
