#include <algorithm>
#include <functional>
#include <map>

#include "msg/nearest_name.h"
#include "msg/walk.h"

namespace bagloom::msg {
namespace {

// Far above a whole-body robot's needs; keeps a hostile or mistyped recipe from compiling for ever.
constexpr std::size_t kMostOps = 1u << 18;
constexpr std::size_t kMostWork = 1u << 23;  // fields looked at
// Beyond every message (a record's length is a uint32): sums of skips stop here instead of wrapping round.
constexpr std::uint64_t kBeyond = std::uint64_t{1} << 48;

bool is_seconds(const std::string& part) { return part == "sec" || part == "secs"; }

/// The number that stands in a time or duration: `header.stamp.sec`. ROS 1 and ROS 2 spell them differently, and so do languages.
const Field* part_of_time(const Field& time, const std::string& part, Packing packing) {
  static const Field kSigned{"", ArrayKind::none, 0, Primitive::int32, nullptr};
  static const Field kUnsigned{"", ArrayKind::none, 0, Primitive::uint32, nullptr};
  if (time.array != ArrayKind::none || time.message != nullptr) return nullptr;
  if (time.primitive != Primitive::time && time.primitive != Primitive::duration) return nullptr;
  const bool seconds = is_seconds(part);
  if (!seconds && part != "nanosec" && part != "nsec" && part != "nsecs") return nullptr;
  // ROS 1: both as the type says. ROS 2: int32 sec, uint32 nanosec, in both types.
  if (packing == Packing::ros1) return time.primitive == Primitive::time ? &kUnsigned : &kSigned;
  return seconds ? &kSigned : &kUnsigned;
}

}  // namespace

Result<const Field*> find_field(const MessageType& type, const std::string& name) {
  for (const Field& field : type.fields) {
    if (field.name == name) return &field;
  }
  for (const auto& [unread, why] : type.not_read) {
    if (unread == name) return Error(ErrorKind::invalid, "`" + name + "` of " + type.name + " " + why + ": it cannot be read");
  }
  std::vector<std::string> names;
  for (const Field& field : type.fields) names.push_back(field.name);
  return Error(ErrorKind::invalid, "no field `" + name + "` in " + type.name + suggestion(name, names));
}

/// Turns paths into ops of one packing, in the order of the fields. Elements of arrays of messages that a path selects are
/// compiled one by one.
class WalkCompiler {
 public:
  WalkCompiler(const std::vector<Wanted>& wanted, Packing packing) : wanted_(wanted), packing_(packing), layouts_(packing) {
    targets_.resize(wanted.size());
  }

  /// Adds the program to the walk. Slots and targets come out the same for every packing.
  Status compile_into(const MessageType& root, Walk& walk) {
    for (const Wanted& want : wanted_) {
      if (want.path.steps.empty()) return Error(ErrorKind::invalid, "an empty field path");
    }
    std::vector<Pending> all;
    for (std::size_t i = 0; i < wanted_.size(); ++i) all.push_back({i, 0});
    RETURN_IF_ERROR(enter_message(root, all));
    fix_offsets();
    program_.blocks = std::move(layouts_).take();
    walk.programs_[static_cast<std::size_t>(packing_)] = std::move(program_);
    walk.slots_ = slots_;
    if (walk.targets_.empty()) walk.targets_ = std::move(targets_);
    return {};
  }

 private:
  /// A path and how many of its steps are behind.
  struct Pending {
    std::size_t wanted;
    std::size_t step;
  };
  using Op = Walk::Op;
  using Kind = Walk::Op::Kind;

  const PathStep& step_of(const Pending& pending) const { return wanted_[pending.wanted].path.steps[pending.step]; }
  bool is_last(const Pending& pending) const { return pending.step + 1 == wanted_[pending.wanted].path.steps.size(); }
  Error&& about(Error&& error, const Pending& pending) const {
    return std::move(error).in("field path `" + wanted_[pending.wanted].path.text + "`");
  }

