#include "bag/inflate.h"

#include <bzlib.h>
#include <lz4frame.h>
#include <zstd.h>
#include <zstd_errors.h>

#include <algorithm>
#include <array>
#include <bit>

namespace bagloom::bag {
namespace {

constexpr std::size_t kPieceBytes = 64 * 1024;

/// The compressed bytes, piece by piece.
class Pieces {
 public:
  Pieces(const Source& source, std::uint64_t offset, std::uint64_t bytes) : source_(source), at_(offset), left_(bytes) {
    buffer_.resize(static_cast<std::size_t>(std::min<std::uint64_t>(kPieceBytes, bytes)));
  }
  /// An empty view is the end.
  Result<MutableBytes> next() {
    const std::size_t n = static_cast<std::size_t>(std::min<std::uint64_t>(buffer_.size(), left_));
    if (n == 0) return MutableBytes{};
    const MutableBytes piece = MutableBytes(buffer_).first(n);
    RETURN_IF_ERROR(source_.read_exactly(at_, piece));
    at_ += n;
    left_ -= n;
    return piece;
  }

 private:
  const Source& source_;
  std::uint64_t at_;
  std::uint64_t left_;
  std::vector<std::byte> buffer_;
};

/// The output: room is made as bytes come, never beyond what was declared.
class Output {
 public:
  Output(std::uint64_t declared, std::uint64_t stored) : declared_(declared) {
    bytes_.resize(static_cast<std::size_t>(std::min<std::uint64_t>(declared, std::max<std::uint64_t>(kPieceBytes, 16 * stored))));
  }
  /// Where the next bytes go; one spare byte when all declared ones are there, to see whether more would come.
  MutableBytes room() {
    if (used_ == bytes_.size() && bytes_.size() < declared_)
      bytes_.resize(static_cast<std::size_t>(std::min<std::uint64_t>(declared_, 2 * std::uint64_t{bytes_.size()})));
    if (used_ == bytes_.size()) return {&spare_, 1};
    return MutableBytes(bytes_).subspan(used_);
  }
  /// False where the bytes went into the spare one.
  bool advance(std::size_t n) {
    if (used_ + n > bytes_.size()) return false;
    used_ += n;
    return true;
  }
  std::uint64_t used() const { return used_; }
  std::vector<std::byte> take() {
    bytes_.resize(used_);
    return std::move(bytes_);
  }

 private:
  std::uint64_t declared_;
  std::size_t used_ = 0;
  std::byte spare_{};
  std::vector<std::byte> bytes_;
};

Error too_much(std::uint64_t declared) {
  return Error(ErrorKind::corrupt, "more comes out than the declared " + std::to_string(declared) + " bytes");
}

/// What one call of a decompressor did.
struct Step {
  std::size_t consumed = 0;
  std::size_t produced = 0;
  bool stream_end = false;
};

class Lz4Frames {
 public:
  static constexpr const char* kName = "lz4";
  Lz4Frames() {
    if (LZ4F_isError(LZ4F_createDecompressionContext(&context_, LZ4F_VERSION))) context_ = nullptr;
  }
  ~Lz4Frames() { LZ4F_freeDecompressionContext(context_); }
  Lz4Frames(const Lz4Frames&) = delete;
  Lz4Frames& operator=(const Lz4Frames&) = delete;
  bool ready() const { return context_ != nullptr; }

  Result<Step> step(MutableBytes in, MutableBytes out) {
    Step done{in.size(), out.size(), false};
    const std::size_t hint = LZ4F_decompress(context_, out.data(), &done.produced, in.data(), &done.consumed, nullptr);
    if (LZ4F_isError(hint)) {
      std::string why = LZ4F_getErrorName(hint);
      if (why == "ERROR_contentChecksum_invalid") why = "the checksum of the content does not fit";
      return Error(ErrorKind::corrupt, why);
    }
    done.stream_end = hint == 0;
    return done;
  }

 private:
  LZ4F_dctx* context_ = nullptr;
};

class Bzip2Streams {
 public:
  static constexpr const char* kName = "bz2";
  Bzip2Streams() { ready_ = BZ2_bzDecompressInit(&stream_, 0, 0) == BZ_OK; }
  ~Bzip2Streams() {
    if (ready_) BZ2_bzDecompressEnd(&stream_);
  }
  Bzip2Streams(const Bzip2Streams&) = delete;
  Bzip2Streams& operator=(const Bzip2Streams&) = delete;
  bool ready() const { return ready_; }

