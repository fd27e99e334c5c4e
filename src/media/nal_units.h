// Inside media/: walking an annex B packet (ITU-T H.264 and H.265, annex B).
#pragma once

#include <cstdint>
#include <cstring>
#include <optional>

#include "base/bytes.h"

namespace bagloom::media {

/// Gives the NAL units one after the other, without their start codes, as views. A unit reaches up to the packet's end: only its
/// first bytes are looked at.
class NalUnits {
 public:
  explicit NalUnits(Bytes packet) : packet_(packet) {}

  std::optional<Bytes> next() {
    at_ = next_start();
    next_.reset();
    if (at_ >= packet_.size()) return std::nullopt;
    return packet_.subspan(at_);
  }
  /// Of the unit that was given last: bytes up to the next one's start code (00 00 01), or to the packet's end.
  std::size_t to_next() { return next_start() >= packet_.size() ? packet_.size() - at_ : next_start() - 3 - at_; }

 private:
  // Looked for when it is asked for: whoever ends at a picture's first slice does not walk through the picture.
  std::size_t next_start() {
    if (!next_) next_ = after_start_code(at_);
    return *next_;
  }
  std::size_t after_start_code(std::size_t from) const {
    const std::uint8_t* data = as_u8(packet_);
    for (std::size_t i = from + 2; i + 1 < packet_.size(); ++i) {
      const void* one = std::memchr(data + i, 1, packet_.size() - 1 - i);
      if (one == nullptr) break;
      i = static_cast<std::size_t>(static_cast<const std::uint8_t*>(one) - data);
      if (data[i - 1] == 0 && data[i - 2] == 0) return i + 1;
    }
    return packet_.size();
  }

  Bytes packet_;
  std::size_t at_ = 0;               ///< where the unit that was given last begins
  std::optional<std::size_t> next_;  ///< and the next one, once that is known
};

/// nal_unit_type of the unit's first byte.
inline int h264_type(std::uint8_t header) { return header & 31; }
inline int hevc_type(std::uint8_t header) { return header >> 1 & 63; }
/// Coded pictures, not parameter sets and the like (H.264 table 7-1, H.265 table 7-1).
inline bool is_h264_slice(int type) { return type >= 1 && type <= 5; }
inline bool is_hevc_slice(int type) { return type < 32; }
inline constexpr int kH264SequenceSet = 7, kH264PictureSet = 8;
inline constexpr int kHevcVideoSet = 32, kHevcSequenceSet = 33, kHevcPictureSet = 34;

}  // namespace bagloom::media
