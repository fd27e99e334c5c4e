#include "media/h264_frame_number.h"

#include <initializer_list>

#include "media/nal_units.h"

namespace bagloom::media {
namespace {

/// Reads a NAL unit's bits behind its header byte. Bytes that only keep start codes apart (00 00 03) are left out. Beyond the end
/// it gives zeros and is not `good`.
class Bits {
 public:
  explicit Bits(Bytes unit) : data_(as_u8(unit)), size_(unit.size()) {}

  bool good() const { return good_; }

  std::uint32_t take(int count) {
    std::uint32_t value = 0;
    for (int i = 0; i < count; ++i) value = value << 1 | bit();
    return value;
  }
  /// ue(v), H.264 9.1.
  std::uint32_t number() {
    int zeros = 0;
    while (good_ && bit() == 0) {
      if (++zeros > 31) good_ = false;
    }
    return good_ ? (1u << zeros) - 1 + take(zeros) : 0;
  }
  /// se(v).
  std::int32_t signed_number() {
    const std::uint32_t value = number();
    const auto half = static_cast<std::int32_t>(value / 2);
    return value % 2 == 1 ? half + 1 : -half;
  }

 private:
  std::uint32_t bit() {
    if (left_ == 0) next_byte();
    if (!good_) return 0;
    return byte_ >> --left_ & 1u;
  }
  void next_byte() {
    if (at_ >= size_) {
      good_ = false;
      return;
    }
    if (zeros_ >= 2 && data_[at_] == 3) {
      zeros_ = 0;
      if (++at_ >= size_) {
        good_ = false;
        return;
      }
    }
    byte_ = data_[at_++];
    zeros_ = byte_ == 0 ? zeros_ + 1 : 0;
    left_ = 8;
  }

  const std::uint8_t* data_;
  std::size_t size_, at_ = 1;
  int left_ = 0, zeros_ = 0;
  std::uint8_t byte_ = 0;
  bool good_ = true;
};

bool has_chroma_format(std::uint32_t profile) {
  for (const std::uint32_t high : {100u, 110u, 122u, 244u, 44u, 83u, 86u, 118u, 128u, 138u, 139u, 134u, 135u})
    if (profile == high) return true;
  return false;
}

/// 7.3.2.1.1.1.
void skip_scaling_list(Bits& bits, int size) {
  std::int32_t last = 8, next = 8;
  for (int i = 0; i < size && bits.good(); ++i) {
    if (next != 0) next = (last + bits.signed_number() + 256) & 255;
    last = next == 0 ? last : next;
  }
}

}  // namespace

void H264FrameNumbers::read_sequence_set(Bytes unit) {
  Bits bits(unit);
  const std::uint32_t profile = bits.take(8);
  bits.take(16);
  const std::uint32_t id = bits.number();
  SequenceSet set;
  if (has_chroma_format(profile)) {
    const std::uint32_t chroma = bits.number();
    if (chroma == 3) set.separate_planes = bits.take(1) != 0;
    bits.number();
    bits.number();
    bits.take(1);
    if (bits.take(1) != 0)
      for (int i = 0; i < (chroma == 3 ? 12 : 8); ++i)
        if (bits.take(1) != 0) skip_scaling_list(bits, i < 6 ? 16 : 64);
  }
  const std::uint32_t more = bits.number();
  set.frame_number_bits = static_cast<int>(more) + 4;
  if (bits.good() && id < sequence_sets_.size() && more <= 12) sequence_sets_[id] = set;
}

void H264FrameNumbers::read_picture_set(Bytes unit) {
  Bits bits(unit);
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
    Bits bits(*unit);
    bits.number();  // first_mb_in_slice
    bits.number();  // slice_type
    const std::uint32_t id = bits.number();
    if (!bits.good() || !any_picture_set_ || id >= sequence_of_.size() || sequence_of_[id] == 255) return true;
    const SequenceSet& set = sequence_sets_[sequence_of_[id]];
    if (set.frame_number_bits == 0) return true;
    if (set.separate_planes) bits.take(2);
    const std::uint32_t number = bits.take(set.frame_number_bits), count = 1u << set.frame_number_bits;
    if (!bits.good()) return true;
    const bool follows = type == 5 || !reference_ || number == *reference_ || number == (*reference_ + 1) % count;
    if ((header >> 5 & 3) != 0) reference_ = number;
    return follows;
  }
  return true;
}

}  // namespace bagloom::media
