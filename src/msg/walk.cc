#include "msg/walk.h"

#include <algorithm>
#include <array>

namespace bagloom::msg {
namespace {

// Arrays of messages inside one another, each entered by an index: parse caps nesting at 64 types.
constexpr std::size_t kMostRegisters = 64;

}  // namespace

Status Walk::run(Bytes message, std::span<Found> found) const {
  if (fixed_) {
    if (message.size() != fixed_bytes_) {
      return Error(ErrorKind::corrupt,
                   "a message of " + std::to_string(message.size()) + " bytes, its type has " + std::to_string(fixed_bytes_));
    }
    std::copy(fixed_found_.begin(), fixed_found_.end(), found.begin());
    return {};
  }

  Position position{message};
  std::array<std::uint32_t, kMostRegisters> registers{};
  for (const Op& op : ops_) {
    switch (op.kind) {
      case Op::Kind::skip: run_skip(op.skip, blocks_, position); break;
      case Op::Kind::note_string: {
        const std::uint32_t length = position.count();
        found[op.slot] = {position.at, length};
        position.skip(length);
        break;
      }
      case Op::Kind::note_fixed:
        found[op.slot] = {position.at, op.number};
        position.skip(std::uint64_t{op.number} * op.skip.bytes);
        break;
      case Op::Kind::note_counted: {
        const std::uint32_t count = position.count();
        found[op.slot] = {position.at, count};
        position.skip(std::uint64_t{count} * op.skip.bytes);
        break;
      }
      case Op::Kind::note_strings:
      case Op::Kind::note_counted_strings: {
        const std::uint32_t count = op.kind == Op::Kind::note_strings ? op.number : position.count();
        found[op.slot] = {position.at, count};
        for (std::uint32_t i = 0; i < count && !position.failed; ++i) position.skip(position.count());
        break;
      }
      case Op::Kind::begin_array: {
        const std::uint32_t count = position.count();
        if (position.failed) break;
        if (count < op.number || (op.exact && count != op.number)) {
          return Error(ErrorKind::corrupt, "array `" + op.field->name + "` has " + std::to_string(count) + " elements, " +
                                               (op.exact ? "" : "at least ") + std::to_string(op.number) + " are expected");
        }
        registers[op.slot] = count;
        break;
      }
      case Op::Kind::rest_of_array: {
        const std::uint32_t rest = registers[op.slot] - op.number;
        if (op.skip.kind == Skip::Kind::bytes) {
          position.skip(std::uint64_t{rest} * op.skip.bytes);
          break;
        }
        for (std::uint32_t i = 0; i < rest && !position.failed; ++i) run_skip(op.skip, blocks_, position);
        break;
      }
    }
    if (position.failed) return out_of_bytes(position);
  }
  if (position.remaining() > 0) {
    return Error(ErrorKind::corrupt, std::to_string(position.remaining()) + " of the message's " +
                                         std::to_string(message.size()) + " bytes left over after the last field");
  }
  return {};
}

Error Walk::out_of_bytes(const Position& position) const {
  return Error(ErrorKind::corrupt, "the message ends too early: its fields need more than its " +
                                       std::to_string(position.message.size()) + " bytes (at offset " +
                                       std::to_string(position.at) + ")");
}

}  // namespace bagloom::msg
