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
  const bool array = field != nullptr && field->array != ArrayKind::none;
  if (step.has_range) {
    if (field != nullptr && !array) return Error(ErrorKind::invalid, "`" + step.field + "` is no array");
    use.begin = step.begin;
    use.end = step.end;
    use.many = step.end - step.begin > 1;
    if (field != nullptr && field->array == ArrayKind::fixed && step.end > field->length) {
      return Error(ErrorKind::invalid, "`" + step.field + "` has " + std::to_string(field->length) + " elements");
    }
  } else if (array) {
    use.many = true;
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

Result<FieldTree> FieldTree::compile(const Definition& definition, const std::vector<FieldPath>& paths) {
  FieldTree tree;
  for (const FieldPath& path : paths) {
    if (auto added = tree.add(definition.root, path); !added.ok()) return about(std::move(added).error(), path);
  }
  return tree;
}

Status FieldTree::add(const MessageType* type, const FieldPath& path) {
  if (path.steps.empty()) return Error(ErrorKind::invalid, "an empty field path");
  FieldNode* node = &root_;
  PathEnd end;
  for (std::size_t i = 0; i < path.steps.size(); ++i) {
    const PathStep& step = path.steps[i];
    const Field* field = nullptr;
    if (type != nullptr && !type->open) {
      ASSIGN_OR_RETURN(field, find_field(*type, step.field));
    }
    PathUse use;
    use.path = static_cast<std::uint32_t>(ends_.size());
    RETURN_IF_ERROR(place(step, field, i + 1 == path.steps.size(), use));
    if (use.many) {
      if (end.many) return Error(ErrorKind::invalid, "only one step may select more than one element");
      end.many = true;
      end.width = step.has_range ? step.end - step.begin : field->array == ArrayKind::fixed ? field->length : 0;
    }
    auto known = std::find_if(node->children.begin(), node->children.end(),
                              [&](const FieldNode& child) { return child.name == step.field; });
    if (known == node->children.end()) {
      FieldNode added;
      added.name = step.field;
      added.field = field;
      added.id = nodes_++;
      known = node->children.insert(node->children.end(), std::move(added));
    }
    known->uses.push_back(use);
    node = &*known;
    end.field = field;
    end.parent = type == nullptr ? "" : type->name;
    type = field == nullptr ? nullptr : field->message;
  }
  ends_.push_back(std::move(end));
  return {};
}

FieldVisit::FieldVisit(const FieldTree& tree, FieldSink& sink) : sink_(sink), places_(tree.nodes()), paths_(tree.ends().size()) {}

void FieldVisit::begin(const FieldNode& node) {
  for (const FieldNode& child : node.children) {
    places_[child.id] = 0;
    if (child.field == nullptr || child.field->array != ArrayKind::none) continue;
    if (child.field->message != nullptr || child.field->absence_is_missing) continue;
    if (is_number(*child.field))
      number(child, 0, child.field->absent);
    else
      text(child, 0, {});
  }
}

bool FieldVisit::select(const PathUse& use, std::uint32_t index, std::uint32_t& at) {
  PathState& state = paths_[use.path];
  if (state.off > 0) return false;
  if (use.many) state.count = std::max(state.count, index + 1);
  if (index < use.begin || index >= use.end) return false;
  at = state.at + (index - use.begin);
  return true;
}

void FieldVisit::move(const FieldNode& node, std::uint32_t index, bool in) {
  for (const PathUse& use : node.uses) {
    PathState& state = paths_[use.path];
    if (use.many && in && state.off == 0) state.count = std::max(state.count, index + 1);
    if (index < use.begin || index >= use.end)
      state.off += in ? 1u : -1u;
    else
      state.at += in ? index - use.begin : use.begin - index;
  }
}

void FieldVisit::number(const FieldNode& node, std::uint32_t index, double value) {
  for (const PathUse& use : node.uses) {
    std::uint32_t at = 0;
    if (use.ends && select(use, index, at)) sink_.number(use.path, at, value);
  }
}

void FieldVisit::text(const FieldNode& node, std::uint32_t index, std::string_view value) {
  for (const PathUse& use : node.uses) {
    std::uint32_t at = 0;
    if (use.ends && select(use, index, at)) sink_.text(use.path, at, value);
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
    if (use.many) state.count = size;
    const std::uint32_t end = std::min(use.end, size);
    for (std::uint32_t i = use.begin; i < end; ++i)
      sink_.number(use.path, state.at + (i - use.begin), static_cast<double>(static_cast<std::uint8_t>(value[i])));
  }
}

}  // namespace bagloom::msg
