#include "bag/deflate.h"

#include <bzlib.h>
#include <lz4frame.h>

namespace bagloom::bag {
namespace {

Result<std::vector<std::byte>> to_lz4(Bytes bytes) {
  LZ4F_preferences_t preferences{};
  preferences.frameInfo.blockSizeID = LZ4F_max1MB;
  preferences.frameInfo.blockMode = LZ4F_blockIndependent;
  preferences.frameInfo.contentChecksumFlag = LZ4F_contentChecksumEnabled;
  // Not LZ4F_compressFrame: it would choose smaller blocks for small inputs, and recorders always write 1 MiB.
  LZ4F_cctx* context = nullptr;
  if (LZ4F_isError(LZ4F_createCompressionContext(&context, LZ4F_VERSION)))
    return Error(ErrorKind::internal, "no memory").in("lz4");
  std::vector<std::byte> out(LZ4F_HEADER_SIZE_MAX + LZ4F_compressBound(bytes.size(), &preferences));
  std::size_t used = 0;
  std::size_t n = LZ4F_compressBegin(context, out.data(), out.size(), &preferences);
  if (!LZ4F_isError(n)) {
    used += n;
    n = LZ4F_compressUpdate(context, out.data() + used, out.size() - used, bytes.data(), bytes.size(), nullptr);
  }
  if (!LZ4F_isError(n)) {
    used += n;
    n = LZ4F_compressEnd(context, out.data() + used, out.size() - used, nullptr);
  }
  LZ4F_freeCompressionContext(context);
  if (LZ4F_isError(n)) return Error(ErrorKind::internal, LZ4F_getErrorName(n)).in("lz4");
  out.resize(used + n);
  return out;
}

Result<std::vector<std::byte>> to_bz2(Bytes bytes) {
  // The manual's bound: 1 % and 600 bytes more than the input.
  std::vector<std::byte> out(bytes.size() + bytes.size() / 100 + 600);
  auto n = static_cast<unsigned>(out.size());
  const int code = BZ2_bzBuffToBuffCompress(reinterpret_cast<char*>(out.data()), &n,
                                            const_cast<char*>(reinterpret_cast<const char*>(bytes.data())),
                                            static_cast<unsigned>(bytes.size()), 9, 0, 0);
  if (code != BZ_OK) return Error(ErrorKind::internal, "bzip2 error " + std::to_string(code)).in("bz2");
  out.resize(n);
  return out;
}

}  // namespace

Result<std::vector<std::byte>> deflate(Compression compression, Bytes bytes) {
  // Both formats' headers count a chunk in 32 bits; the margin leaves room for what does not compress.
  if (bytes.size() > 0xf0000000u)
    return Error(ErrorKind::invalid, "a chunk of " + std::to_string(bytes.size()) + " bytes is too large");
  switch (compression) {
    case Compression::lz4: return to_lz4(bytes);
    case Compression::bz2: return to_bz2(bytes);
    case Compression::zstd: return Error(ErrorKind::invalid, "ROS 1 bags have no zstd");
    case Compression::none: break;
  }
  return std::vector<std::byte>(bytes.begin(), bytes.end());
}

}  // namespace bagloom::bag
