// One pass over a message that notes where the wanted fields stand. Internal to msg/.
#pragma once

#include <array>
#include <cstdint>
#include <memory>
#include <span>
#include <vector>

#include "base/bytes.h"
#include "base/result.h"
#include "msg/definition.h"
#include "msg/field_path.h"
#include "msg/layout.h"
#include "msg/wire_form.h"

namespace bagloom::msg {

/// Where a field of a message stands: `count` elements from `at` (bytes from the message's beginning).
struct Found {
  std::uint64_t at = 0;
  std::uint32_t count = 0;
};

/// A field that a path leads to. A path with a range over an array of messages leads to one place an element.
struct Target {
  const Field* field = nullptr;      ///< the last step's
  std::string parent;                ///< the type that has the field, for messages
  std::vector<std::uint32_t> slots;  ///< of the Founds that a walk fills
  bool ranged = false;               ///< the last step carries an index or a range: take [begin, end) of the field
  std::uint32_t begin = 0, end = 0;
};

/// What to look for: a path, and how many elements an array of messages without a range must have.
struct Wanted {
  FieldPath path;
  std::uint32_t whole_array_length = 0;  ///< 0: such an array is an error of the path
};

/// Compiled for one definition and a set of paths. Immutable.
class Walk {
 public:
  /// Errors (invalid): no such field (with the nearest names), a step into a primitive, a message as the last step, an index
  /// outside a fixed array, more work than a sane recipe asks for.
  static Result<Walk> compile(const Definition& definition, const std::vector<Wanted>& wanted);

  const std::vector<Target>& targets() const { return targets_; }  ///< as `wanted`
  std::uint32_t slots() const { return slots_; }

  /// Fills all slots, and says how the values lie. Errors (corrupt): the message is too short or too long, an array of messages
  /// has another length, no CDR that this version reads.
  /// CDR messages may carry a few bytes of anything behind the last field (bag-formats.md 5.2): more than 7 bytes and 4 for each
  /// empty array are too long, for then the definition is not the one that they were written with.
  Status run(Bytes message, std::span<Found> found, WireForm& form) const;

 private:
  friend class WalkCompiler;

  struct Op {
    enum class Kind : std::uint8_t {
      skip,          ///< `skip`
      note_string,   ///< slot: a string: its bytes
      note_fixed,    ///< slot: `number` elements of `skip.bytes` bytes
      note_counted,  ///< slot: uint32 count, elements of `skip.bytes` bytes
      note_behind,   ///< slot: one element that stands `number` bytes back: a part of a time
      note_strings,  ///< slot: `number` strings; `at` is the first one's length
      note_counted_strings,
      begin_array,    ///< uint32 count into a register; at least `number`, exactly where `exact`
      rest_of_array,  ///< steps over elements from `number` on
      begin_extent,   ///< XCDR2: uint32 byte length of what follows, into a register
      end_extent,     ///< steps to that end
      refuse_times,   ///< an error: times do not stand side by side in delimited XCDR2
    };
    Kind kind = Kind::skip;
    bool exact = false;
    std::uint32_t slot = 0;  ///< or the register
    std::uint32_t number = 0;
    Skip skip;                     ///< for arrays: the step over one element
    const Field* field = nullptr;  ///< for messages; owned by the definition
  };

  /// For one packing.
  struct Program {
    std::vector<Op> ops;
    std::vector<std::vector<Skip>> blocks;
    /// What stands at the same place in every message is not walked: the first `fixed_ops` ops, `fixed_bytes` in all, and the
    /// slots that they fill.
    std::size_t fixed_ops = 0;
    std::uint64_t fixed_bytes = 0;
    std::vector<Found> fixed_found;
  };

  template <bool kCdr, std::endian kOrder>
  static Status run_program(const Program& program, Bytes message, std::span<Found> found);
  Status run_cdr(Bytes message, std::span<Found> found, WireForm& form) const;
  Status run_either(Bytes message, std::span<Found> found, WireForm& form) const;

  Wire wire_ = Wire::ros1;
  std::array<Program, kPackings> programs_;  ///< by Packing; those of the definition's wire
  std::vector<Target> targets_;
  std::uint32_t slots_ = 0;
};

/// "no field `joint` in kuavo_msgs/jointData; did you mean `joint_q`?", or the field.
Result<const Field*> find_field(const MessageType& type, const std::string& name);

}  // namespace bagloom::msg
