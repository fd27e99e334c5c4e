// Inside media/: whether a picture depends on bytes that were cut off its slices.
//
// An arithmetic code (CABAC; ITU-T H.264 9.3, H.265 9.3) can be read on behind its end, and libav's decoders do that: they take
// what is missing for zeros, make a picture of it, and say nothing. A slice that is whole tells where it ends, whatever follows
// it. So a second decoder gets each slice with ones behind it. Zeros and ones are the two ends of all that could stand there, and
// what decodes to the same with both needs none of it.
#pragma once

#include <bitset>
#include <span>

#include "base/bytes.h"
#include "base/result.h"
#include "media/av.h"
#include "media/stream_packet.h"

namespace bagloom::media {

/// The second decoder. It goes beside the first: the same packets, and of each picture the first one's.
class WholeSlices {
 public:
  /// `decoder`: as the first one was opened.
  WholeSlices(StreamCodec codec, CodecContextPtr decoder) : codec_(codec), decoder_(std::move(decoder)) {}

  /// What the first decoder got, as whole units, one part after the other. Error: over_limit. What does not decode is found by
  /// `confirms`.
  Status push(std::span<const Bytes> parts, std::int64_t pts);
  void finish();
  /// The picture of this pts came out alike. Asked for each picture of the first decoder, in its order.
  bool confirms(const AVFrame& picture);

 private:
  std::size_t copy(Bytes units, std::uint8_t* to);
  bool is_arithmetic_slice(Bytes unit);

  StreamCodec codec_;
  CodecContextPtr decoder_;
  PacketPtr packet_{av_packet_alloc()};
  FramePtr frame_{av_frame_alloc()};
  std::bitset<256> arithmetic_sets_;  ///< of H.264's picture parameter sets, by id
};

}  // namespace bagloom::media
