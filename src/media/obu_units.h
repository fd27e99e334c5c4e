// Inside media/: walking a packet of AV1 in the low-overhead format (AV1 specification 5.3).
#pragma once

#include <algorithm>
#include <cstdint>
#include <optional>

#include "base/bytes.h"

namespace bagloom::media {

inline constexpr int kObuSequenceHeader = 1, kObuTemporalDelimiter = 2, kObuFrameHeader = 3, kObuFrame = 6;

struct Obu {
  int type = 0;
  bool sized = false;  ///< its length stands in it; else it reaches to the packet's end
  Bytes whole;         ///< with its header
  Bytes payload;       ///< without it and its length
};

/// Gives the OBUs one after the other, as views. Ends where one makes no sense, and is not `good` then.
class ObuUnits {
 public:
  explicit ObuUnits(Bytes packet) : packet_(packet) {}

  bool good() const { return good_; }

  std::optional<Obu> next() {
    const std::uint8_t* data = as_u8(packet_);
    if (!good_ || at_ >= packet_.size()) return std::nullopt;
    const std::size_t begin = at_;
    std::size_t at = at_;
    const std::uint8_t header = data[at++];
    good_ = false;
    if (header >> 7 != 0) return std::nullopt;
    if ((header & 4) != 0) ++at;  // extension
    std::uint64_t size = packet_.size() - std::min(at, packet_.size());
    if ((header & 2) != 0) {
      size = 0;
      for (int i = 0; i < 8; ++i) {
        if (at >= packet_.size()) return std::nullopt;
        const std::uint8_t byte = data[at++];
        size |= static_cast<std::uint64_t>(byte & 127) << (7 * i);
        if (byte < 128) break;
      }
    }
    if (at > packet_.size() || size > packet_.size() - at) return std::nullopt;
    at_ = at + static_cast<std::size_t>(size);
    good_ = true;
    return Obu{header >> 3 & 15, (header & 2) != 0, packet_.subspan(begin, at_ - begin), packet_.subspan(at, at_ - at)};
  }

 private:
  Bytes packet_;
  std::size_t at_ = 0;
  bool good_ = true;
};

/// An OBU's bits, from its payload's first on (4.10). Beyond the end it gives zeros and is not `good`.
class ObuBits {
 public:
  explicit ObuBits(Bytes payload) : payload_(payload) {}

  bool good() const { return at_ <= 8 * std::uint64_t{payload_.size()}; }

  std::uint32_t take(int count) {
    std::uint32_t value = 0;
    for (int i = 0; i < count; ++i, ++at_) {
      const std::uint64_t byte = at_ / 8;
      const int bit = byte < payload_.size() ? as_u8(payload_)[byte] >> (7 - at_ % 8) & 1 : 0;
      value = value << 1 | static_cast<std::uint32_t>(bit);
    }
    return value;
  }
  /// Passes over a uvlc().
  void uvlc() {
    int zeros = 0;
    while (good() && take(1) == 0) ++zeros;
    if (zeros < 32) take(zeros);
  }

 private:
  Bytes payload_;
  std::uint64_t at_ = 0;
};

}  // namespace bagloom::media
