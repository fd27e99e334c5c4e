// One pass over a message that notes where the wanted fields stand. Internal to msg/.
#pragma once

#include <cstdint>
#include <memory>
#include <span>
#include <vector>

#include "base/bytes.h"
#include "base/result.h"
#include "msg/definition.h"
#include "msg/field_path.h"
#include "msg/layout.h"

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
  static Result<Walk> compile(const MessageType& root, const std::vector<Wanted>& wanted);

  const std::vector<Target>& targets() const { return targets_; }  ///< as `wanted`
  std::uint32_t slots() const { return slots_; }

  /// Fills all slots. Errors (corrupt): the message is too short or too long, or an array of messages has another length.
  Status run(Bytes message, std::span<Found> found) const;

 private:
  friend class WalkCompiler;

  struct Op {
    enum class Kind : std::uint8_t {
      skip,          ///< `skip`
      note_string,   ///< slot: a string: its bytes
      note_fixed,    ///< slot: `number` elements of `skip.bytes` bytes
      note_counted,  ///< slot: uint32 count, elements of `skip.bytes` bytes
      note_strings,  ///< slot: `number` strings; `at` is the first one's length
      note_counted_strings,
      begin_array,    ///< uint32 count into a register; at least `number`, exactly where `exact`
      rest_of_array,  ///< steps over elements from `number` on
    };
    Kind kind = Kind::skip;
    bool exact = false;
    std::uint32_t slot = 0;  ///< or the register
    std::uint32_t number = 0;
    Skip skip;                     ///< for arrays: the step over one element
    const Field* field = nullptr;  ///< for messages; owned by the definition
  };

  Error out_of_bytes(const Position& position) const;

  std::vector<Op> ops_;
  std::vector<std::vector<Skip>> blocks_;
  std::vector<Target> targets_;
  std::uint32_t slots_ = 0;
  /// Every message has this size and every slot this place: nothing is walked.
  bool fixed_ = false;
  std::uint64_t fixed_bytes_ = 0;
  std::vector<Found> fixed_found_;
};

/// "no field `joint` in kuavo_msgs/jointData; did you mean `joint_q`?", or the field.
Result<const Field*> find_field(const MessageType& type, const std::string& name);

}  // namespace bagloom::msg
