// The one place that turns bytes into numbers: little-endian unless said otherwise, bounds checked, never aligned.
#pragma once

#include <bit>
#include <cstring>
#include <string>
#include <type_traits>

#include "base/bytes.h"
#include "base/result.h"

namespace bagloom {

/// Reads forward through a view. Reading past the end is an Error (corrupt) that says how many bytes
/// were wanted, how many remain, and at which offset from the view's beginning.
class Cursor {
 public:
  explicit Cursor(Bytes bytes) : bytes_(bytes) {}

  std::size_t offset() const { return offset_; }
  std::size_t remaining() const { return bytes_.size() - offset_; }

  Result<std::uint8_t> u8() { return number<std::uint8_t>(); }
  Result<std::uint16_t> u16() { return number<std::uint16_t>(); }
  Result<std::uint32_t> u32() { return number<std::uint32_t>(); }
  Result<std::uint64_t> u64() { return number<std::uint64_t>(); }

  template <class T>
  Result<T> number() {
    static_assert(std::is_arithmetic_v<T>);
    if (remaining() < sizeof(T)) return short_by(sizeof(T));
    T value = load<T>(bytes_.subspan(offset_));
    offset_ += sizeof(T);
    return value;
  }

  /// The next n bytes, as a view into the same bytes.
  Result<Bytes> take(std::uint64_t n) {
    if (n > remaining()) return short_by(n);
    Bytes view = bytes_.subspan(offset_, static_cast<std::size_t>(n));
    offset_ += static_cast<std::size_t>(n);
    return view;
  }
  Status skip(std::uint64_t n) {
    if (n > remaining()) return short_by(n);
    offset_ += static_cast<std::size_t>(n);
    return {};
  }
  /// Leftover bytes are an error: they mean a wrong definition or a wrong length.
  Status end() const {
    if (remaining() == 0) return {};
    return Error(ErrorKind::corrupt, std::to_string(remaining()) + " bytes left over at offset " + std::to_string(offset_));
  }

  /// Unchecked load for callers that have checked the size of `bytes` themselves.
  template <class T>
  static T load(Bytes bytes, std::endian order = std::endian::little) {
    T value;
    if (order == std::endian::native) {
      std::memcpy(&value, bytes.data(), sizeof(T));
    } else {
      std::byte swapped[sizeof(T)];
      for (std::size_t i = 0; i < sizeof(T); ++i) swapped[i] = bytes[sizeof(T) - 1 - i];
      std::memcpy(&value, swapped, sizeof(T));
    }
    return value;
  }

 private:
  Error short_by(std::uint64_t wanted) const {
    return Error(ErrorKind::corrupt, "wanted " + std::to_string(wanted) + " bytes at offset " + std::to_string(offset_) + ", " +
                                         std::to_string(remaining()) + " remain");
  }

  Bytes bytes_;
  std::size_t offset_ = 0;
};

}  // namespace bagloom
