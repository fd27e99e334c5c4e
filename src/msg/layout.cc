#include "msg/layout.h"

#include <algorithm>
#include <limits>

namespace bagloom::msg {
namespace {

constexpr std::uint32_t kStringBlock = 0;
constexpr std::uint32_t kWstringBlock = 1;

// bag-formats.md 5.2: legacy CDR takes 4 bytes a character, XCDR2 writes the length in bytes.
Skip wstring_skip(Packing packing) { return {Skip::Kind::counted_bytes, 1, 0, packing == Packing::cdr ? 4u : 1u}; }

constexpr Skip kStringSkip{Skip::Kind::counted_bytes, 1, 0, 1};

/// A message for ROS 2, whatever we make of it.
bool is_time(const Field& field) {
  return field.message == nullptr && (field.primitive == Primitive::time || field.primitive == Primitive::duration);
}

bool is_text(const Field& field) {
  return field.message == nullptr && (field.primitive == Primitive::string || field.primitive == Primitive::wstring);
}

}  // namespace

Layouts::Layouts(Packing packing) : packing_(packing) {
  blocks_.push_back({kStringSkip});
  blocks_.push_back({wstring_skip(packing)});
}

Skip Layouts::one_element(const Field& field) {
  if (is_text(field)) return {Skip::Kind::blocks, 1, field.primitive == Primitive::string ? kStringBlock : kWstringBlock, 1};
  if (field.message == nullptr)
    return {Skip::Kind::bytes, alignment_of(field.primitive, packing_), 0, wire_bytes(field.primitive)};
  if (has_message_headers(packing_)) return {Skip::Kind::blocks, 1, kStringBlock, 1};
  const TypeLayout& layout = layout_of(*field.message);
  return layout.fixed ? layout.step : Skip{Skip::Kind::blocks, 1, layout.block, 1};
}

Skip Layouts::whole_field(const Field& field) {
  const bool message = field.message != nullptr || is_time(field);
  if (field.array != ArrayKind::none && (message || is_text(field)) && has_array_headers(packing_)) return kStringSkip;
  if (field.array == ArrayKind::none && message && has_message_headers(packing_)) return kStringSkip;
  if (field.array == ArrayKind::none && is_text(field))
    return field.primitive == Primitive::string ? kStringSkip : wstring_skip(packing_);

  Skip skip = one_element(field);
  if (field.array == ArrayKind::variable) {
    skip.kind = skip.kind == Skip::Kind::bytes ? Skip::Kind::counted_bytes : Skip::Kind::counted_blocks;
    return skip;
  }
  const std::uint64_t elements = field.array == ArrayKind::fixed ? field.length : 1;
  // Products fit: parse refuses arrays that are longer than a message can be.
  if (elements == 0) return {};
  skip.bytes = skip.kind == Skip::Kind::bytes ? bytes_of_elements(elements, skip.bytes, skip.alignment) : elements;
  return skip;
}

const Layouts::TypeLayout& Layouts::layout_of(const MessageType& type) {
  const auto known = layouts_.find(&type);
  if (known != layouts_.end()) return known->second;
  std::vector<Skip> skips;
  for (const Field& field : type.fields) append_skip(skips, whole_field(field));
  // A CDR message without fields has a dummy one.
  if (type.fields.empty() && packing_ != Packing::ros1) skips.push_back({Skip::Kind::bytes, 1, 0, 1});
  TypeLayout layout;
  layout.fixed = skips.empty() || (skips.size() == 1 && skips[0].kind == Skip::Kind::bytes);
  if (layout.fixed && !skips.empty()) layout.step = skips[0];
  layout.block = static_cast<std::uint32_t>(blocks_.size());
  blocks_.push_back(std::move(skips));
  return layouts_.emplace(&type, layout).first->second;
}

bool join(Skip& skip, const Skip& next, std::uint64_t most) {
  if (skip.kind != Skip::Kind::bytes || next.kind != Skip::Kind::bytes) return false;
  // After a step that began at a multiple of 8, the padding up to a multiple of 4 is known; not the other way round.
  if (next.alignment > skip.alignment) return false;
  const std::uint64_t mask = next.alignment - std::uint64_t{1};
  skip.bytes = std::min(((skip.bytes + mask) & ~mask) + next.bytes, most);
  return true;
}

void append_skip(std::vector<Skip>& skips, const Skip& skip) {
  if (skip.kind == Skip::Kind::bytes && skip.bytes == 0) return;
  if (!skips.empty() && join(skips.back(), skip, std::numeric_limits<std::uint64_t>::max())) return;
  skips.push_back(skip);
}

}  // namespace bagloom::msg
