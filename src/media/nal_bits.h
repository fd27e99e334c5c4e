// Inside media/: the bits of a NAL unit (ITU-T H.264 and H.265, 7.2 and 9).
#pragma once

#include <cstddef>
#include <cstdint>

#include "base/bytes.h"

namespace bagloom::media {

/// Reads a NAL unit's bits behind its header byte. Bytes that only keep start codes apart (00 00 03) are left out. Beyond the end
/// it gives zeros and is not `good`.
class NalBits {
 public:
  explicit NalBits(Bytes unit) : data_(as_u8(unit)), size_(unit.size()) {}

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

}  // namespace bagloom::media
