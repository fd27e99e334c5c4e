#include <algorithm>
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

}  // namespace

Result<const Field*> find_field(const MessageType& type, const std::string& name) {
  for (const Field& field : type.fields) {
    if (field.name == name) return &field;
  }
  std::vector<std::string> names;
  for (const Field& field : type.fields) names.push_back(field.name);
  return Error(ErrorKind::invalid, "no field `" + name + "` in " + type.name + suggestion(name, names));
}

/// Turns paths into ops, in the order of the fields. Elements of arrays of messages that a path selects are compiled one by one.
class WalkCompiler {
 public:
  explicit WalkCompiler(const std::vector<Wanted>& wanted) : wanted_(wanted) { walk_.targets_.resize(wanted.size()); }

  Result<Walk> compile(const MessageType& root) {
    for (const Wanted& want : wanted_) {
      if (want.path.steps.empty()) return Error(ErrorKind::invalid, "an empty field path");
    }
    std::vector<Pending> all;
    for (std::size_t i = 0; i < wanted_.size(); ++i) all.push_back({i, 0});
    RETURN_IF_ERROR(enter(root, all));
    fix_offsets();
    walk_.blocks_ = std::move(layouts_).take();
    return std::move(walk_);
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
        RETURN_IF_ERROR(note(type, field, wanted->second));
      } else {
        RETURN_IF_ERROR(enter_field(field, wanted->second));
      }
    }
    return {};
  }

  Status note(const MessageType& type, const Field& field, const std::vector<Pending>& pendings) {
    Op op;
    op.slot = walk_.slots_++;
    op.field = &field;
    op.number = field.array == ArrayKind::fixed ? field.length : 1;
    op.skip.bytes = wire_bytes(field.primitive);
    if (field.primitive == Primitive::string) {
      op.kind = field.array == ArrayKind::none    ? Kind::note_string
                : field.array == ArrayKind::fixed ? Kind::note_strings
                                                  : Kind::note_counted_strings;
    } else {
      op.kind = field.array == ArrayKind::variable ? Kind::note_counted : Kind::note_fixed;
    }
    for (const Pending& pending : pendings) {
      const PathStep& step = step_of(pending);
      if (!is_last(pending)) {
        return about(Error(ErrorKind::invalid, "`" + field.name + "` is a " + std::string(name_of(field.primitive)) +
                                                   " and has no field `" +
                                                   wanted_[pending.wanted].path.steps[pending.step + 1].field + "`"),
                     pending);
      }
      if (auto status = check_range(field, step); !status.ok()) return about(std::move(status).error(), pending);
      Target& target = walk_.targets_[pending.wanted];
      target.field = &field;
      target.parent = type.name;
      target.ranged = step.has_range;
      target.begin = step.begin;
      target.end = step.end;
      target.slots.push_back(op.slot);
    }
    return add(op);
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
    if (field.array == ArrayKind::none) return enter(*field.message, inner);

    std::uint64_t bytes = 0;
    const bool fixed = layouts_.fixed_bytes(field, bytes);
    const Skip one = fixed ? Skip{Skip::Kind::bytes, 0, bytes} : Skip{Skip::Kind::blocks, layouts_.element_block(field), 1};
    const std::uint32_t index_register = depth_++;
    if (field.array == ArrayKind::variable) {
      RETURN_IF_ERROR(add({Kind::begin_array, exactly != 0, index_register, static_cast<std::uint32_t>(least), {}, &field}));
    }
    RETURN_IF_ERROR(enter_elements(field, inner, starts, ends, one));
    if (field.array == ArrayKind::variable) {
      RETURN_IF_ERROR(add({Kind::rest_of_array, false, index_register, static_cast<std::uint32_t>(least), one, &field}));
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
      RETURN_IF_ERROR(enter(*field.message, here));
      ++element;
      std::erase_if(active, [&](std::size_t index) { return ends[index] <= element; });
      if (++work_ > kMostWork) return too_much();
    }
    return {};
  }

  Status skip_elements(const Skip& one, std::uint64_t count) {
    if (count == 0) return {};
    Skip skip = one;
    // Bytes of one, or 1 block: in both cases times the count; both are below 2^32.
    skip.bytes = std::min(skip.bytes * count, kBeyond);
    return add_skip(skip);
  }

  Status add_skip(const Skip& skip) {
    if (skip.kind == Skip::Kind::bytes) {
      if (skip.bytes == 0) return {};
      if (!walk_.ops_.empty() && walk_.ops_.back().kind == Kind::skip && walk_.ops_.back().skip.kind == Skip::Kind::bytes) {
        walk_.ops_.back().skip.bytes = std::min(walk_.ops_.back().skip.bytes + skip.bytes, kBeyond);
        return {};
      }
    }
    Op op;
    op.skip = skip;
    return add(op);
  }

  Status add(const Op& op) {
    if (walk_.ops_.size() == kMostOps) return too_much();
    walk_.ops_.push_back(op);
    return {};
  }

  static Error too_much() { return Error(ErrorKind::invalid, "a field path that selects too many elements"); }

  /// Where nothing varies, every slot's place is known now.
  void fix_offsets() {
    std::uint64_t at = 0;
    walk_.fixed_found_.resize(walk_.slots_);
    for (const Op& op : walk_.ops_) {
      if (op.kind == Kind::note_fixed) {
        walk_.fixed_found_[op.slot] = {at, op.number};
        at += std::uint64_t{op.number} * op.skip.bytes;
      } else if (op.kind == Kind::skip && op.skip.kind == Skip::Kind::bytes) {
        at += op.skip.bytes;
      } else {
        walk_.fixed_found_.clear();
        return;
      }
    }
    walk_.fixed_ = true;
    walk_.fixed_bytes_ = at;
  }

  const std::vector<Wanted>& wanted_;
  Walk walk_;
  Layouts layouts_;
  std::uint32_t depth_ = 0;
  std::size_t work_ = 0;
};

Result<Walk> Walk::compile(const MessageType& root, const std::vector<Wanted>& wanted) {
  return WalkCompiler(wanted).compile(root);
}

}  // namespace bagloom::msg
