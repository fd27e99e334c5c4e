#include "media/h264_frame_number.h"

#include "media/nal_bits.h"
#include "media/nal_units.h"

namespace bagloom::media {

void H264FrameNumbers::read_picture_set(Bytes unit) {
  const H264PictureSet set = read_h264_picture_set(unit);
  if (!any_picture_set_) sequence_of_.fill(255);
  any_picture_set_ = true;
  if (set.id && *set.id < sequence_of_.size() && set.sequence_set < sequence_sets_.size())
    sequence_of_[*set.id] = static_cast<std::uint8_t>(set.sequence_set);
}

bool H264FrameNumbers::follows(Bytes packet) {
  NalUnits units(packet);
  while (const auto unit = units.next()) {
    const std::uint8_t header = as_u8(*unit)[0];
    const int type = h264_type(header);
    if (type == kH264SequenceSet) {
      const H264SequenceSet set = read_h264_sequence_set(*unit);
      if (set.frame_number_bits > 0 && set.id && *set.id < sequence_sets_.size()) sequence_sets_[*set.id] = set;
    }
    if (type == kH264PictureSet) read_picture_set(*unit);
    if (type != 1 && type != 2 && type != 5) continue;
    NalBits bits(*unit);
    const bool begins = bits.number() == 0;  // first_mb_in_slice
    bits.number();                           // slice_type
    const std::uint32_t id = bits.number();
    if (!bits.good() || !any_picture_set_ || id >= sequence_of_.size() || sequence_of_[id] == 255) return true;
    const H264SequenceSet& set = sequence_sets_[sequence_of_[id]];
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
