// What decompressors hold beside what comes out of them.
#pragma once

#include <algorithm>
#include <cstdint>
#include <string_view>

#include "base/bytes.h"

namespace bagloom::fuzz {

/// Before a stream has said a size: a piece of 64 KiB of it; bzip2's state has 64 KiB, zstd's 160.
inline constexpr std::uint64_t kIdleDecompressorBytes = 256 * 1024;

/// What streams ask for by their first bytes, the most of all that there are in `file`, wherever a magic number stands: one works
/// at a time.
inline std::uint64_t working_decompressor_bytes(Bytes file) {
  using namespace std::string_view_literals;
  const std::string_view text = as_text(file);
  std::uint64_t most = 0;
  // `size_of` gets what stands behind the magic number.
  const auto look = [&](std::string_view magic, const auto& size_of) {
    for (std::size_t at = text.find(magic); at != std::string_view::npos; at = text.find(magic, at + 1))
      most = std::max(most, size_of(text.substr(at + magic.size())));
  };
  const auto byte = [](std::string_view from, std::size_t i) { return static_cast<unsigned char>(from[i]); };
  // LZ4 frames: a block in and one out, of 64 KiB to 4 MiB as bits 4 to 6 of the second byte say, and what came before them.
  look("\x04\x22\x4d\x18"sv, [&](std::string_view behind) -> std::uint64_t {
    const unsigned code = behind.size() < 2 ? 0 : byte(behind, 1) >> 4 & 7;
    return code < 4 ? 0 : 2 * (std::uint64_t{1} << (8 + 2 * code)) + 256 * 1024;
  });
  // bzip2: a block of 100 to 900 kB in four bytes a byte.
  look("BZh"sv, [&](std::string_view behind) -> std::uint64_t {
    const unsigned digit = behind.empty() ? 0 : byte(behind, 0);
    return digit < '1' || digit > '9' ? 0 : (digit - '0') * 400'000 + 64 * 1024;
  });
  // zstd (RFC 8878 section 3.1.1.1): a window of at most 8 MiB (inflate.cc), in a single segment all that comes out; blocks of
  // 128 KiB in and out.
  look("\x28\xb5\x2f\xfd"sv, [&](std::string_view behind) -> std::uint64_t {
    constexpr std::uint64_t kMost = 8u << 20, kBlocks = 512 * 1024;
    if (behind.size() < 2) return 0;
    const unsigned descriptor = byte(behind, 0);
    if ((descriptor & 0x20) == 0) {
      const std::uint64_t least = std::uint64_t{1} << (10 + (byte(behind, 1) >> 3));
      return std::min(kMost, least + least / 8 * (byte(behind, 1) & 7)) + kBlocks;
    }
    const std::size_t size_at = 1 + (1u << (descriptor & 3)) / 2, size_bytes = std::size_t{1} << (descriptor >> 6);
    std::uint64_t declared = size_bytes == 2 ? 256 : 0;
    for (std::size_t i = size_bytes; i-- > 0;)
      declared += std::uint64_t{size_at + i < behind.size() ? byte(behind, size_at + i) : 0u} << (8 * i);
    return std::min(kMost, declared) + kBlocks;
  });
  return most;
}

}  // namespace bagloom::fuzz
