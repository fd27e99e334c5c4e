// How a chunk's bytes are compressed (bag-formats.md 1.4).
#pragma once

#include <cstdint>
#include <optional>
#include <string_view>

#include "bag/rosbag1_writer.h"

namespace bagloom::bag {

/// The names that chunk headers use; nothing for an unknown one.
inline std::optional<Compression> compression_named(std::string_view name) {
  if (name == "none") return Compression::none;
  if (name == "lz4") return Compression::lz4;
  if (name == "bz2") return Compression::bz2;
  return std::nullopt;
}

inline std::string_view name_of(Compression compression) {
  switch (compression) {
    case Compression::none: return "none";
    case Compression::lz4: return "lz4";
    case Compression::bz2: return "bz2";
  }
  return "none";
}

}  // namespace bagloom::bag
