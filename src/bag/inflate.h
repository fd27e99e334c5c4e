// Decompression of one chunk: LZ4 frames, bzip2 streams, zstd frames (bag-formats.md 1.4, 3.2).
#pragma once

#include <vector>

#include "bag/chunk.h"
#include "bag/damage_log.h"
#include "base/result.h"
#include "base/source.h"

namespace bagloom::bag {

/// The compressed stretch of a file and what it should become.
struct Compressed {
  Compression compression = Compression::lz4;
  std::uint64_t offset = 0;  ///< in the source
  std::uint64_t stored = 0;  ///< compressed bytes
  std::uint64_t bytes = 0;   ///< exactly this many must come out; with `partial`, at most
  bool partial = false;      ///< the stream is cut: take what comes out before its end
};

/// The chunk, for `inflate`.
inline Compressed compressed(const Chunk& chunk) {
  return {chunk.compression, chunk.data_offset, chunk.stored_bytes, chunk.bytes, chunk.partial};
}

/// The decompressed bytes. Input is read in small pieces; output grows as it comes, so that a declared size
/// alone allocates little. Checksums in the stream are always checked. Frames and streams may follow each other; behind the last
/// zstd frame, once all bytes are there, anything may. Errors: corrupt, io.
Result<std::vector<std::byte>> inflate(const Source& source, const Compressed& chunk);

/// Whether `stored` compressed bytes could become `bytes`: at most 255:1 for lz4, blocks of 47 MB for bz2, of 128 KiB for zstd.
bool can_inflate_to(Compression compression, std::uint64_t stored, std::uint64_t bytes);

/// Whether what a chunk says that it becomes can be true, and is no more than `most_bytes` and than a place in a chunk can tell.
/// False, and damage: it is left out.
bool may_inflate(const Chunk& chunk, std::uint64_t most_bytes, DamageLog& damage);

/// Whether the stream carries a checksum of what it holds, as its first frame says: bzip2 always, the others where it was wanted.
Result<bool> has_checksum(const Source& source, const Compressed& chunk);

/// What the decompressors themselves hold while they work: input piece, block buffers, tables.
std::uint64_t inflate_working_bytes(Compression compression);

/// What inflating a stretch takes at most, what comes out included, as the stream's first frame says its blocks and its window.
/// `whole`: what all of the stretch would become, where only its beginning is wanted. Error: io.
Result<std::uint64_t> inflating_bytes(const Source& source, const Compressed& stretch, std::uint64_t whole);

}  // namespace bagloom::bag