  /// A message in its extent, where the packing gives it one.
  Status enter_message(const MessageType& type, const std::vector<Pending>& pendings) {
    if (!has_message_headers(packing_)) return enter(type, pendings);
    return in_extent([&] { return enter(type, pendings); });
  }

  Status in_extent(const std::function<Status()>& compile_inside) {
    const std::uint32_t extent = extents_++;
    RETURN_IF_ERROR(add({Kind::begin_extent, false, extent, 0, {}, nullptr}));
    RETURN_IF_ERROR(compile_inside());
    RETURN_IF_ERROR(add({Kind::end_extent, false, extent, 0, {}, nullptr}));
    --extents_;
    return {};
  }

  Status enter(const MessageType& type, const std::vector<Pending>& pendings) {
    work_ += type.fields.size() * (1 + pendings.size());
    if (work_ > kMostWork) return too_much();
    std::map<const Field*, std::vector<Pending>> by_field;
    for (const Pending& pending : pendings) {
      auto field = find_field(type, step_of(pending).field);
      if (!field.ok()) return about(std::move(field).error(), pending);
      by_field[*field].push_back(pending);
    }
    for (const Field& field : type.fields) {
      const auto wanted = by_field.find(&field);
      if (wanted == by_field.end()) {
        RETURN_IF_ERROR(add_skip(layouts_.whole_field(field)));
      } else if (field.message == nullptr) {
        RETURN_IF_ERROR(note_in_extent(type, field, wanted->second));
      } else {
        RETURN_IF_ERROR(enter_field(field, wanted->second));
      }
    }
    return {};
  }

  /// XCDR2 gives arrays of strings and of times an extent, delimited XCDR2 each time too.
  Status note_in_extent(const MessageType& type, const Field& field, const std::vector<Pending>& pendings) {
    const bool text = field.primitive == Primitive::string || field.primitive == Primitive::wstring;
    const bool time = field.primitive == Primitive::time || field.primitive == Primitive::duration;
    const bool extent =
        field.array == ArrayKind::none ? time && has_message_headers(packing_) : (time || text) && has_array_headers(packing_);
    if (extent && time && field.array != ArrayKind::none && has_message_headers(packing_))
      RETURN_IF_ERROR(add({Kind::refuse_times, false, 0, 0, {}, &field}));
    return extent ? in_extent([&] { return note(type, field, pendings); }) : note(type, field, pendings);
  }

  Status note(const MessageType& type, const Field& field, const std::vector<Pending>& pendings) {
    Op op;
    op.slot = slots_++;
    op.field = &field;
    op.number = field.array == ArrayKind::fixed ? field.length : 1;
    op.skip.bytes = wire_bytes(field.primitive);
    op.skip.alignment = alignment_of(field.primitive, packing_);
    if (field.primitive == Primitive::string || field.primitive == Primitive::wstring) {
      op.kind = field.array == ArrayKind::none    ? Kind::note_string
                : field.array == ArrayKind::fixed ? Kind::note_strings
                                                  : Kind::note_counted_strings;
    } else {
      op.kind = field.array == ArrayKind::variable ? Kind::note_counted : Kind::note_fixed;
    }
    RETURN_IF_ERROR(add(op));
    for (const Pending& pending : pendings) {
      const PathStep& step = step_of(pending);
      Target& target = targets_[pending.wanted];
      if (!is_last(pending)) {
        const PathStep& next = wanted_[pending.wanted].path.steps[pending.step + 1];
        const Field* part = step.has_range || next.has_range || pending.step + 2 != wanted_[pending.wanted].path.steps.size()
                                ? nullptr
                                : part_of_time(field, next.field, packing_);
        if (part == nullptr) {
          return about(Error(ErrorKind::invalid, "`" + field.name + "` is a " + std::string(name_of(field.primitive)) +
                                                     " and has no field `" + next.field + "`"),
                       pending);
        }
        const std::uint32_t back = is_seconds(next.field) ? 8 : 4;
        target.field = part;
        target.parent = field.name;
        target.slots.push_back(slots_);
        RETURN_IF_ERROR(add({Kind::note_behind, false, slots_++, back, {}, nullptr}));
        continue;
      }
      if (field.primitive == Primitive::wstring) {
        return about(Error(ErrorKind::unsupported, "`" + field.name + "` is a wstring, which this version does not read"),
                     pending);
      }
      if (auto status = check_range(field, step); !status.ok()) return about(std::move(status).error(), pending);
      target.field = &field;
      target.parent = type.name;
      target.ranged = step.has_range;
      target.begin = step.begin;
      target.end = step.end;
      target.slots.push_back(op.slot);
    }
    return {};
  }

