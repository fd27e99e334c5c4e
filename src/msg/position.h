// Moving through the bytes of one message, bounds checked. Internal to msg/.
#pragma once

#include <bit>
#include <cstdint>
#include <vector>

#include "base/bytes.h"
#include "base/cursor.h"
#include "msg/layout.h"
#include "msg/wire_form.h"

namespace bagloom::msg {

/// Where a walk through a message stands. Moving past the end sets `failed` and moves no more. ROS 1 has no alignment and one
/// order of bytes: there nothing of it is left when compiled.
template <bool kCdr, std::endian kOrder>
struct Position {
  Bytes message;
  std::uint64_t at = 0;
  bool failed = false;
  std::uint64_t empty_sequences = 0;  ///< seen so far; CDR only

  std::uint64_t remaining() const { return message.size() - at; }

  bool skip(std::uint64_t n) {
    if (n > remaining())
      failed = true;
    else
      at += n;
    return !failed;
  }

  /// Over the padding in front of a value.
  void align(std::uint8_t alignment) {
    if constexpr (kCdr) {
      const std::uint64_t next = aligned(at, alignment);
      if (next > message.size())
        failed = true;
      else
        at = next;
    }
  }

  /// Elements of one size; of none, no padding either (bag-formats.md 5.2).
  void skip_elements(std::uint64_t count, std::uint64_t bytes, std::uint8_t alignment) {
    if constexpr (kCdr) {
      if (count == 0 || bytes == 0) return;
      align(alignment);
      if (!failed) skip(bytes_of_elements(count, bytes, alignment));
    } else {
      // Both factors are below 2^32.
      skip(count * bytes);
    }
  }

  /// Gives 0 where the message ends before.
  std::uint32_t count() {
    align(4);
    if (remaining() < sizeof(std::uint32_t)) failed = true;
    if (failed) return 0;
    const auto value = Cursor::load<std::uint32_t>(message.subspan(static_cast<std::size_t>(at)), kOrder);
    at += sizeof(std::uint32_t);
    if constexpr (kCdr) empty_sequences += value == 0 ? 1 : 0;
    return value;
  }
};

template <class AnyPosition>
void run_skip(const Skip& skip, const std::vector<std::vector<Skip>>& blocks, AnyPosition& position);

template <class AnyPosition>
void run_block(std::uint32_t block, const std::vector<std::vector<Skip>>& blocks, AnyPosition& position) {
  for (const Skip& skip : blocks[block]) {
    run_skip(skip, blocks, position);
    if (position.failed) return;
  }
}

/// Work is bounded by the message's size: only elements that take bytes are visited one by one (an array of four billion empty
/// messages is `counted_bytes` of 0), and types nest at most 64 deep.
template <class AnyPosition>
void run_skip(const Skip& skip, const std::vector<std::vector<Skip>>& blocks, AnyPosition& position) {
  switch (skip.kind) {
    case Skip::Kind::bytes:
      position.align(skip.alignment);
      if (!position.failed) position.skip(skip.bytes);
      return;
    case Skip::Kind::counted_bytes: {
      const std::uint32_t count = position.count();
      if (!position.failed) position.skip_elements(count, skip.bytes, skip.alignment);
      return;
    }
    case Skip::Kind::blocks:
      for (std::uint64_t i = 0; i < skip.bytes && !position.failed; ++i) run_block(skip.block, blocks, position);
      return;
    case Skip::Kind::counted_blocks: {
      const std::uint32_t count = position.count();
      for (std::uint32_t i = 0; i < count && !position.failed; ++i) run_block(skip.block, blocks, position);
      return;
    }
  }
}

}  // namespace bagloom::msg
