// How to step over what nobody wants: per type, a short list of skips. Internal to msg/.
#pragma once

#include <cstdint>
#include <unordered_map>
#include <vector>

#include "base/bytes.h"
#include "msg/definition.h"

namespace bagloom::msg {

/// One step over bytes. Steps of a type stand in a block; types that occur often share theirs, so that a program's size does not
/// grow with the number of ways to a type.
struct Skip {
  enum class Kind : std::uint8_t {
    bytes,           ///< `bytes` bytes
    counted_bytes,   ///< uint32 count, then count x `bytes` (strings, arrays of elements of one size)
    blocks,          ///< `bytes` times the block
    counted_blocks,  ///< uint32 count, then count times the block
  };
  Kind kind = Kind::bytes;
  std::uint32_t block = 0;
  std::uint64_t bytes = 0;
};

/// Where a walk through a message stands. Moving past the end sets `failed` and moves no more.
struct Position {
  Bytes message;
  std::uint64_t at = 0;
  bool failed = false;

  std::uint64_t remaining() const { return message.size() - at; }
  bool skip(std::uint64_t n) {
    if (n > remaining())
      failed = true;
    else
      at += n;
    return !failed;
  }
  /// Gives 0 where the message ends before.
  std::uint32_t count();
};

/// The skips of the types of one Definition, made on demand.
class Layouts {
 public:
  Layouts();

  /// Bytes of one element, where that is the same in every message; false where it varies.
  bool fixed_bytes(const Field& field, std::uint64_t& bytes);
  /// The block that steps over one element of the field.
  std::uint32_t element_block(const Field& field);
  /// The step over the whole field (all of an array). May be `bytes` of 0.
  Skip whole_field(const Field& field);

  /// Blocks by number; moved out when the program is complete.
  std::vector<std::vector<Skip>> take() && { return std::move(blocks_); }

 private:
  struct TypeLayout {
    bool fixed = false;
    std::uint64_t bytes = 0;
    std::uint32_t block = 0;
  };
  const TypeLayout& layout_of(const MessageType& type);

  std::vector<std::vector<Skip>> blocks_;  // 0: a string
  std::unordered_map<const MessageType*, TypeLayout> layouts_;
};

/// Appends a skip, joining it with a skip of plain bytes before it; one of 0 bytes is dropped.
void append_skip(std::vector<Skip>& skips, const Skip& skip);

/// Work is bounded by the message's size: only elements that take bytes are visited one by one (an array of four billion empty
/// messages is `counted_bytes` of 0), and types nest at most 64 deep.
void run_skip(const Skip& skip, const std::vector<std::vector<Skip>>& blocks, Position& position);

}  // namespace bagloom::msg
