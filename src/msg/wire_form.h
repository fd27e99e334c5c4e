// How the values of a message lie in its bytes: ROS 1, or one of the CDR encodings (bag-formats.md 2.3 and 5). Internal to msg/.
#pragma once

#include <bit>
#include <cstdint>
#include <string_view>

#include "base/bytes.h"
#include "base/cursor.h"
#include "base/result.h"
#include "msg/definition.h"

namespace bagloom::msg {

/// What stands between the values.
enum class Packing : std::uint8_t {
  ros1,            ///< nothing
  cdr,             ///< plain CDR: padding up to each value's size, 8 at most
  cdr2,            ///< plain XCDR2: up to 4; a uint32 byte length (DHEADER) before arrays of anything but numbers
  cdr2_delimited,  ///< XCDR2 of types that may grow: also before each message inside the message, and before the whole
};
inline constexpr std::size_t kPackings = 4;

inline constexpr bool has_array_headers(Packing packing) { return packing >= Packing::cdr2; }
inline constexpr bool has_message_headers(Packing packing) { return packing == Packing::cdr2_delimited; }

/// Where a value may begin: multiples of this many bytes, counted from the fifth byte of the message. 1, 2, 4 or 8.
std::uint8_t alignment_of(Primitive primitive, Packing packing);

/// Of one message.
struct WireForm {
  Packing packing = Packing::ros1;
  std::endian order = std::endian::little;
};

/// Bytes of the header that says which encoding a CDR message has (the encapsulation header).
inline constexpr std::size_t kCdrHeaderBytes = 4;

/// Reads that header. Errors (corrupt): no such header; an encoding that this version does not read, by name.
Result<WireForm> read_cdr_header(Bytes message);

/// The next place at or after `at` that is aligned; positions count from the message's first byte, alignment from its fifth.
inline constexpr std::uint64_t aligned(std::uint64_t at, std::uint8_t alignment) {
  static_assert(kCdrHeaderBytes == 4);
  // No alignment is above 8, and 4 more or 4 less is the same place modulo 8.
  const std::uint64_t mask = alignment - std::uint64_t{1};
  return ((at + 4 + mask) & ~mask) - 4;
}

/// A string's bytes without the NUL that CDR counts in (not every writer does).
inline std::uint32_t without_nul(Bytes text) {
  const auto length = static_cast<std::uint32_t>(text.size());
  return length > 0 && text.back() == std::byte{0} ? length - 1 : length;
}

/// The strings of an array that a walk has stepped over (so they lie inside the message), one by one.
class Strings {
 public:
  Strings(Bytes message, std::uint64_t at, WireForm form)
      : message_(message), at_(at), cdr_(form.packing != Packing::ros1), order_(form.order) {}

  /// Lives as long as the message.
  std::string_view next() {
    if (cdr_) at_ = aligned(at_, 4);
    const Bytes here = message_.subspan(static_cast<std::size_t>(at_));
    const auto length = Cursor::load<std::uint32_t>(here, order_);
    at_ += sizeof length + std::uint64_t{length};
    const Bytes text = here.subspan(sizeof length, length);
    return as_text(cdr_ ? text.first(without_nul(text)) : text);
  }

 private:
  Bytes message_;
  std::uint64_t at_;
  bool cdr_;
  std::endian order_;
};

}  // namespace bagloom::msg
