#include "media/h264_packet.h"

#include <cstdint>

namespace bagloom::media {
namespace {

/// Where the next start code (00 00 01, and a 00 before it) begins; the size where there is none.
std::size_t next_start(Bytes bytes, std::size_t from) {
  const std::uint8_t* data = as_u8(bytes);
  for (std::size_t i = from; i + 3 <= bytes.size(); ++i) {
    if (data[i] == 0 && data[i + 1] == 0 && data[i + 2] == 1) return i > from && data[i - 1] == 0 ? i - 1 : i;
  }
  return bytes.size();
}

}  // namespace

std::vector<std::byte> without_sei(Bytes annex_b) {
  std::vector<std::byte> kept;
  kept.reserve(annex_b.size());
  std::size_t at = next_start(annex_b, 0);
  kept.insert(kept.end(), annex_b.begin(), annex_b.begin() + static_cast<std::ptrdiff_t>(at));
  while (at < annex_b.size()) {
    std::size_t header = at;
    while (header < annex_b.size() && annex_b[header] == std::byte{0}) ++header;
    ++header;  // past the 01
    const std::size_t end = next_start(annex_b, header);
    const bool sei = header < annex_b.size() && (as_u8(annex_b)[header] & 31) == 6;
    if (!sei)
      kept.insert(kept.end(), annex_b.begin() + static_cast<std::ptrdiff_t>(at),
                  annex_b.begin() + static_cast<std::ptrdiff_t>(end));
    at = end;
  }
  return kept;
}

}  // namespace bagloom::media
