#include "msg/walk.h"

#include <algorithm>
#include <array>

#include "msg/position.h"

namespace bagloom::msg {
namespace {

// Arrays of messages inside one another, each entered by an index: parse caps nesting at 64 types.
constexpr std::size_t kMostRegisters = 64;
// Each of them and each message may have an extent.
constexpr std::size_t kMostExtents = 2 * kMostRegisters;
// bag-formats.md 5.2: padding to 8, and what some writers set aside for each empty sequence.
constexpr std::uint64_t kCdrRest = 7;
constexpr std::uint64_t kCdrRestOfSequence = 4;

Error out_of_bytes(Bytes message, std::uint64_t at) {
  return Error(ErrorKind::corrupt, "the message ends too early: its fields need more than its " + std::to_string(message.size()) +
                                       " bytes (at offset " + std::to_string(at) + ")");
}

Error wrong_length(const Field& array, std::uint32_t count, std::uint32_t expected, bool exact) {
  return Error(ErrorKind::corrupt, "array `" + array.name + "` has " + std::to_string(count) + " elements, " +
                                       (exact ? "" : "at least ") + std::to_string(expected) + " are expected");
}

Error wrong_size(Bytes message, std::uint64_t fixed_bytes) {
  return Error(ErrorKind::corrupt,
               "a message of " + std::to_string(message.size()) + " bytes, its type has " + std::to_string(fixed_bytes));
}

Error left_over(Bytes message, std::uint64_t bytes) {
  return Error(ErrorKind::corrupt, std::to_string(bytes) + " of the message's " + std::to_string(message.size()) +
                                       " bytes left over after the last field");
}

}  // namespace

template <bool kCdr, std::endian kOrder>
Status Walk::run_program(const Program& program, Bytes message, std::span<Found> found) {
  if (program.fixed_ops == program.ops.size()) {
    const std::uint64_t most = program.fixed_bytes + (kCdr ? kCdrRest : 0);
    if (message.size() < program.fixed_bytes || message.size() > most) return wrong_size(message, program.fixed_bytes);
    std::copy(program.fixed_found.begin(), program.fixed_found.end(), found.begin());
    return {};
  }
  Position<kCdr, kOrder> position{message};
  std::size_t first = 0;
  if (message.size() >= program.fixed_bytes) {
    std::copy(program.fixed_found.begin(), program.fixed_found.end(), found.begin());
    position.at = program.fixed_bytes;
    first = program.fixed_ops;
  } else if (kCdr) {
    position.at = kCdrHeaderBytes;
  }
  std::array<std::uint32_t, kMostRegisters> registers;
  [[maybe_unused]] std::array<std::uint64_t, kCdr ? kMostExtents : 0> extents;
  for (std::size_t i = first; i < program.ops.size(); ++i) {
    const Op& op = program.ops[i];
    switch (op.kind) {
      case Op::Kind::skip: run_skip(op.skip, program.blocks, position); break;
      case Op::Kind::note_string: {
        std::uint32_t length = position.count();
        const std::uint64_t at = position.at;
        position.skip(length);
        if constexpr (kCdr) {
          if (!position.failed) length = without_nul(message.subspan(static_cast<std::size_t>(at), length));
        }
        found[op.slot] = {at, length};
        break;
      }
      case Op::Kind::note_fixed:
        if (op.number > 0) position.align(op.skip.alignment);
        found[op.slot] = {position.at, op.number};
        if (!position.failed) position.skip(std::uint64_t{op.number} * op.skip.bytes);
        break;
      case Op::Kind::note_counted: {
        const std::uint32_t count = position.count();
        if (count > 0) position.align(op.skip.alignment);
        found[op.slot] = {position.at, count};
        if (!position.failed) position.skip(std::uint64_t{count} * op.skip.bytes);
        break;
      }
      case Op::Kind::note_behind: found[op.slot] = {position.at - op.number, 1}; break;
      case Op::Kind::note_strings:
      case Op::Kind::note_counted_strings: {
        const std::uint32_t count = op.kind == Op::Kind::note_strings ? op.number : position.count();
        found[op.slot] = {position.at, count};
        for (std::uint32_t n = 0; n < count && !position.failed; ++n) position.skip(position.count());
        break;
      }
      case Op::Kind::begin_array: {
        const std::uint32_t count = position.count();
        if (position.failed) break;
        if (count < op.number || (op.exact && count != op.number)) return wrong_length(*op.field, count, op.number, op.exact);
        registers[op.slot] = count;
        break;
      }
      case Op::Kind::rest_of_array: {
        const std::uint32_t rest = registers[op.slot] - op.number;
        if (op.skip.kind == Skip::Kind::bytes) {
          position.skip_elements(rest, op.skip.bytes, op.skip.alignment);
          break;
        }
        for (std::uint32_t n = 0; n < rest && !position.failed; ++n) run_skip(op.skip, program.blocks, position);
        break;
      }
      case Op::Kind::begin_extent:
        if constexpr (kCdr) {
          const std::uint32_t bytes = position.count();
          if (bytes > position.remaining()) position.failed = true;
          extents[op.slot] = position.at + bytes;
        }
        break;
      case Op::Kind::end_extent:
        if constexpr (kCdr) {
          if (position.at > extents[op.slot]) {
            return Error(ErrorKind::corrupt,
                         "a part of the message is shorter than its fields (at offset " + std::to_string(extents[op.slot]) + ")");
          }
          position.at = extents[op.slot];  // fields that a newer version of the type has added
        }
        break;
      case Op::Kind::refuse_times:
        return Error(ErrorKind::corrupt,
                     "array `" + op.field->name + "` of times in delimited XCDR2, which this version does not read");
    }
    if (position.failed) return out_of_bytes(message, position.at);
  }
  const std::uint64_t allowed = kCdr ? kCdrRest + kCdrRestOfSequence * position.empty_sequences : 0;
  if (position.remaining() > allowed) return left_over(message, position.remaining());
  return {};
}

Status Walk::run(Bytes message, std::span<Found> found, WireForm& form) const {
  if (wire_ == Wire::cdr) return run_cdr(message, found, form);
  if (wire_ == Wire::ros1_or_cdr) return run_either(message, found, form);
  form = {};
  return run_program<false, std::endian::little>(programs_[static_cast<std::size_t>(Packing::ros1)], message, found);
}

Status Walk::run_cdr(Bytes message, std::span<Found> found, WireForm& form) const {
  ASSIGN_OR_RETURN(form, read_cdr_header(message));
  const Program& program = programs_[static_cast<std::size_t>(form.packing)];
  if (form.order == std::endian::big) return run_program<true, std::endian::big>(program, message, found);
  return run_program<true, std::endian::little>(program, message, found);
}

Status Walk::run_either(Bytes message, std::span<Found> found, WireForm& form) const {
  const Program& packed = programs_[static_cast<std::size_t>(Packing::ros1)];
  const Status cdr = run_cdr(message, found, form);
  const WireForm cdr_form = form;
  form = {};
  const Status ros1 = run_program<false, std::endian::little>(packed, message, found);
  if (ros1.ok() && cdr.ok()) {
    return Error(ErrorKind::corrupt, "the recording says both ROS 1 and CDR, and this message can be read as either");
  }
  if (ros1.ok()) return {};
  if (!cdr.ok()) {
    return Error(ErrorKind::corrupt, "the recording says both ROS 1 and CDR, and neither fits: " + ros1.error().message() + "; " +
                                         cdr.error().message());
  }
  return run_cdr(message, found, form = cdr_form);
}

}  // namespace bagloom::msg
