#include "media/stream_decoder.h"

#include <algorithm>
#include <array>
#include <cstring>
#include <mutex>
#include <optional>
#include <string>

#include "media/av.h"
#include "media/h264_frame_number.h"
#include "media/painted_buffer.h"
#include "media/parameter_sets.h"
#include "media/stream_codec_id.h"
#include "media/whole_slices.h"

namespace bagloom::media {
namespace {

/// What a decoder wrote to libav's log as an error. The H.265 decoder makes up references that are missing, and says so
/// nowhere else.
struct Complaints {
  std::uint64_t count = 0;
};

void listen(void* source, int level, const char* format, va_list arguments) {
  const AVClass* const* type = static_cast<const AVClass* const*>(source);
  if (type != nullptr && level <= AV_LOG_ERROR && *type == avcodec_get_class()) {
    const auto* context = static_cast<const AVCodecContext*>(source);
    // Our own contexts alone have an `opaque`, and are decoders.
    if (context->opaque != nullptr) ++static_cast<Complaints*>(context->opaque)->count;
  }
  av_log_default_callback(source, level, format, arguments);
}

/// Once a process: libav has one log. What it prints, and at which level, stays as it was.
void listen_to_decoders() {
  static std::once_flag once;
  std::call_once(once, [] { av_log_set_callback(listen); });
}

constexpr char kUnclean[] = "the packet does not decode cleanly, or what it refers to is missing";

constexpr char kSeveral[] = "several pictures in one message, where each needs a message of its own, with a time of its own";

bool is_full(const AVFrame& frame) { return frame.color_range == AVCOL_RANGE_JPEG || frame.format == AV_PIX_FMT_YUVJ420P; }

/// Planes that need no arithmetic: what follows takes BT.601 (picture_scaler.cc), and so does everybody of an untagged stream.
bool is_plain(const AVFrame& frame) {
  const bool bt601 = frame.colorspace == AVCOL_SPC_UNSPECIFIED || frame.colorspace == AVCOL_SPC_BT470BG ||
                     frame.colorspace == AVCOL_SPC_SMPTE170M;
  return bt601 && (frame.format == AV_PIX_FMT_YUV420P || frame.format == AV_PIX_FMT_YUVJ420P);
}

int coefficients(AVColorSpace space) {
  switch (space) {
    case AVCOL_SPC_BT709: return SWS_CS_ITU709;
    case AVCOL_SPC_FCC: return SWS_CS_FCC;
    case AVCOL_SPC_SMPTE240M: return SWS_CS_SMPTE240M;
    case AVCOL_SPC_BT2020_NCL:
    case AVCOL_SPC_BT2020_CL: return SWS_CS_BT2020;
    default: return SWS_CS_ITU601;
  }
}

void copy_plane(const AVFrame& from, Picture& to, int plane, std::uint32_t width, std::uint32_t height) {
  for (std::uint32_t y = 0; y < height; ++y)
    std::memcpy(to.plane(plane) + static_cast<std::ptrdiff_t>(y) * to.stride(plane),
                from.data[plane] + static_cast<std::ptrdiff_t>(y) * from.linesize[plane], width);
}

}  // namespace

const AVCodec* stream_decoder_of(StreamCodec codec) {
  switch (codec) {
    case StreamCodec::h264: return avcodec_find_decoder_by_name("h264");
    case StreamCodec::hevc: return avcodec_find_decoder_by_name("hevc");
    case StreamCodec::av1: return avcodec_find_decoder_by_name("libdav1d");
    case StreamCodec::none: break;
  }
  return nullptr;
}

struct StreamDecoder::State {
  StreamCodec codec = StreamCodec::none;
  StreamLimits limits;
  Complaints complaints;  ///< the context points to it
  CodecContextPtr context;
  PacketPtr packet;
  FramePtr frame;
  SwsContextPtr converter;
  std::uint64_t last = 0;                ///< number of the packet that was pushed last
  std::optional<std::uint64_t> damaged;  ///< from this packet on
  bool several = false;                  ///< pictures in the packet that was pushed last
  H264FrameNumbers frame_numbers;
  std::optional<WholeSlices> whole_slices;

