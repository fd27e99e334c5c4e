#include "msg/field_tree.h"

#include <algorithm>

#include "msg/walk.h"

namespace bagloom::msg {
namespace {

Error about(Error error, const FieldPath& path) { return std::move(error).in("field path `" + path.text + "`"); }

bool is_number(const Field& field) {
  return field.message == nullptr && field.primitive != Primitive::string && field.primitive != Primitive::wstring;
}

/// Whether the step fits the field, and which elements it selects.
Status place(const PathStep& step, const Field* field, bool last, PathUse& use) {
  use.ends = last;
  if (step.has_range) {
    if (field != nullptr && field->array == ArrayKind::none) return Error(ErrorKind::invalid, "`" + step.field + "` is no array");
    use.elements = PathUse::Elements::range;
    use.begin = step.begin;
    use.end = step.end;
  } else if (field == nullptr) {
    use.elements = PathUse::Elements::any;
  } else if (field->array != ArrayKind::none) {
    use.elements = PathUse::Elements::all;
  }
  if (field == nullptr) return {};
  if (last && field->message != nullptr)
    return Error(ErrorKind::invalid, "`" + step.field + "` is a " + field->message->name + ": name one of its fields");
  if (!last && field->message == nullptr) {
    return Error(ErrorKind::invalid,
                 "`" + step.field + "` is a " + std::string(name_of(field->primitive)) + ", it has no fields");
  }
  return {};
}

/// The field of a type; null where an open type does not list it.
Result<const Field*> field_of(const MessageType* type, const std::string& name) {
  if (type == nullptr) return nullptr;
  if (!type->open) return find_field(*type, name);
  for (const Field& field : type->fields) {
    if (field.name == name) return &field;
  }
  return nullptr;
}

}  // namespace

const FieldNode* FieldNode::child(std::uint32_t number) const {
  for (const FieldNode& node : children) {
    if (node.field->number == number) return &node;
  }
  return nullptr;
}

const FieldNode* FieldNode::child(std::string_view name_of_child) const {
  for (const FieldNode& node : children) {
    if (node.name == name_of_child) return &node;
  }
  return nullptr;
}

Result<FieldTree> FieldTree::compile(const Definition& definition, const std::vector<FieldPath>& paths,
                                     const std::vector<Companion>& companions) {
  FieldTree tree;
  for (const FieldPath& path : paths) {
    if (auto added = tree.add(definition.root, path); !added.ok()) return about(std::move(added).error(), path);
  }
  for (const Companion& companion : companions) {
    const FieldPath& path = paths[companion.path];
    if (auto added = tree.add_companion(definition.root, path, companion); !added.ok())
      return about(std::move(added).error(), path);
  }
  return tree;
}

FieldNode& FieldTree::child_of(FieldNode& node, const std::string& name, const Field* field, bool companion) {
  for (FieldNode& child : node.children)
    if (child.name == name) return child;
  FieldNode& added = node.children.emplace_back();
  added.name = name;
  added.field = field;
  added.id = nodes_++;
  added.companion = companion;
  return added;
}

// The path's own steps lead to the field's parent.
Status FieldTree::add_companion(const MessageType* type, const FieldPath& path, const Companion& companion) {
  FieldNode* node = &root_;
  for (std::size_t i = 0; i + 1 < path.steps.size(); ++i) {
    ASSIGN_OR_RETURN(const Field* field, field_of(type, path.steps[i].field));
    node = &child_of(*node, path.steps[i].field, field, false);
    type = field == nullptr ? nullptr : field->message;
  }
  ASSIGN_OR_RETURN(const Field* field, field_of(type, companion.field));
  PathUse use;
  use.path = companion.path;
  use.gives = companion.gives;
  use.ends = true;
  child_of(*node, companion.field, field, true).uses.push_back(use);
  return {};
}

Status FieldTree::add(const MessageType* type, const FieldPath& path) {
  if (path.steps.empty()) return Error(ErrorKind::invalid, "an empty field path");
  FieldNode* node = &root_;
  PathEnd end;
  for (std::size_t i = 0; i < path.steps.size(); ++i) {
    const PathStep& step = path.steps[i];
    ASSIGN_OR_RETURN(const Field* field, field_of(type, step.field));
    PathUse use;
    use.path = use.gives = static_cast<std::uint32_t>(ends_.size());
    RETURN_IF_ERROR(place(step, field, i + 1 == path.steps.size(), use));
    if (use.elements == PathUse::Elements::any) {
      end.any = true;
    } else if (use.many()) {
      if (end.many) return Error(ErrorKind::invalid, "only one step may select more than one element");
      end.many = true;
      end.width = step.has_range ? step.end - step.begin : 0;
    }
    node = &child_of(*node, step.field, field, false);
    node->uses.push_back(use);
    end.field = field;
    end.parent = type == nullptr ? "" : type->name;
    type = field == nullptr ? nullptr : field->message;
  }
  end.any = end.any && !end.many;
  ends_.push_back(std::move(end));
  return {};
}

FieldVisit::FieldVisit(const FieldTree& tree, FieldSink& sink) : sink_(sink), places_(tree.nodes()), paths_(tree.ends().size()) {}

void FieldVisit::begin(const FieldNode& node) {
  for (const FieldNode& child : node.children) {
    places_[child.id] = 0;
    if (child.companion || child.field == nullptr || child.field->array != ArrayKind::none) continue;
    if (child.field->message != nullptr || child.field->absence_is_missing) continue;
    if (is_number(*child.field))
      number(child, kSingle, child.field->absent);
    else
      text(child, kSingle, {});
  }
}

namespace {

bool selects(const PathUse& use, std::uint32_t index) {
  switch (use.elements) {
    case PathUse::Elements::single: return index == kSingle;
    case PathUse::Elements::range: return index != kSingle && index >= use.begin && index < use.end;
    case PathUse::Elements::all: return index != kSingle;
    case PathUse::Elements::any: return true;
  }
  return false;
}

std::uint32_t offset(const PathUse& use, std::uint32_t index) { return index == kSingle ? 0 : index - use.begin; }

}  // namespace

bool FieldVisit::select(const PathUse& use, std::uint32_t index, std::uint32_t& at) {
  PathState& state = paths_[use.path];
  if (state.off > 0) return false;
  if (use.many() && index != kSingle) {
    if (state.arrays > 0) {
      state.ambiguous = true;
      return false;
    }
    state.count = std::max(state.count, index + 1);
  }
  at = state.at + offset(use, index);
  return selects(use, index);
}

void FieldVisit::move(const FieldNode& node, std::uint32_t index, bool in) {
  for (const PathUse& use : node.uses) {
    PathState& state = paths_[use.path];
    const bool array = use.many() && index != kSingle;
    if (in) {
      std::uint32_t at = 0;
      const bool selected = !use.ends && select(use, index, at);
      state.off += state.off > 0 || !selected ? 1 : 0;
      if (state.off == 0) {
        state.at = at;
        state.arrays += array ? 1 : 0;
      }
    } else if (state.off > 0) {
      --state.off;
    } else {
      state.at -= offset(use, index);
      state.arrays -= array ? 1 : 0;
    }
  }
}

template <class Give>
void FieldVisit::give(const FieldNode& node, std::uint32_t index, const Give& give) {
  for (const PathUse& use : node.uses) {
    std::uint32_t at = 0;
    if (use.ends && select(use, index, at)) give(use.gives, at);
  }
}

void FieldVisit::number(const FieldNode& node, std::uint32_t index, double value) {
  give(node, index, [&](std::uint32_t path, std::uint32_t at) { sink_.number(path, at, value); });
}

void FieldVisit::text(const FieldNode& node, std::uint32_t index, std::string_view value) {
  give(node, index, [&](std::uint32_t path, std::uint32_t at) { sink_.text(path, at, value); });
}

void FieldVisit::take_text(const FieldNode& node, std::uint32_t index, std::string& value) {
  give(node, index, [&](std::uint32_t path, std::uint32_t at) { sink_.take_text(path, at, value); });
}

void FieldVisit::take_bytes(const FieldNode& node, std::string& value) {
  for (const PathUse& use : node.uses) {
    if (use.ends && paths_[use.path].off == 0) sink_.take_text(use.path, 0, value);
  }
}

void FieldVisit::bytes(const FieldNode& node, std::string_view value) {
  const auto size = static_cast<std::uint32_t>(value.size());
  for (const PathUse& use : node.uses) {
    PathState& state = paths_[use.path];
    if (!use.ends || state.off > 0) continue;
    if (sink_.takes_bytes()) {
      sink_.text(use.path, 0, value);
      continue;
    }
    if (use.many()) state.count = size;
    const std::uint32_t end = use.elements == PathUse::Elements::range ? std::min(use.end, size) : size;
    for (std::uint32_t i = use.begin; i < end; ++i)
      sink_.number(use.path, state.at + (i - use.begin), static_cast<double>(static_cast<std::uint8_t>(value[i])));
  }
}

}  // namespace bagloom::msg
