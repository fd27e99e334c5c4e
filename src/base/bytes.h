// Views of bytes. A view never owns; each function that returns one says how long it lives.
#pragma once

#include <cstddef>
#include <cstdint>
#include <span>
#include <string_view>

namespace bagloom {

using Bytes = std::span<const std::byte>;
using MutableBytes = std::span<std::byte>;

/// The bytes as characters; lives as long as the bytes do.
inline std::string_view as_text(Bytes bytes) { return {reinterpret_cast<const char*>(bytes.data()), bytes.size()}; }
inline Bytes as_bytes(std::string_view text) { return {reinterpret_cast<const std::byte*>(text.data()), text.size()}; }
/// For C libraries that take unsigned char.
inline const std::uint8_t* as_u8(Bytes bytes) { return reinterpret_cast<const std::uint8_t*>(bytes.data()); }
inline std::uint8_t* as_u8(MutableBytes bytes) { return reinterpret_cast<std::uint8_t*>(bytes.data()); }

}  // namespace bagloom
