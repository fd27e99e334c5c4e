#include "media/stream_packet.h"

#include <algorithm>
#include <limits>
#include <optional>
#include <string>
#include <vector>

#include "media/av.h"
#include "media/av1_order_hint.h"
#include "media/h264_frame_number.h"
#include "media/nal_units.h"
#include "media/obu_units.h"
#include "media/picture_order.h"
#include "media/stream_codec_id.h"

namespace bagloom::media {
namespace {

/// At the beginning, behind any zeros (H.264 and H.265, B.1.1: leading_zero_8bits).
bool has_start_code(Bytes payload) {
  const std::uint8_t* data = as_u8(payload);
  const std::uint8_t* const end = data + payload.size();
  const std::uint8_t* const first = std::find_if(data, end, [](std::uint8_t byte) { return byte != 0; });
  return first - data >= 2 && end - first >= 3 && *first == 1;
}

bool may_be_h264(Bytes unit) {
  const std::uint8_t header = as_u8(unit)[0];
  const int type = h264_type(header), importance = header >> 5 & 3;
  if (header >> 7 != 0) return false;
  if (type == 5 || type == 7 || type == 8) return importance != 0;
  if (type == 6 || (type >= 9 && type <= 12)) return importance == 0;
  return type == 1;
}

bool may_be_hevc(Bytes unit) {
  if (unit.size() < 2) return false;
  const std::uint8_t header = as_u8(unit)[0], second = as_u8(unit)[1];
  const int type = hevc_type(header);
  // Layer 0, a temporal id; no reserved types.
  return header >> 7 == 0 && (header & 1) == 0 && second >> 3 == 0 && (second & 7) != 0 &&
         (type <= 9 || (type >= 16 && type <= 21) || (type >= 32 && type <= 40));
}

/// The part of a message's format or encoding that names the codec.
std::string lower_codec(std::string_view format) {
  std::string lower(format.substr(0, std::min<std::size_t>(format.find(';'), 40)));
  std::transform(lower.begin(), lower.end(), lower.begin(), [](unsigned char c) { return std::tolower(c); });
  return lower;
}

PacketFacts annex_b_facts(StreamCodec codec, Bytes packet) {
  PacketFacts facts;
  facts.nonsense = !packet.empty();
  NalUnits units(packet);
  while (const auto unit = units.next()) {
    facts.nonsense = false;
    const std::uint8_t header = as_u8(*unit)[0];
    if (codec == StreamCodec::h264) {
      const int type = h264_type(header);
      if (type == kH264SequenceSet) facts.parameter_sets = true;
      if (!is_h264_slice(type)) continue;
      facts.picture = true;
      facts.keyframe = facts.restart = type == 5;
    } else {
      const int type = hevc_type(header);
      if (type == kHevcSequenceSet) facts.parameter_sets = true;
      if (!is_hevc_slice(type)) continue;
      facts.picture = true;
      facts.keyframe = type >= 16 && type <= 21;
      facts.restart = facts.keyframe && type != 21;
      facts.leading = type == 8 || type == 9;
    }
    break;  // parameter sets stand before the first slice
  }
  return facts;
}

PacketFacts obu_facts(Bytes packet) {
  PacketFacts facts;
  ObuUnits units(packet);
  while (const auto unit = units.next()) {
    if (unit->type == kObuSequenceHeader && !facts.picture) facts.parameter_sets = true;
    if (unit->type == kObuFrameHeader || unit->type == kObuFrame) facts.picture = true;
  }
  if (units.good()) return facts;
  facts = {};
  facts.nonsense = true;
  return facts;
}

}  // namespace

std::string_view name_of(StreamCodec codec) {
  switch (codec) {
    case StreamCodec::none: return "none";
    case StreamCodec::h264: return "h264";
    case StreamCodec::hevc: return "hevc";
    case StreamCodec::av1: return "av1";
  }
  return "none";
}

std::string stream_mismatch(StreamCodec codec, std::string_view format) {
  const std::string named = lower_codec(format);
  const auto says = [&](std::string_view word) { return named.find(word) != std::string::npos; };
  const std::string_view is = codec == StreamCodec::hevc ? "h265" : name_of(codec);
  std::string_view said;
  if (says("264")) said = "h264";
  if (says("265") || says("hevc")) said = "h265";
  if (says("av1")) said = "av1";
  for (const std::string_view still : {"jpeg", "png", "webp"})
    if (says(still)) said = still;
  return said.empty() || is == said ? "" : "says " + std::string(said) + ", is " + std::string(is);
}

int pictures_in(StreamCodec codec, Bytes packet) {
  int pictures = 0;
  if (codec == StreamCodec::av1) {
    ObuUnits units(packet);
    while (const auto unit = units.next()) pictures += unit->type == kObuTemporalDelimiter ? 1 : 0;
    return std::max(1, pictures);
  }
  NalUnits units(packet);
  while (const auto unit = units.next()) {
    const std::uint8_t* data = as_u8(*unit);
    // The first bit behind the unit's header: first_mb_in_slice is 0, first_slice_segment_in_pic_flag.
    if (codec == StreamCodec::h264) {
      const int type = h264_type(data[0]);
      if ((type == 1 || type == 2 || type == 5) && unit->size() > 1 && data[1] >> 7 != 0) ++pictures;
    } else if (is_hevc_slice(hevc_type(data[0])) && unit->size() > 2 && data[2] >> 7 != 0) {
      ++pictures;
    }
  }
  return pictures;
}

bool is_length_prefixed(Bytes payload) {
  const std::uint8_t* data = as_u8(payload);
  std::size_t at = 0;
  while (payload.size() - at >= 5) {
    const std::size_t length =
        std::size_t{data[at]} << 24 | std::size_t{data[at + 1]} << 16 | std::size_t{data[at + 2]} << 8 | data[at + 3];
    if (length == 0 || length > payload.size() - at - 4) return false;
    at += 4 + length;
  }
  return at == payload.size() && at > 0;
}

AVCodecID codec_id(StreamCodec codec) {
  switch (codec) {
    case StreamCodec::none: return AV_CODEC_ID_NONE;
    case StreamCodec::h264: return AV_CODEC_ID_H264;
    case StreamCodec::hevc: return AV_CODEC_ID_HEVC;
    case StreamCodec::av1: return AV_CODEC_ID_AV1;
  }
  return AV_CODEC_ID_NONE;
}

StreamCodec stream_codec(Bytes payload, std::string_view format) {
  const std::string lower = lower_codec(format);
  const auto says = [&](std::string_view word) { return lower.find(word) != std::string::npos; };
  if (has_start_code(payload)) {
    const auto first = NalUnits(payload).next();
    if (!first) return StreamCodec::none;
    const bool h264 = may_be_h264(*first), hevc = may_be_hevc(*first);
    if (h264 && hevc) return says("hevc") || says("265") ? StreamCodec::hevc : StreamCodec::h264;
    return h264 ? StreamCodec::h264 : hevc ? StreamCodec::hevc : StreamCodec::none;
  }
  const PacketFacts facts = says("av1") || says("av01") ? obu_facts(payload) : PacketFacts();
  return facts.picture || facts.parameter_sets ? StreamCodec::av1 : StreamCodec::none;
}

// What libavcodec's parsers never give.
constexpr int kNoOrder = std::numeric_limits<int>::min();

struct ParserDeleter {
  void operator()(AVCodecParserContext* parser) const { av_parser_close(parser); }
};

struct PacketParser::State {
  StreamCodec codec = StreamCodec::none;
  CodecContextPtr context;
  std::unique_ptr<AVCodecParserContext, ParserDeleter> parser;
  std::vector<std::byte> padded;
  std::vector<std::byte> behind;  ///< parameter sets behind the last packet's picture: libavcodec's parsers pass over them
  H264FrameNumbers frame_numbers;
  Av1OrderHints order_hints;
  std::uint32_t hevc_count = 0;
  PictureOrder picture_order;