  static Status check_range(const Field& field, const PathStep& step) {
    if (!step.has_range) return {};
    if (field.array == ArrayKind::none) return Error(ErrorKind::invalid, "`" + field.name + "` is no array");
    if (field.array == ArrayKind::fixed && step.end > field.length) {
      return Error(ErrorKind::invalid, "`" + field.name + "` has " + std::to_string(field.length) +
                                           " elements, the range ends at " + std::to_string(step.end));
    }
    return {};
  }

  Status enter_field(const Field& field, const std::vector<Pending>& pendings) {
    std::uint64_t least = 0;
    std::uint64_t exactly = 0;  // 0: any number from `least` on
    std::vector<Pending> inner;
    std::map<std::uint64_t, std::vector<std::size_t>> starts;  // first element -> which of `inner`
    std::vector<std::uint64_t> ends;
    for (const Pending& pending : pendings) {
      if (is_last(pending)) {
        return about(Error(ErrorKind::invalid, "`" + field.name + "` is a " + field.message->name +
                                                   "; name one of its fields, such as `" + field.name + "." +
                                                   (field.message->fields.empty() ? "..." : field.message->fields[0].name) + "`"),
                     pending);
      }
      const PathStep& step = step_of(pending);
      if (auto status = check_range(field, step); !status.ok()) return about(std::move(status).error(), pending);
      std::uint64_t begin = step.begin;
      std::uint64_t end = step.has_range ? step.end : 1;
      if (!step.has_range && field.array != ArrayKind::none) {
        end = field.array == ArrayKind::fixed ? field.length : wanted_[pending.wanted].whole_array_length;
        if (end == 0) {
          return about(Error(ErrorKind::invalid, "`" + field.name + "` is an array: give an index or a range"), pending);
        }
        if (exactly != 0 && exactly != end) {
          return about(Error(ErrorKind::invalid, "`" + field.name + "` cannot have two lengths"), pending);
        }
        exactly = end;
      }
      if (end - begin > kMostOps) return too_much();
      starts[begin].push_back(inner.size());
      inner.push_back({pending.wanted, pending.step + 1});
      ends.push_back(end);
      least = std::max(least, end);
    }
    if (exactly != 0 && exactly < least) return Error(ErrorKind::invalid, "`" + field.name + "`: a range beyond its length");
    if (field.array == ArrayKind::none) return enter_message(*field.message, inner);
    const auto enter_array = [&] {
      return enter_array_of(field, inner, starts, ends, static_cast<std::uint32_t>(least), exactly != 0);
    };
    return has_array_headers(packing_) ? in_extent(enter_array) : enter_array();
  }

  Status enter_array_of(const Field& field, const std::vector<Pending>& inner,
                        const std::map<std::uint64_t, std::vector<std::size_t>>& starts, const std::vector<std::uint64_t>& ends,
                        std::uint32_t least, bool exact) {
    const Skip one = layouts_.one_element(field);
    const std::uint32_t index_register = depth_++;
    if (field.array == ArrayKind::variable) {
      RETURN_IF_ERROR(add({Kind::begin_array, exact, index_register, least, {}, &field}));
    }
    RETURN_IF_ERROR(enter_elements(field, inner, starts, ends, one));
    if (field.array == ArrayKind::variable) {
      RETURN_IF_ERROR(add({Kind::rest_of_array, false, index_register, least, one, &field}));
    } else {
      RETURN_IF_ERROR(skip_elements(one, field.length - least));
    }
    --depth_;
    return {};
  }

