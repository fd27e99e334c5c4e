#include "media/sequence_pictures.h"

#include <algorithm>

#include "media/nal_units.h"
#include "media/sequence_set.h"
#include "media/stream_packet.h"

namespace bagloom::media {

SequencePictures most_of(const SequencePictures& one, const SequencePictures& other) {
  return {std::max(one.kept, other.kept), std::max(one.reordered, other.reordered), std::max(one.pixel_bits, other.pixel_bits),
          one.arithmetic || other.arithmetic, std::max(one.overtaken, other.overtaken)};
}

SequencePictures sequence_pictures(StreamCodec codec, Bytes packet) {
  if (codec == StreamCodec::av1) return {8, 0};
  SequencePictures most;
  NalUnits units(packet);
  while (const auto unit = units.next()) {
    const std::uint8_t header = as_u8(*unit)[0];
    if (codec == StreamCodec::h264) {
      if (is_h264_slice(h264_type(header))) break;
      if (h264_type(header) == kH264SequenceSet) most = most_of(most, read_h264_sequence_set(*unit).pictures);
      if (h264_type(header) == kH264PictureSet) most.arithmetic |= read_h264_picture_set(*unit).arithmetic;
    } else {
      if (is_hevc_slice(hevc_type(header))) break;
      if (hevc_type(header) != kHevcSequenceSet) continue;
      most = most_of(most, read_hevc_sequence_set(*unit).pictures);
      most.arithmetic = true;
    }
  }
  return most;
}

std::uint32_t hevc_order_count(Bytes packet) {
  std::uint32_t count = 0;
  NalUnits units(packet);
  while (const auto unit = units.next()) {
    const int type = hevc_type(as_u8(*unit)[0]);
    if (is_hevc_slice(type)) break;
    if (type != kHevcSequenceSet) continue;
    if (const auto of_set = read_hevc_sequence_set(*unit).order_count; of_set > 0) count = of_set;
  }
  return count;
}

}  // namespace bagloom::media
