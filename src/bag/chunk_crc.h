// CRC-32 as zlib and PNG have it: MCAP's checksums (bag-formats.md 3.3).
#pragma once

#include "base/bytes.h"
#include "base/result.h"
#include "base/source.h"

namespace bagloom::bag {

std::uint32_t crc_of(Bytes bytes);

/// Of a stretch of a file, read in small pieces. Errors: io, corrupt (the file ends before).
Result<std::uint32_t> crc_of_stretch(const Source& source, std::uint64_t offset, std::uint64_t bytes);

/// What a chunk whose checksum does not fit is.
Error wrong_crc();

}  // namespace bagloom::bag
