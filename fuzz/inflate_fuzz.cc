// Compressed chunks. The first byte: bit 0 bz2 instead of lz4, bit 1 a cut stream, bit 2 the input is compressed first and must
// come back, bit 3 zstd instead of both (not compressed here). Then the declared size (4 bytes), then the stream.
#include <algorithm>
#include <cstddef>
#include <cstdint>
#include <cstdlib>

#include "bag/deflate.h"
#include "bag/inflate.h"
#include "base/cursor.h"

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
    round_trip(compression, input);
    return 0;
  }
  const MemorySource source("fuzz", {input.begin(), input.end()});
  // As the readers do: what cannot come out, and what is above their cap, is not tried.
  const std::uint64_t bytes = *declared % (8u << 20);
  if (!can_inflate_to(compression, input.size(), bytes)) return 0;
  const bool partial = (*mode & 2) != 0;
  const auto out = inflate(source, {compression, 0, input.size(), bytes, partial});
  if (out.ok())
    must(partial ? out->size() <= bytes : out->size() == bytes);
  else
    must(out.error().kind() == ErrorKind::corrupt && !partial);
  return 0;
}