  void add_order(PacketFacts& facts) {
    // AV1's temporal units stand in the order of display.
    if (codec == StreamCodec::av1 || !facts.picture) return;
    const int order = parser->output_picture_number;
    if (order == kNoOrder) {
      facts.reordered = true;
      return;
    }
    const PictureOrder::Place place = picture_order.add(order, facts.restart);
    facts.reordered = place.reordered;
    facts.sequence.overtaken = place.overtaken;
    // A CRA picture behind the end of a sequence begins the order anew too.
    if (codec == StreamCodec::hevc && place.repeated && !facts.keyframe) facts.follows = false;
  }
};

PacketParser::PacketParser(std::unique_ptr<State> state) : state_(std::move(state)) {}
PacketParser::~PacketParser() = default;
PacketParser::PacketParser(PacketParser&&) noexcept = default;
PacketParser& PacketParser::operator=(PacketParser&&) noexcept = default;

Result<PacketParser> PacketParser::open(StreamCodec codec) {
  auto state = std::make_unique<State>();
  state->codec = codec;
  state->context.reset(avcodec_alloc_context3(nullptr));
  state->parser.reset(av_parser_init(codec_id(codec)));
  if (state->context == nullptr) return Error(ErrorKind::over_limit, "no memory for a parser");
  if (state->parser == nullptr)
    return Error(ErrorKind::unsupported, "this FFmpeg has no parser for " + std::string(name_of(codec)));
  state->context->codec_id = codec_id(codec);
  state->parser->flags |= PARSER_FLAG_COMPLETE_FRAMES;
  return PacketParser(std::move(state));
}

PacketFacts PacketParser::parse(Bytes packet) {
  State& state = *state_;
  state.padded.assign(state.behind.begin(), state.behind.end());
  state.padded.insert(state.padded.end(), packet.begin(), packet.end());
  PacketSets sets = sets_in(state.codec, packet);
  state.behind = joined(state.codec, sets.behind_picture);
  const std::size_t size = state.padded.size();
  state.padded.resize(size + AV_INPUT_BUFFER_PADDING_SIZE, std::byte{0});
  const Bytes whole(state.padded.data(), size);
  PacketFacts facts = state.codec == StreamCodec::av1 ? obu_facts(whole) : annex_b_facts(state.codec, whole);
  // libavcodec's parser says what only the header's bits tell: the size, the order of display, and for AV1 what kind of frame it
  // is.
  state.parser->key_frame = 0;
  state.parser->width = state.parser->height = 0;
  state.parser->output_picture_number = kNoOrder;
  std::uint8_t* out = nullptr;
  int out_size = 0;
  av_parser_parse2(state.parser.get(), state.context.get(), &out, &out_size, as_u8(whole), static_cast<int>(size), AV_NOPTS_VALUE,
                   AV_NOPTS_VALUE, 0);
  facts.width = static_cast<std::uint32_t>(std::max(0, state.parser->width));
  facts.height = static_cast<std::uint32_t>(std::max(0, state.parser->height));
  if (state.codec == StreamCodec::av1) facts.keyframe = facts.restart = facts.picture && state.parser->key_frame == 1;
  facts.sequence = sequence_pictures(state.codec, whole);
  state.add_order(facts);
  if (state.codec == StreamCodec::h264) facts.follows = state.frame_numbers.follows(whole);
  if (state.codec == StreamCodec::av1) facts.follows = state.order_hints.follows(whole);
  if (state.codec == StreamCodec::hevc && facts.parameter_sets) state.hevc_count = hevc_order_count(whole);
  facts.counts_to = state.codec == StreamCodec::h264   ? state.frame_numbers.counts_to()
                    : state.codec == StreamCodec::hevc ? state.hevc_count
                                                       : state.order_hints.counts_to();
  facts.sets = std::move(sets);
  const AVPixFmtDescriptor* const layout = av_pix_fmt_desc_get(static_cast<AVPixelFormat>(state.parser->format));
  if (layout != nullptr) facts.sequence.pixel_bits = static_cast<std::uint32_t>(av_get_padded_bits_per_pixel(layout));
  return facts;
}

}  // namespace bagloom::media
