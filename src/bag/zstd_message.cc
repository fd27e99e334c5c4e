#include "bag/zstd_message.h"

#include <zstd.h>

#include <algorithm>
#include <string>

namespace bagloom::bag {

bool is_zstd_frame(Bytes head) { return as_text(head).starts_with("\x28\xb5\x2f\xfd"); }

std::uint64_t inflated_bound(Bytes head, std::uint64_t stored) {
  constexpr std::uint64_t kMostOfABlock = 128 * 1024, kFewestBytesOfABlock = 4;
  const unsigned long long declared = ZSTD_getFrameContentSize(head.data(), head.size());
  if (declared == ZSTD_CONTENTSIZE_ERROR) return 0;
  if (declared == ZSTD_CONTENTSIZE_UNKNOWN) return std::max<std::uint64_t>(1 << 20, 64 * stored);
  return declared <= (stored / kFewestBytesOfABlock + 1) * kMostOfABlock ? declared : 0;
}

Result<Payload> inflate_zstd_message(Bytes frame, std::uint64_t most) {
  const std::uint64_t bound = inflated_bound(frame.first(std::min(frame.size(), kZstdHeadBytes)), frame.size());
  if (bound > most)
    return Error(ErrorKind::corrupt, "zstd: a message of " + std::to_string(bound) + " bytes, more than is allowed");
  const std::shared_ptr<std::byte[]> buffer = std::make_unique_for_overwrite<std::byte[]>(static_cast<std::size_t>(bound));
  const std::size_t got = ZSTD_decompress(buffer.get(), static_cast<std::size_t>(bound), frame.data(), frame.size());
  if (ZSTD_isError(got)) return Error(ErrorKind::corrupt, std::string("zstd: ") + ZSTD_getErrorName(got));
  return Payload{Bytes(buffer.get(), got), buffer};
}

}  // namespace bagloom::bag
