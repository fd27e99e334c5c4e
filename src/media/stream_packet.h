// One message of a video topic: which codec, and whether decoding may begin with it. bag-formats.md 7.5.
#pragma once

#include <cstdint>
#include <memory>
#include <string>
#include <string_view>

#include "base/bytes.h"
#include "base/result.h"
#include "media/packet_sets.h"
#include "media/sequence_pictures.h"

namespace bagloom::media {

enum class StreamCodec : std::uint8_t { none, h264, hevc, av1 };
/// "h264", "hevc", "av1".
std::string_view name_of(StreamCodec codec);

/// What the payload is; `format` (a message's format or encoding: "h264", "hevc;yuv420p;bgr8;bgr8", "libx264") decides only what
/// the bytes cannot tell. H.264 and H.265 have start codes (annex B); AV1's low-overhead OBUs have nothing to be known by, so
/// that AV1 has to be named. none: no video.
StreamCodec stream_codec(Bytes payload, std::string_view format);

/// "says h265, is h264"; empty where `format` says nothing of a codec, or the right one.
std::string stream_mismatch(StreamCodec codec, std::string_view format);

/// How many pictures (of H.264 perhaps fields of one) begin in a packet. Of AV1 the temporal units, at least 1.
int pictures_in(StreamCodec codec, Bytes packet);

/// The bytes are NAL units with their lengths in front of them (AVCC, as in mp4), which nothing tells the codec's parameter sets
/// of.
bool is_length_prefixed(Bytes payload);

struct PacketFacts {
  bool picture = false;         ///< coded picture data, not parameter sets alone
  bool nonsense = false;        ///< bytes, but no unit of the codec: something else, or of AV1 one that was cut
  bool keyframe = false;        ///< decoding may begin here: IDR (H.264), IDR, BLA or CRA (H.265), a shown key frame (AV1)
  bool parameter_sets = false;  ///< SPS, or a sequence header; also behind the picture of the packet before
  bool restart = false;  ///< no picture behind it refers to one before it, nor counts on from it: IDR, BLA, a shown key frame
  /// Refers to pictures before the CRA picture that it follows and is shown before (H.265, RASL).
  bool leading = false;
  bool reordered = false;       ///< shown before a picture that came before it (B-frames), or that cannot be told
  bool follows = true;          ///< false: a picture that it may refer to is missing before it, as far as the stream says so
  std::uint32_t counts_to = 0;  ///< numbers after which the stream's own count of pictures begins anew; 0: not known (yet)
  SequencePictures sequence;    ///< of the parameter sets in it
  std::uint32_t width = 0, height = 0;  ///< of the pictures, as far as parameter sets are known; else 0
  PacketSets sets;                      ///< in the packet itself, whose bytes they are
};

/// Looks at the packets of one stream in order, through libavcodec's parser. Not thread-safe.
class PacketParser {
 public:
  static Result<PacketParser> open(StreamCodec codec);
  /// Never fails: a packet that makes no sense has no picture.
  PacketFacts parse(Bytes packet);

  ~PacketParser();
  PacketParser(PacketParser&&) noexcept;
  PacketParser& operator=(PacketParser&&) noexcept;

 private:
  struct State;
  explicit PacketParser(std::unique_ptr<State> state);
  std::unique_ptr<State> state_;
};

}  // namespace bagloom::media
