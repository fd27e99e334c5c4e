#include "msg/layout.h"

#include "base/cursor.h"

namespace bagloom::msg {
namespace {

constexpr std::uint32_t kStringBlock = 0;

void run_block(std::uint32_t block, const std::vector<std::vector<Skip>>& blocks, Position& position) {
  for (const Skip& skip : blocks[block]) {
    run_skip(skip, blocks, position);
    if (position.failed) return;
  }
}

}  // namespace

std::uint32_t Position::count() {
  if (remaining() < sizeof(std::uint32_t)) failed = true;
  if (failed) return 0;
  const auto value = Cursor::load<std::uint32_t>(message.subspan(static_cast<std::size_t>(at)));
  at += sizeof(std::uint32_t);
  return value;
}

Layouts::Layouts() { blocks_.push_back({Skip{Skip::Kind::counted_bytes, 0, 1}}); }

bool Layouts::fixed_bytes(const Field& field, std::uint64_t& bytes) {
  if (field.message == nullptr) {
    bytes = wire_bytes(field.primitive);
    return field.primitive != Primitive::string;
  }
  const TypeLayout& layout = layout_of(*field.message);
  bytes = layout.bytes;
  return layout.fixed;
}

std::uint32_t Layouts::element_block(const Field& field) {
  if (field.message != nullptr) return layout_of(*field.message).block;
  if (field.primitive == Primitive::string) return kStringBlock;
  blocks_.push_back({Skip{Skip::Kind::bytes, 0, wire_bytes(field.primitive)}});
  return static_cast<std::uint32_t>(blocks_.size() - 1);
}

Skip Layouts::whole_field(const Field& field) {
  std::uint64_t bytes = 0;
  const bool fixed = fixed_bytes(field, bytes);
  if (field.array == ArrayKind::variable) {
    if (fixed) return {Skip::Kind::counted_bytes, 0, bytes};
    return {Skip::Kind::counted_blocks, element_block(field), 0};
  }
  const std::uint64_t elements = field.array == ArrayKind::fixed ? field.length : 1;
  // The product fits: parse refuses arrays that are longer than a message can be.
  if (fixed || elements == 0) return {Skip::Kind::bytes, 0, elements * bytes};
  if (elements == 1 && field.message == nullptr) return {Skip::Kind::counted_bytes, 0, 1};
  return {Skip::Kind::blocks, element_block(field), elements};
}

const Layouts::TypeLayout& Layouts::layout_of(const MessageType& type) {
  const auto known = layouts_.find(&type);
  if (known != layouts_.end()) return known->second;
  std::vector<Skip> skips;
  for (const Field& field : type.fields) append_skip(skips, whole_field(field));
  TypeLayout layout;
  layout.fixed = skips.empty() || (skips.size() == 1 && skips[0].kind == Skip::Kind::bytes);
  layout.bytes = layout.fixed && !skips.empty() ? skips[0].bytes : 0;
  layout.block = static_cast<std::uint32_t>(blocks_.size());
  blocks_.push_back(std::move(skips));
  return layouts_.emplace(&type, layout).first->second;
}

void append_skip(std::vector<Skip>& skips, const Skip& skip) {
  if (skip.kind == Skip::Kind::bytes) {
    if (skip.bytes == 0) return;
    if (!skips.empty() && skips.back().kind == Skip::Kind::bytes) {
      skips.back().bytes += skip.bytes;
      return;
    }
  }
  skips.push_back(skip);
}

void run_skip(const Skip& skip, const std::vector<std::vector<Skip>>& blocks, Position& position) {
  switch (skip.kind) {
    case Skip::Kind::bytes: position.skip(skip.bytes); return;
    case Skip::Kind::counted_bytes:
      // A uint32 times an element's size: both below 2^32.
      position.skip(std::uint64_t{position.count()} * skip.bytes);
      return;
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