  Result<CodecContextPtr> open_decoder() const {
    const AVCodec* decoder = stream_decoder_of(codec);
    if (decoder == nullptr) return Error(ErrorKind::unsupported, "this FFmpeg has no decoder for " + std::string(name_of(codec)));
    CodecContextPtr opened(avcodec_alloc_context3(decoder));
    if (opened == nullptr) return Error(ErrorKind::over_limit, "no memory for a decoder");
    opened->thread_count = 1;
    opened->max_pixels = static_cast<std::int64_t>(limits.pixels);
    // Unaligned: cropping to the sample, whatever the left edge is.
    opened->flags |= AV_CODEC_FLAG_BITEXACT | AV_CODEC_FLAG_UNALIGNED;
    opened->err_recognition = AV_EF_CRCCHECK | AV_EF_BITSTREAM | AV_EF_BUFFER | AV_EF_EXPLODE;
    // Concealment stays on: it marks what it touched, and without it every picture of several slices is marked.
    // The H.264 decoder otherwise guesses how many pictures stand between decoding and display, and drops those that come late.
    if (codec == StreamCodec::h264) opened->strict_std_compliance = FF_COMPLIANCE_STRICT;
    if (int code = avcodec_open2(opened.get(), decoder, nullptr); code < 0)
      return av_error(ErrorKind::unsupported, "opening the decoder for " + std::string(name_of(codec)), code);
    return opened;
  }

  Status open() {
    // The old ones first: there is room for two.
    context.reset();
    whole_slices.reset();
    ASSIGN_OR_RETURN(context, open_decoder());
    packet.reset(av_packet_alloc());
    frame.reset(av_frame_alloc());
    if (packet == nullptr || frame == nullptr) return Error(ErrorKind::over_limit, "no memory for a decoder");
    context->opaque = &complaints;
    if (codec == StreamCodec::hevc) context->get_buffer2 = painted_buffer;
    if (codec != StreamCodec::av1 && limits.sequence.arithmetic) {
      ASSIGN_OR_RETURN(CodecContextPtr second, open_decoder());
      whole_slices.emplace(codec, std::move(second));
    }
    return {};
  }

  Error corrupt(const std::string& what) {
    if (!damaged) damaged = last;
    return Error(ErrorKind::corrupt, std::string(name_of(codec)) + ": " + (several ? kSeveral : what));
  }

  Error refuse(const std::string& what, int code) {
    if (!damaged) damaged = last;
    if (several) return corrupt(what);
    return av_error(ErrorKind::corrupt, std::string(name_of(codec)) + ": " + what, code);
  }

  Status copy_out(Picture& out) {
    const auto width = static_cast<std::uint32_t>(frame->width), height = static_cast<std::uint32_t>(frame->height);
    if (!is_plain(*frame)) return convert(out);
    RETURN_IF_ERROR(out.reshape(is_full(*frame) ? PixelFormat::yuv420p_full : PixelFormat::yuv420p, width, height));
    copy_plane(*frame, out, 0, width, height);
    copy_plane(*frame, out, 1, (width + 1) / 2, (height + 1) / 2);
    copy_plane(*frame, out, 2, (width + 1) / 2, (height + 1) / 2);
    return {};
  }

  // Rare: other matrices, other sampling, more bits.
  Status convert(Picture& out) {
    RETURN_IF_ERROR(
        out.reshape(PixelFormat::yuv420p, static_cast<std::uint32_t>(frame->width), static_cast<std::uint32_t>(frame->height)));
    const auto format = static_cast<AVPixelFormat>(frame->format);
    converter.reset(sws_getCachedContext(converter.release(), frame->width, frame->height, format, frame->width, frame->height,
                                         AV_PIX_FMT_YUV420P, SWS_AREA | SWS_BITEXACT | SWS_ACCURATE_RND | SWS_FULL_CHR_H_INP,
                                         nullptr, nullptr, nullptr));
    if (converter == nullptr) return Error(ErrorKind::unsupported, "pictures of layout " + layout_name());
    const int set = sws_setColorspaceDetails(converter.get(), sws_getCoefficients(coefficients(frame->colorspace)),
                                             is_full(*frame), sws_getCoefficients(SWS_CS_ITU601), 0, 0, 1 << 16, 1 << 16);
    if (set < 0) return Error(ErrorKind::unsupported, "colours of layout " + layout_name());
    const int rows =
        sws_scale(converter.get(), frame->data, frame->linesize, 0, frame->height, out.frame()->data, out.frame()->linesize);
    if (rows != frame->height) return Error(ErrorKind::internal, "swscale gave " + std::to_string(rows) + " rows");
    return {};
  }

