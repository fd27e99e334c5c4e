// How to step over what nobody wants: per type, a short list of skips. Internal to msg/.
#pragma once

#include <cstdint>
#include <unordered_map>
#include <vector>

#include "msg/definition.h"
#include "msg/wire_form.h"

namespace bagloom::msg {

/// One step over bytes. Steps of a type stand in a block; types that occur often share theirs, so that a program's size does not
/// grow with the number of ways to a type.
struct Skip {
  enum class Kind : std::uint8_t {
    bytes,           ///< `bytes` bytes, 1 at least
    counted_bytes,   ///< uint32 count, then as many elements of `bytes` bytes (strings, arrays of elements of one size)
    blocks,          ///< `bytes` times the block
    counted_blocks,  ///< uint32 count, then count times the block
  };
  Kind kind = Kind::bytes;
  std::uint8_t alignment = 1;  ///< of the bytes; each element of counted_bytes. ROS 1: 1
  std::uint32_t block = 0;
  std::uint64_t bytes = 0;
};

/// Bytes of `count` elements of one size, the padding between them counted. At most 2^32 elements of 2^32 bytes.
inline constexpr std::uint64_t bytes_of_elements(std::uint64_t count, std::uint64_t bytes, std::uint8_t alignment) {
  const std::uint64_t mask = alignment - std::uint64_t{1};
  return count == 0 || bytes == 0 ? 0 : (count - 1) * ((bytes + mask) & ~mask) + bytes;
}

/// The skips of the types of one Definition in one packing, made on demand.
class Layouts {
 public:
  explicit Layouts(Packing packing);

  /// The step over one element of the field: `bytes` where every element has the same size, else one time its block.
  Skip one_element(const Field& field);
  /// The step over the whole field (all of an array). May be `bytes` of 0.
  Skip whole_field(const Field& field);

  /// Blocks by number; moved out when the program is complete.
  std::vector<std::vector<Skip>> take() && { return std::move(blocks_); }

 private:
  struct TypeLayout {
    bool fixed = false;  ///< one step of `bytes`
    Skip step;
    std::uint32_t block = 0;
  };
  const TypeLayout& layout_of(const MessageType& type);

  Packing packing_;
  std::vector<std::vector<Skip>> blocks_;  // 0: a string, or whatever has its byte length before it; 1: a wstring
  std::unordered_map<const MessageType*, TypeLayout> layouts_;
};

/// Appends a skip. One of plain bytes is joined with one before it, where the padding between them is always the same; one of
/// 0 bytes is dropped.
void append_skip(std::vector<Skip>& skips, const Skip& skip);

/// Whether `next` can be joined to `skip` (both of plain bytes); then it is, up to `most` bytes.
bool join(Skip& skip, const Skip& next, std::uint64_t most);

}  // namespace bagloom::msg