  /// Elements up to the last wanted one: those that a path wants are entered, stretches between them are stepped over.
  Status enter_elements(const Field& field, const std::vector<Pending>& inner,
                        const std::map<std::uint64_t, std::vector<std::size_t>>& starts, const std::vector<std::uint64_t>& ends,
                        const Skip& one) {
    std::vector<std::size_t> active;
    std::uint64_t element = 0;
    auto next = starts.begin();
    while (next != starts.end() || !active.empty()) {
      if (active.empty() && next->first > element) {
        RETURN_IF_ERROR(skip_elements(one, next->first - element));
        element = next->first;
      }
      for (; next != starts.end() && next->first == element; ++next) {
        active.insert(active.end(), next->second.begin(), next->second.end());
      }
      std::vector<Pending> here;
      for (std::size_t index : active) here.push_back(inner[index]);
      RETURN_IF_ERROR(enter_message(*field.message, here));
      ++element;
      std::erase_if(active, [&](std::size_t index) { return ends[index] <= element; });
      if (++work_ > kMostWork) return too_much();
    }
    return {};
  }

  Status skip_elements(const Skip& one, std::uint64_t count) {
    if (count == 0) return {};
    Skip skip = one;
    if (one.kind == Skip::Kind::bytes)
      skip.bytes = std::min(bytes_of_elements(count, one.bytes, one.alignment), kBeyond);
    else
      skip.bytes = count;
    return add_skip(skip);
  }

  Status add_skip(const Skip& skip) {
    if (skip.kind == Skip::Kind::bytes && skip.bytes == 0) return {};
    std::vector<Op>& ops = program_.ops;
    if (!ops.empty() && ops.back().kind == Kind::skip && join(ops.back().skip, skip, kBeyond)) return {};
    Op op;
    op.skip = skip;
    return add(op);
  }

  Status add(const Op& op) {
    if (program_.ops.size() == kMostOps) return too_much();
    program_.ops.push_back(op);
    return {};
  }

  static Error too_much() { return Error(ErrorKind::invalid, "a field path that selects too many elements"); }

  /// Up to the first thing whose size varies, every slot's place is known now. Slots are numbered in the order of the ops.
  void fix_offsets() {
    const bool cdr = packing_ != Packing::ros1;
    std::uint64_t at = cdr ? kCdrHeaderBytes : 0;
    const auto align = [&](std::uint8_t alignment) { at = cdr ? aligned(at, alignment) : at; };
    for (const Op& op : program_.ops) {
      if (op.kind == Kind::note_fixed) {
        if (op.number > 0) align(op.skip.alignment);
        program_.fixed_found.push_back({at, op.number});
        at += std::uint64_t{op.number} * op.skip.bytes;
      } else if (op.kind == Kind::note_behind) {
        program_.fixed_found.push_back({at - op.number, 1});
      } else if (op.kind == Kind::skip && op.skip.kind == Skip::Kind::bytes) {
        align(op.skip.alignment);
        at += op.skip.bytes;
      } else {
        break;
      }
      ++program_.fixed_ops;
    }
    program_.fixed_bytes = at;
  }

  const std::vector<Wanted>& wanted_;
  Packing packing_;
  Walk::Program program_;
  std::vector<Target> targets_;
  std::uint32_t slots_ = 0;
  Layouts layouts_;
  std::uint32_t depth_ = 0;
  std::uint32_t extents_ = 0;
  std::size_t work_ = 0;
};

Result<Walk> Walk::compile(const Definition& definition, const std::vector<Wanted>& wanted) {
  Walk walk;
  walk.wire_ = definition.wire;
  std::vector<Packing> packings;
  if (definition.wire != Wire::cdr) packings.push_back(Packing::ros1);
  if (definition.wire != Wire::ros1) packings.insert(packings.end(), {Packing::cdr, Packing::cdr2, Packing::cdr2_delimited});
  for (const Packing packing : packings) RETURN_IF_ERROR(WalkCompiler(wanted, packing).compile_into(*definition.root, walk));
  return walk;
}

}  // namespace bagloom::msg
