#include "msg/element_names.h"

#include "msg/tagged_inspect.h"

namespace bagloom::msg {
namespace {

constexpr std::size_t kMostShown = 4;        // names in an error's text
constexpr std::size_t kLongestShown = 40;    // bytes of one
constexpr std::size_t kMostBytes = 1 << 18;  // of names that are collected

/// The fields along a path; null from where an open type lets messages say what comes. Nothing where there is no such field.
std::optional<std::vector<const Field*>> fields_along(const Definition& definition, const FieldPath& path) {
  std::vector<const Field*> fields(path.steps.size(), nullptr);
  const MessageType* type = definition.root;
  for (std::size_t i = 0; i < path.steps.size() && type != nullptr; ++i) {
    const auto known = std::find_if(type->fields.begin(), type->fields.end(),
                                    [&](const Field& field) { return field.name == path.steps[i].field; });
    if (known == type->fields.end()) {
      if (!type->open) return std::nullopt;
      break;
    }
    fields[i] = &*known;
    type = known->message;
    if (type == nullptr && i + 1 < path.steps.size()) return std::nullopt;  // the parts of a time
  }
  return fields;
}

/// Which step selects the elements; nothing where none is one of an array.
std::optional<std::size_t> step_of_elements(const FieldPath& path, std::uint32_t width, const std::vector<const Field*>& fields) {
  const std::size_t last = path.steps.size() - 1;
  for (std::size_t i = 0; i <= last; ++i)
    if (path.steps[i].has_range && path.steps[i].end - path.steps[i].begin > 1) return i;
  const bool indexed = std::any_of(path.steps.begin(), path.steps.end(), [](const PathStep& step) { return step.has_range; });
  // Of an open type, one number of `joints[2].position` is an element's, several are elements of what stands in it.
  const auto may_be_array = [&](std::size_t i) {
    if (fields[i] != nullptr) return fields[i]->array != ArrayKind::none;
    return path.steps[i].has_range || (i == last && !(indexed && width == 1));
  };
  for (std::size_t i = last + 1; i > 0; --i)
    if (may_be_array(i - 1)) return i - 1;
  return std::nullopt;
}

std::string text_of(const PathStep& step) {
  if (!step.has_range) return step.field;
  const std::string begin = std::to_string(step.begin);
  return step.field + "[" + (step.end - step.begin == 1 ? begin : begin + ":" + std::to_string(step.end)) + "]";
}

Result<FieldPath> path_of(const std::vector<PathStep>& steps) {
  std::string text;
  for (const PathStep& step : steps) text += (text.empty() ? "" : ".") + text_of(step);
  return parse_field_path(text);
}

std::string shown(const std::string& name) {
  if (name.empty()) return "(nothing)";
  return name.size() <= kLongestShown ? name : name.substr(0, kLongestShown) + "...";
}

}  // namespace

std::optional<ElementNamesPath> find_element_names(const Definition& definition, const NumberSelection& selection) {
  const FieldPath& path = selection.path;
  const auto fields = fields_along(definition, path);
  if (!fields || path.steps.empty()) return std::nullopt;
  const auto elements = step_of_elements(path, selection.width, *fields);
  if (!elements) return std::nullopt;
  const std::size_t last = path.steps.size() - 1;
  ElementNamesPath names;
  std::vector<PathStep> steps = path.steps;
  if (*elements < last && !is_tagged(definition.wire)) {
    if ((*fields)[last]->array != ArrayKind::none) return std::nullopt;
    // find_names_beside looks for arrays; here each message has one.
    const MessageType& type = *(*fields)[last - 1]->message;
    const auto name = std::find_if(type.fields.begin(), type.fields.end(), [](const Field& field) {
      return field.name == "name" && field.primitive == Primitive::string && field.message == nullptr &&
             field.array == ArrayKind::none;
    });
    if (name == type.fields.end()) return std::nullopt;
    steps[last] = {name->name, false, 0, 0};
  } else {
    names.begin = steps[*elements].begin;
    steps[*elements].has_range = false;
  }
  names.in_elements = *elements < last;
  auto changed = path_of(steps);
  if (changed.ok() && !(names.in_elements && !is_tagged(definition.wire))) changed = find_names_beside(definition, *changed);
  if (!changed.ok()) return std::nullopt;
  names.path = std::move(*changed);
  return names;
}

bool may_name_elements(const Definition& definition, const NumberSelection& selection) {
  return find_element_names(definition, selection).has_value();
}

Result<std::vector<std::string>> element_names(const Definition& definition, const NumberSelection& selection, Bytes message) {
  std::vector<std::string> found;
  const auto names = find_element_names(definition, selection);
  if (!names) return found;
  bool named = false;
  std::uint64_t bytes = 0;
  const auto take = [&](std::optional<std::size_t> place, std::string_view name) {
    named = named || !name.empty();
    bytes += name.size();
    if (place && bytes <= kMostBytes) found.emplace_back(name);
  };
  if (is_tagged(definition.wire)) {
    ASSIGN_OR_RETURN(const auto all, tagged_string_array(definition, names->path, message));
    const std::uint64_t end = std::min<std::uint64_t>(all.size(), std::uint64_t{names->begin} + selection.width);
    for (std::uint64_t i = names->in_elements ? names->begin : 0; i < end; ++i)
      take(i < names->begin ? std::nullopt : std::optional<std::size_t>(i - names->begin), all[i]);
  } else {
    ASSIGN_OR_RETURN(const Walk walk, Walk::compile(definition, {{names->path, selection.width}}));
    std::vector<Found> places(walk.slots());
    WireForm form;
    RETURN_IF_ERROR(walk.run(message, places, form));
    visit_names(*names, walk.targets()[0].slots, selection.width, message, form, places, take);
  }
  if (bytes > kMostBytes) return Error(ErrorKind::corrupt, "names of more than 256 KiB");
  if (!named) found.clear();
  return found;
}

Misnamed misnamed_as(const NumberSelection& selection, const std::vector<std::string>& found) {
  const bool none = std::none_of(found.begin(), found.end(), [&](const std::string& name) {
    return std::find(selection.expected.begin(), selection.expected.end(), name) != selection.expected.end();
  });
  return none ? Misnamed::all : Misnamed::some;
}

Error named_otherwise(const NumberSelection& selection, const std::vector<std::string>& found) {
  const std::vector<std::string>& expected = selection.expected;
  static const std::string kNone;
  const auto name_at = [](const std::vector<std::string>& names, std::size_t i) -> const std::string& {
    return i < names.size() ? names[i] : kNone;
  };
  std::string places, theirs, ours;
  std::size_t differ = 0;
  for (std::size_t i = 0; i < std::max(found.size(), expected.size()); ++i) {
    if (i < found.size() && i < expected.size() && found[i] == expected[i]) continue;
    if (++differ > kMostShown) break;
    const char* between = differ == 1 ? "" : ", ";
    places += between + std::to_string(i);
    theirs += between + shown(name_at(found, i));
    ours += between + shown(name_at(expected, i));
  }
  const std::string rest = differ > kMostShown ? ", ..." : "";
  return Error(ErrorKind::corrupt, "`" + selection.path.text + "`: its element" + (differ == 1 ? " " : "s ") + places + rest +
                                       (differ == 1 ? " is named " : " are named ") + theirs + rest + "; " +
                                       selection.expected_of + " " + ours + rest)
      .fix(
          "`select` takes elements by name, in any order; another publisher's on the topic are taken by a `select` of their "
          "own");
}

}  // namespace bagloom::msg