  Result<Step> step(MutableBytes in, MutableBytes out) {
    if (ended_ && !in.empty()) {  // streams may follow each other
      BZ2_bzDecompressEnd(&stream_);
      stream_ = {};
      ready_ = BZ2_bzDecompressInit(&stream_, 0, 0) == BZ_OK;
      if (!ready_) return Error(ErrorKind::internal, "no memory for the decompressor");
      ended_ = false;
    }
    const std::size_t most = 1u << 30;  // libbz2 counts in unsigned int
    stream_.next_in = reinterpret_cast<char*>(in.data());
    stream_.avail_in = static_cast<unsigned>(in.size());
    stream_.next_out = reinterpret_cast<char*>(out.data());
    const unsigned room = static_cast<unsigned>(std::min(out.size(), most));
    stream_.avail_out = room;
    const int code = BZ2_bzDecompress(&stream_);
    if (code != BZ_OK && code != BZ_STREAM_END) return Error(ErrorKind::corrupt, text_of(code));
    ended_ = code == BZ_STREAM_END;
    return Step{in.size() - stream_.avail_in, room - stream_.avail_out, ended_};
  }

 private:
  static std::string text_of(int code) {
    if (code == BZ_DATA_ERROR) return "the checksum of a block does not fit, or its bytes are damaged";
    if (code == BZ_DATA_ERROR_MAGIC) return "no bzip2 stream";
    return "bzip2 error " + std::to_string(code);
  }
  bz_stream stream_{};
  bool ready_ = false;
  bool ended_ = false;
};

class ZstdFrames {
 public:
  static constexpr const char* kName = "zstd";
  /// Frames may name a window of 128 MiB: more than 8 MiB is taken only where so much could come out.
  explicit ZstdFrames(std::uint64_t bytes) : context_(ZSTD_createDCtx()) {
    const int needed = std::bit_width(std::max<std::uint64_t>(bytes, 1) - 1);
    if (context_ != nullptr) ZSTD_DCtx_setParameter(context_, ZSTD_d_windowLogMax, std::clamp(needed, 23, 27));
  }
  ~ZstdFrames() { ZSTD_freeDCtx(context_); }
  ZstdFrames(const ZstdFrames&) = delete;
  ZstdFrames& operator=(const ZstdFrames&) = delete;
  bool ready() const { return context_ != nullptr; }
  bool window_was_too_large() const { return window_was_too_large_; }

  Result<Step> step(MutableBytes in, MutableBytes out) {
    // Where the library reads the formats from before 1.0 too, these take windows that no parameter bounds. The first byte tells.
    if (at_frame_ && !in.empty()) {
      const auto first = std::to_integer<unsigned>(in.front());
      if (first != 0x28 && (first & 0xf0) != 0x50) return Error(ErrorKind::corrupt, "no frame where one should begin");
    }
    ZSTD_inBuffer input{in.data(), in.size(), 0};
    ZSTD_outBuffer output{out.data(), out.size(), 0};
    const std::size_t hint = ZSTD_decompressStream(context_, &output, &input);
    if (ZSTD_isError(hint)) {
      window_was_too_large_ = ZSTD_getErrorCode(hint) == ZSTD_error_frameParameter_windowTooLarge;
      return Error(ErrorKind::corrupt, ZSTD_getErrorName(hint));
    }
    at_frame_ = hint == 0;
    return Step{input.pos, output.pos, hint == 0};
  }

