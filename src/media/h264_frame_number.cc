#include "media/h264_frame_number.h"

#include "media/nal_bits.h"
#include "media/nal_units.h"

namespace bagloom::media {
void H264FrameNumbers::read_sequence_set(Bytes unit) {
  NalBits bits(unit);
  const std::uint32_t profile = bits.take(8);
  bits.take(16);
  const std::uint32_t id = bits.number();
  SequenceSet set;
  set.separate_planes = skip_chroma(bits, profile);
  const std::uint32_t more = bits.number();
  set.frame_number_bits = static_cast<int>(more) + 4;
  if (!skip_picture_order(bits)) return;
  bits.number();                   // reference frames
  bits.take(1);                    // gaps in frame_num
  bits.number();                   // width
  bits.number();                   // height
  set.fields = bits.take(1) == 0;  // frame_mbs_only_flag
  if (bits.good() && id < sequence_sets_.size() && more <= 12) sequence_sets_[id] = set;
}

void H264FrameNumbers::read_picture_set(Bytes unit) {
  NalBits bits(unit);
  const std::uint32_t id = bits.number(), sequence = bits.number();
  if (!any_picture_set_) sequence_of_.fill(255);
  any_picture_set_ = true;
  if (bits.good() && id < sequence_of_.size() && sequence < sequence_sets_.size())
    sequence_of_[id] = static_cast<std::uint8_t>(sequence);
}

bool H264FrameNumbers::follows(Bytes packet) {
  NalUnits units(packet);
  while (const auto unit = units.next()) {
    const std::uint8_t header = as_u8(*unit)[0];
    const int type = h264_type(header);
    if (type == 7) read_sequence_set(*unit);
    if (type == 8) read_picture_set(*unit);
    if (type != 1 && type != 2 && type != 5) continue;
    NalBits bits(*unit);
    const bool begins = bits.number() == 0;  // first_mb_in_slice
    bits.number();                           // slice_type
    const std::uint32_t id = bits.number();
    if (!bits.good() || !any_picture_set_ || id >= sequence_of_.size() || sequence_of_[id] == 255) return true;
    const SequenceSet& set = sequence_sets_[sequence_of_[id]];
    if (set.frame_number_bits == 0) return true;
    if (set.separate_planes) bits.take(2);
    const std::uint32_t number = bits.take(set.frame_number_bits), count = 1u << set.frame_number_bits;
    if (!bits.good()) return true;
    counts_to_ = count;
    // The number of the reference picture before it: a second field, or more of the same picture.
    const bool again = number == reference_ && (set.fields || !begins);
    const bool follows = type == 5 || !reference_ || again || number == (*reference_ + 1) % count;
    if ((header >> 5 & 3) != 0) reference_ = number;
    return follows;
  }
  return true;
}

}  // namespace bagloom::media
