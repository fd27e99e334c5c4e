// How a chunk's bytes are compressed (bag-formats.md 1.4, 3.2).
#pragma once

#include <cstdint>
#include <optional>
#include <string_view>

namespace bagloom::bag {

/// lz4 is always the frame format. ROS 1 bags have no zstd, MCAP has no bz2.
enum class Compression { none, lz4, bz2, zstd };

inline std::string_view name_of(Compression compression) {
  switch (compression) {
    case Compression::none: return "none";
    case Compression::lz4: return "lz4";
    case Compression::bz2: return "bz2";
    case Compression::zstd: return "zstd";
  }
  return "none";
}

}  // namespace bagloom::bag
