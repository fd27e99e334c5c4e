#include "bag/chunk_crc.h"

#include <zlib.h>

#include <algorithm>
#include <vector>

namespace bagloom::bag {

std::uint32_t crc_of(Bytes bytes) {
  return static_cast<std::uint32_t>(crc32_z(0, reinterpret_cast<const unsigned char*>(bytes.data()), bytes.size()));
}

Result<std::uint32_t> crc_of_stretch(const Source& source, std::uint64_t offset, std::uint64_t bytes) {
  std::vector<std::byte> piece(static_cast<std::size_t>(std::min<std::uint64_t>(bytes, 64 * 1024)));
  uLong crc = 0;
  while (bytes > 0) {
    const std::size_t n = static_cast<std::size_t>(std::min<std::uint64_t>(bytes, piece.size()));
    RETURN_IF_ERROR(source.read_exactly(offset, MutableBytes(piece).first(n)));
    crc = crc32_z(crc, reinterpret_cast<const unsigned char*>(piece.data()), n);
    offset += n;
    bytes -= n;
  }
  return static_cast<std::uint32_t>(crc);
}

Error wrong_crc() { return Error(ErrorKind::corrupt, "the chunk's checksum (CRC-32) does not fit: its bytes are damaged"); }

}  // namespace bagloom::bag
