#include "media/stream_parameters.h"

#include <cstring>
#include <string>

#include "media/av.h"
#include "media/stream_codec_id.h"

namespace bagloom::media {
namespace {

struct FilterDeleter {
  void operator()(AVBSFContext* filter) const { av_bsf_free(&filter); }
};

Error no_sets(StreamCodec codec) {
  return Error(ErrorKind::corrupt, "a keyframe of " + std::string(name_of(codec)) + " without its parameter sets");
}

Result<PacketPtr> packet_of(Bytes bytes) {
  PacketPtr packet(av_packet_alloc());
  if (packet == nullptr || av_new_packet(packet.get(), static_cast<int>(bytes.size())) < 0)
    return Error(ErrorKind::over_limit, "no memory for a packet");
  std::memcpy(packet->data, bytes.data(), bytes.size());
  return packet;
}

Result<std::vector<std::byte>> parameter_sets(StreamCodec codec, AVPacket& packet) {
  const AVBitStreamFilter* kind = av_bsf_get_by_name("extract_extradata");
  if (kind == nullptr) return Error(ErrorKind::unsupported, "this FFmpeg has no filter extract_extradata");
  AVBSFContext* raw = nullptr;
  if (av_bsf_alloc(kind, &raw) < 0) return Error(ErrorKind::over_limit, "no memory for a filter");
  const std::unique_ptr<AVBSFContext, FilterDeleter> filter(raw);
  filter->par_in->codec_type = AVMEDIA_TYPE_VIDEO;
  filter->par_in->codec_id = codec_id(codec);
  if (int code = av_bsf_init(filter.get()); code < 0) return av_error(ErrorKind::unsupported, "extract_extradata", code);
  const PacketPtr filtered(av_packet_alloc());
  if (filtered == nullptr) return Error(ErrorKind::over_limit, "no memory for a packet");
  if (av_packet_ref(filtered.get(), &packet) < 0 || av_bsf_send_packet(filter.get(), filtered.get()) < 0 ||
      av_bsf_receive_packet(filter.get(), filtered.get()) < 0)
    return no_sets(codec);
  for (int i = 0; i < filtered->side_data_elems; ++i) {
    const AVPacketSideData& data = filtered->side_data[i];
    if (data.type != AV_PKT_DATA_NEW_EXTRADATA || data.size == 0) continue;
    const auto* bytes = reinterpret_cast<const std::byte*>(data.data);
    return std::vector<std::byte>(bytes, bytes + data.size);
  }
  return no_sets(codec);
}

}  // namespace

Result<StreamParameters> stream_parameters(StreamCodec codec, Bytes keyframe, std::uint32_t fps, std::uint64_t max_pixels) {
  constexpr std::size_t kMost = 1u << 30;
  if (keyframe.empty() || keyframe.size() > kMost) return no_sets(codec);
  ASSIGN_OR_RETURN(const PacketPtr packet, packet_of(keyframe));
  StreamParameters stream;
  stream.codec = std::string(name_of(codec));
  stream.fps = fps;
  ASSIGN_OR_RETURN(stream.extradata, parameter_sets(codec, *packet));
  const AVCodec* decoder = stream_decoder_of(codec);
  if (decoder == nullptr) return Error(ErrorKind::unsupported, "this FFmpeg has no decoder for " + stream.codec);
  const CodecContextPtr context(avcodec_alloc_context3(decoder));
  const FramePtr frame(av_frame_alloc());
  if (context == nullptr || frame == nullptr) return Error(ErrorKind::over_limit, "no memory for a decoder");
  context->thread_count = 1;
  context->max_pixels = static_cast<std::int64_t>(max_pixels);
  if (int code = avcodec_open2(context.get(), decoder, nullptr); code < 0)
    return av_error(ErrorKind::unsupported, "opening the decoder for " + stream.codec, code);
  int code = avcodec_send_packet(context.get(), packet.get());
  if (code >= 0) code = avcodec_send_packet(context.get(), nullptr);
  if (code >= 0) code = avcodec_receive_frame(context.get(), frame.get());
  if (code < 0) return av_error(ErrorKind::corrupt, "a keyframe of " + stream.codec + " does not decode", code);
  stream.width = static_cast<std::uint32_t>(frame->width);
  stream.height = static_cast<std::uint32_t>(frame->height);
  const char* layout = av_get_pix_fmt_name(static_cast<AVPixelFormat>(frame->format));
  stream.pix_fmt = layout == nullptr ? "unknown" : layout;
  return stream;
}

}  // namespace bagloom::media