  std::string layout_name() const {
    const char* name = av_get_pix_fmt_name(static_cast<AVPixelFormat>(frame->format));
    return name == nullptr ? "unknown" : name;
  }
};

StreamDecoder::StreamDecoder(std::unique_ptr<State> state) : state_(std::move(state)) {}
StreamDecoder::~StreamDecoder() = default;
StreamDecoder::StreamDecoder(StreamDecoder&&) noexcept = default;
StreamDecoder& StreamDecoder::operator=(StreamDecoder&&) noexcept = default;

Result<StreamDecoder> StreamDecoder::open(StreamCodec codec, const StreamLimits& limits) {
  listen_to_decoders();
  auto state = std::make_unique<State>();
  state->codec = codec;
  state->limits = limits;
  RETURN_IF_ERROR(state->open());
  return StreamDecoder(std::move(state));
}

Status StreamDecoder::push(Bytes bytes, std::uint64_t number, Bytes sets) {
  State& state = *state_;
  state.last = number;
  if (state.damaged) return state.corrupt("a packet before it is damaged or missing");
  // libav counts bytes in an int, and with ones behind its slices (whole_slices.h) a packet of nothing else is three times as
  // large.
  constexpr std::size_t kMost = 1u << 28;
  state.several = false;
  if (bytes.empty() || bytes.size() > kMost) return state.corrupt("a packet of " + std::to_string(bytes.size()) + " bytes");
  if (state.codec == StreamCodec::h264 && !(state.frame_numbers.follows(sets) && state.frame_numbers.follows(bytes)))
    return state.corrupt("a packet between this one and the one before it is missing");
  const SequencePictures needs = most_of(sequence_pictures(state.codec, sets), sequence_pictures(state.codec, bytes));
  if (needs.kept > state.limits.sequence.kept || needs.reordered > state.limits.sequence.reordered)
    return state
        .corrupt("its decoder keeps " + std::to_string(needs.kept) + " pictures, and the first keyframe's " +
                 std::to_string(state.limits.sequence.kept) + ", which memory was laid out for")
        .fix(state.limits.remedy);
  if (needs.arithmetic && !state.limits.sequence.arithmetic)
    return state.corrupt("its slices are arithmetic codes, and the first keyframe's are not, which memory was laid out for")
        .fix(state.limits.remedy);
  state.several = pictures_in(state.codec, bytes) > 1;
  // The others' decoders refuse it; this one would show both.
  if (state.several && state.codec == StreamCodec::av1) return state.corrupt(kSeveral);
  av_packet_unref(state.packet.get());
  if (int code = av_new_packet(state.packet.get(), static_cast<int>(bytes.size() + sets.size())); code < 0)
    return av_error(ErrorKind::over_limit, "no memory for a packet", code);
  const std::size_t place = sets.empty() ? 0 : place_of_sets(state.codec, bytes);
  auto* const data = reinterpret_cast<std::byte*>(state.packet->data);
  std::copy(bytes.begin() + static_cast<std::ptrdiff_t>(place), bytes.end(),
            std::copy(sets.begin(), sets.end(), std::copy_n(bytes.begin(), place, data)));
  state.packet->pts = state.packet->dts = static_cast<std::int64_t>(number);
  const std::uint64_t before = state.complaints.count;
  const int code = avcodec_send_packet(state.context.get(), state.packet.get());
  av_packet_unref(state.packet.get());
  if (state.whole_slices) {
    const std::array parts = {bytes.first(place), sets, bytes.subspan(place)};
    RETURN_IF_ERROR(state.whole_slices->push(parts, static_cast<std::int64_t>(number)));
  }
  if (code < 0) return state.refuse("the packet does not decode", code);
  if (state.complaints.count != before) return state.corrupt(kUnclean);
  return {};
}

Status StreamDecoder::finish() {
  if (int code = avcodec_send_packet(state_->context.get(), nullptr); code < 0 && code != AVERROR_EOF)
    return state_->refuse("the stream's end", code);
  if (state_->whole_slices) state_->whole_slices->finish();
  return {};
}

Result<std::optional<std::uint64_t>> StreamDecoder::next(Picture& out) {
  State& state = *state_;
  while (true) {
    const std::uint64_t before = state.complaints.count;
    const int code = avcodec_receive_frame(state.context.get(), state.frame.get());
    if (state.complaints.count != before && !state.damaged) return state.corrupt(kUnclean);
    if (code == AVERROR(EAGAIN) || code == AVERROR_EOF) return std::optional<std::uint64_t>();
    if (code < 0) {
      // libav goes on after an error; it is said once.
      if (state.damaged) continue;
      return state.refuse("the packet does not decode", code);
    }
    const auto number = static_cast<std::uint64_t>(state.frame->pts);
    if (state.damaged && number >= *state.damaged) continue;
    if ((state.frame->flags & AV_FRAME_FLAG_CORRUPT) != 0 || state.frame->decode_error_flags != 0) {
      state.damaged = number;
      return state.corrupt("the picture is damaged");
    }
    if (state.codec == StreamCodec::hevc && has_unwritten_block(*state.frame)) {
      state.damaged = number;
      return state.corrupt("a part of the picture is missing");
    }
    if (state.whole_slices && !state.whole_slices->confirms(*state.frame)) {
      state.damaged = number;
      return state.corrupt("the message is cut: a part of the picture's data is missing");
    }
    RETURN_IF_ERROR(state.copy_out(out));
    av_frame_unref(state.frame.get());
    return std::optional(number);
  }
}

std::optional<std::uint64_t> StreamDecoder::damaged() const { return state_->damaged; }

Status StreamDecoder::restart() {
  State& state = *state_;
  state.damaged.reset();
  state.frame_numbers = {};
  // A new decoder: what comes next must not depend on what a flushed one remembers, such as parameter sets.
  return state.open();
}

// Measured, anonymous MiB above the opened program, 60 pictures (libavcodec 59.37, libdav1d 1.0, Debian 12), and what the formula
// gives; `kept` as in SequencePictures, no B-frames but in the line of 16 and 7 (8 of them, none held).
//
//   kept            320x240        1280x720        1920x1080
//   h264   1       1.9   2.0      6.9   7.7       13.7  15.1
//          4       2.5   2.7     12.5  13.5       26.0  27.8
//         16       4.7   5.2     34.6  37.0       75.1  78.4
//   hevc   3       1.8   2.4     10.6  11.6       22.4  23.6
//          5       2.2   2.9     14.5  15.8       31.1  32.7
//          7       2.6   3.3     18.5  20.0       39.9  41.8
//   av1 (libaom)   2.2   3.1     14.7  17.8       30.6  37.0
//   (SVT-AV1)      2.4           15.5             33.8
//
// Those of H.264 with CAVLC and of one H.265 decoder; with the second one:
//
//   h264   1       3.7   3.8     12.2  14.4       23.9  27.6
//          4       4.8   5.2     23.3  26.6       48.6  53.4
//         16       9.4  10.7     67.7  75.3      147.0 156.5
//   hevc   3       3.5   4.8     20.2  22.5       42.5  44.8
//          5       4.3   5.7     28.1  31.3       60.1  63.3
//          7       5.1   6.7     36.0  40.0       77.7  81.8
std::uint64_t stream_decoder_bytes(StreamCodec codec, std::uint32_t width, std::uint32_t height,
                                   const SequencePictures& sequence) {
  constexpr std::uint64_t kMiB = 1ull << 20;
  constexpr std::uint32_t kUsualPixelBits = 12;  // 4:2:0 of 8 bits
  if (codec == StreamCodec::none) return 0;
  // Macroblock rows beyond the picture's edge, and the borders that motion vectors may point into.
  const std::uint64_t ours = picture_bytes(PixelFormat::yuv420p, width + 64, height + 64);
  const std::uint64_t picture = ours * std::max(kUsualPixelBits, sequence.pixel_bits) / kUsualPixelBits;
  // Any of AV1's eight may be another picture. With the others' go their motion vectors, a third of a picture.
  if (codec == StreamCodec::av1) return 5 * kMiB / 4 + 10 * picture + ours;
  const std::uint64_t held = (std::max<std::uint64_t>(std::min(kFewHeld, sequence.reordered), sequence.overtaken) + 1) * ours;
  const std::uint64_t pictures =
      codec == StreamCodec::hevc ? (140 * sequence.kept + 170) * picture / 100 : (130 * sequence.kept + 200) * picture / 100;
  return (5 * kMiB / 4 + pictures) * (sequence.arithmetic ? 2 : 1) + held;
}

}  // namespace bagloom::media