 private:
  bool at_frame_ = true;  ///< the next byte is the first one of a frame (RFC 8878 section 3.1)
  ZSTD_DCtx* context_ = nullptr;
  bool window_was_too_large_ = false;
};

/// Without a window, from all of the compressed bytes at once: for frames whose window is larger than what comes out.
Result<std::vector<std::byte>> inflate_zstd_whole(const Source& source, const Compressed& chunk) {
  const auto failed = [](const std::string& what) { return Error(ErrorKind::corrupt, what).in(ZstdFrames::kName); };
  std::vector<std::byte> stored(static_cast<std::size_t>(chunk.stored));
  RETURN_IF_ERROR(source.read_exactly(chunk.offset, stored));
  std::vector<std::byte> out(
      static_cast<std::size_t>(std::min<std::uint64_t>(chunk.bytes, std::max<std::uint64_t>(kPieceBytes, 16 * chunk.stored))));
  std::size_t used = 0;
  for (Bytes left = stored; !left.empty() && used < chunk.bytes;) {
    const std::size_t frame = ZSTD_findFrameCompressedSize(left.data(), left.size());
    if (ZSTD_isError(frame)) return failed(ZSTD_getErrorName(frame));
    std::size_t got = ZSTD_decompress(out.data() + used, out.size() - used, left.data(), frame);
    while (ZSTD_isError(got) && ZSTD_getErrorCode(got) == ZSTD_error_dstSize_tooSmall && out.size() < chunk.bytes) {
      out.resize(static_cast<std::size_t>(std::min<std::uint64_t>(chunk.bytes, 4 * std::uint64_t{out.size()})));
      got = ZSTD_decompress(out.data() + used, out.size() - used, left.data(), frame);
    }
    if (ZSTD_isError(got)) return failed(ZSTD_getErrorName(got));
    used += got;
    left = left.subspan(frame);
  }
  if (used != chunk.bytes) return failed("wanted " + std::to_string(chunk.bytes) + " bytes, got " + std::to_string(used));
  out.resize(used);
  return out;
}

/// Runs a decompressor over all pieces. `error` gets the stream's own failure, kept apart from a failed read.
template <class Decompressor>
Status run(Decompressor& decompressor, Pieces& pieces, Output& out, const Compressed& chunk) {
  if (!decompressor.ready()) return Error(ErrorKind::internal, "no memory for the decompressor");
  bool at_stream_end = false;
  while (true) {
    ASSIGN_OR_RETURN(MutableBytes in, pieces.next());
    if (in.empty()) break;
    bool out_was_filled = false;
    while (!in.empty() || out_was_filled) {
      if (at_stream_end && in.empty()) break;
      const MutableBytes room = out.room();
      auto step = decompressor.step(in, room);
      if (!step.ok()) {
        Error error = std::move(step).error();
        return std::move(error).in(Decompressor::kName);
      }
      if (!out.advance(step->produced)) {
        Error error = too_much(chunk.bytes);
        return std::move(error).in(Decompressor::kName);
      }
      at_stream_end = step->stream_end;
      // MCAP writers were seen to leave bytes behind the last frame.
      if (at_stream_end && chunk.compression == Compression::zstd && out.used() == chunk.bytes) return {};
      out_was_filled = step->produced == room.size();
      if (step->consumed == 0 && step->produced == 0) {
        if (in.empty()) break;
        Error error(ErrorKind::corrupt, "the stream does not go on");
        return std::move(error).in(Decompressor::kName);
      }
      in = in.subspan(step->consumed);
    }
  }
  if (!at_stream_end && !chunk.partial) {
    Error error(ErrorKind::corrupt,
                "the stream is cut: " + std::to_string(out.used()) + " of " + std::to_string(chunk.bytes) + " bytes");
    return std::move(error).in(Decompressor::kName);
  }
  return {};
}

}  // namespace

Result<std::vector<std::byte>> inflate(const Source& source, const Compressed& chunk) {
  Pieces pieces(source, chunk.offset, chunk.stored);
  Output out(chunk.bytes, chunk.stored);
  Status status;
  switch (chunk.compression) {
    case Compression::none: return Error(ErrorKind::internal, "a chunk without compression is not inflated");
    case Compression::lz4: {
      Lz4Frames frames;
      status = run(frames, pieces, out, chunk);
      break;
    }
    case Compression::bz2: {
      Bzip2Streams streams;
      status = run(streams, pieces, out, chunk);
      break;
    }
    case Compression::zstd: {
      ZstdFrames frames(chunk.bytes);
      status = run(frames, pieces, out, chunk);
      if (!status.ok() && frames.window_was_too_large() && !chunk.partial) {
        out.take();
        return inflate_zstd_whole(source, chunk);
      }
      break;
    }
  }
  if (!status.ok() && (status.error().kind() != ErrorKind::corrupt || !chunk.partial)) return std::move(status).error();
  if (!chunk.partial && out.used() != chunk.bytes)
    return Error(ErrorKind::corrupt, "wanted " + std::to_string(chunk.bytes) + " bytes, got " + std::to_string(out.used()))
        .in(std::string(name_of(chunk.compression)));
  return out.take();
}

bool can_inflate_to(Compression compression, std::uint64_t stored, std::uint64_t bytes) {
  switch (compression) {
    case Compression::none: return bytes == stored;
    case Compression::lz4: return bytes / 255 <= stored + 64;
    // A block holds 900 kB after a run-length step of at most 259:5, and takes at least 37 bytes.
    case Compression::bz2: return bytes / 47'000'000 <= stored / 37;
    // A block becomes at most 128 KiB, and takes at least 4 bytes.
    case Compression::zstd: return bytes / (128 * 1024) <= stored / 4;
  }
  return false;
}

bool may_inflate(const Chunk& chunk, std::uint64_t most_bytes, DamageLog& damage) {
  if (chunk.compression == Compression::none) return true;
  const bool possible = can_inflate_to(chunk.compression, chunk.stored_bytes, chunk.bytes);
  if (possible && chunk.bytes <= std::min(most_bytes, kMostChunkBytes)) return true;
  damage.add(chunk.record_offset,
             "a chunk of " + std::to_string(chunk.stored_bytes) + " bytes declares " + std::to_string(chunk.bytes) + " bytes, " +
                 (possible ? "more than is allowed" : "more than it could hold") + ": left out",
             true);
  return false;
}

std::uint64_t inflate_working_bytes(Compression compression) {
  switch (compression) {
    case Compression::none: return 0;
    case Compression::lz4: return kPieceBytes + 2 * (1ull << 20) + 128 * 1024;  // two blocks of the usual 1 MiB
    case Compression::bz2:
      return kPieceBytes + 3'700'000;  // as its manual says for 900 kB blocks
    // Its window: at levels up to 9 of at most 4 MiB, and no more than comes out; then a block in and out, and tables.
    case Compression::zstd: return kPieceBytes + (4ull << 20) + 512 * 1024;
  }
  return 0;
}

Result<std::uint64_t> inflating_bytes(const Source& source, const Compressed& stretch, std::uint64_t whole) {
  if (stretch.compression == Compression::none) return std::uint64_t{0};
  std::array<std::byte, 6> head{};
  ASSIGN_OR_RETURN(
      const std::size_t got,
      source.read_at(stretch.offset,
                     MutableBytes(head).first(static_cast<std::size_t>(std::min<std::uint64_t>(head.size(), stretch.stored)))));
  if (got < head.size()) return std::uint64_t{kPieceBytes};  // no frame: nothing comes out
  const auto byte_at = [&head](std::size_t i) { return std::to_integer<unsigned>(head[i]); };
  // As Output makes room: where more than that comes out, it stands there twice while it grows.
  const std::uint64_t room = std::min<std::uint64_t>(stretch.bytes, std::max<std::uint64_t>(kPieceBytes, 16 * stretch.stored));
  std::uint64_t bytes = kPieceBytes + room;
  if (room < stretch.bytes && !stretch.partial) bytes += stretch.bytes;
  switch (stretch.compression) {
    case Compression::none: break;
    case Compression::lz4: {  // a block in and one out, with the 64 KiB before it; the frame's BD says their size
      const unsigned size = byte_at(5) >> 4 & 7;
      bytes += 2 * std::min<std::uint64_t>(whole, 1ull << (8 + 2 * std::clamp(size, 4u, 7u))) + 128 * 1024;
      break;
    }
    case Compression::bz2: {  // as its manual says: 4 bytes for each of a block, whose size the fourth byte says
      const std::uint64_t block = 100'000 * std::uint64_t{std::clamp(byte_at(3), unsigned{'1'}, unsigned{'9'}) - '0'};
      bytes += 4 * std::min(block, whole + whole / 4) + 100'000;
      break;
    }
    case Compression::zstd: {  // its window, and a block in and out; RFC 8878 section 3.1.1.1
      std::uint64_t window = whole;
      if ((byte_at(4) & 0x20) == 0) {  // not a single segment
        const std::uint64_t base = 1ull << (10 + (byte_at(5) >> 3));
        window = base + base / 8 * (byte_at(5) & 7);
      }
      bytes += std::min({window, whole, stretch.bytes + 128 * 1024}) + 512 * 1024;
      break;
    }
  }
  return bytes;
}

Result<bool> has_checksum(const Source& source, const Compressed& chunk) {
  if (chunk.compression == Compression::bz2) return true;
  if (chunk.compression == Compression::none || chunk.stored < 5) return false;
  // Behind the magic number stands the byte of flags: lz4's FLG (blocks', content's), zstd's frame header descriptor.
  std::byte head[5];
  RETURN_IF_ERROR(source.read_exactly(chunk.offset, head));
  const unsigned flags = std::to_integer<unsigned>(head[4]);
  return (flags & (chunk.compression == Compression::lz4 ? 0x14u : 0x04u)) != 0;
}

}  // namespace bagloom::bag
