// Compressed chunks. The first byte: bit 0 bz2 instead of lz4, bit 1 a cut stream, bit 2 the input is compressed first and must
// come back, bit 3 zstd instead of both (not compressed here). Then the declared size (4 bytes), then the stream.
#include <algorithm>
#include <cstddef>
#include <cstdint>
#include <cstdlib>

#include "allocation_cap.h"
#include "bag/deflate.h"
#include "bag/inflate.h"
#include "base/cursor.h"
#include "decompressor_bytes.h"

namespace {

using namespace bagloom;
using namespace bagloom::bag;

void must(bool holds) {
  if (!holds) std::abort();
}

void round_trip(Compression compression, Bytes input) {
  auto packed = deflate(compression, input);
  must(packed.ok());
  const std::uint64_t stored = packed->size();
  must(can_inflate_to(compression, stored, input.size()));
  const MemorySource source("fuzz", std::move(*packed));
  const auto back = inflate(source, {compression, 0, stored, input.size(), false});
  must(back.ok() && std::equal(back->begin(), back->end(), input.begin(), input.end()));
  // One byte less is declared than comes out: seen.
  if (!input.empty()) must(!inflate(source, {compression, 0, stored, input.size() - 1, false}).ok());
}

/// The readers' cap on what is declared.
constexpr std::uint64_t kMostBytes = 8u << 20;

/// lz4's compressor has 3.1 MB of blocks and tables, bzip2's 7.6 MB for blocks of 900 kB (then the decompressor less); the input
/// comes out twice beside its compressed bytes.
constexpr std::uint64_t kLz4Compressor = 3'300'000, kBzip2Compressor = 7'800'000;
constexpr std::uint64_t kRoundTripAByte = 16;

/// The input twice, beside it room for 16 bytes a byte before any comes; and what comes out, in a block that doubles. lz4 makes
/// 255 bytes of one at most; few bytes of bzip2 and zstd may make all that is declared.
fuzz::Allowance allowance(Compression compression, Bytes input, std::uint64_t declared) {
  const std::uint64_t most_out = compression == Compression::lz4 ? std::min(declared, 255 * input.size()) : declared;
  return {"inflate", 2 * fuzz::kIdleDecompressorBytes + fuzz::working_decompressor_bytes(input) + 2 * most_out, 24};
}

}  // namespace

extern "C" int LLVMFuzzerTestOneInput(const std::uint8_t* data, std::size_t size) {
  Cursor at({reinterpret_cast<const std::byte*>(data), size});
  const auto mode = at.u8();
  const auto declared = at.u32();
  if (!mode || !declared) return 0;
  const bool zstd = (*mode & 8) != 0;
  const Compression compression = zstd ? Compression::zstd : (*mode & 1) != 0 ? Compression::bz2 : Compression::lz4;
  const Bytes input = *at.take(at.remaining());
  if ((*mode & 4) != 0 && !zstd) {
    const fuzz::AllocationCap cap(
        {"inflate", compression == Compression::bz2 ? kBzip2Compressor : kLz4Compressor, kRoundTripAByte}, size);
    round_trip(compression, input);
    return 0;
  }
  // As the readers do: what cannot come out, and what is above their cap, is not tried.
  const std::uint64_t bytes = *declared % kMostBytes;
  if (!can_inflate_to(compression, input.size(), bytes)) return 0;
  const fuzz::AllocationCap cap(allowance(compression, input, bytes), size);
  const MemorySource source("fuzz", {input.begin(), input.end()});
  const bool partial = (*mode & 2) != 0;
  const auto out = inflate(source, {compression, 0, input.size(), bytes, partial});
  if (!out.ok()) {
    must(out.error().kind() == ErrorKind::corrupt && !partial);
    return 0;
  }
  must(partial ? out->size() <= bytes : out->size() == bytes);
  // Memory follows what comes out, not what is declared.
  const fuzz::Allowance came = allowance(compression, input, out->size());
  must(cap.most() <= came.base + came.per_byte * size);
  return 0;
}
