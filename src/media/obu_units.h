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
    return Obu{header >> 3 & 15, (header & 2) != 0, packet_.subspan(begin, at_ - begin)};
  }

 private:
  Bytes packet_;
  std::size_t at_ = 0;
  bool good_ = true;
};

}  // namespace bagloom::media
