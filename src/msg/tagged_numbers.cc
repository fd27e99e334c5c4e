#include "msg/tagged_numbers.h"

#include <algorithm>
#include <limits>
#include <optional>

#include "msg/element_names.h"
#include "msg/tagged_inspect.h"
#include "msg/tagged_reader.h"

namespace bagloom::msg {
namespace {

constexpr std::uint64_t kMostNumbers = 1u << 18;

Error about(const NumberSelection& chosen, std::string what) {
  return Error(ErrorKind::invalid, std::move(what)).in("field path `" + chosen.path.text + "`");
}

Error in_message(const NumberSelection& chosen, const std::string& what) {
  return Error(ErrorKind::corrupt, "`" + chosen.path.text + "`: " + what);
}

bool is_text(const Field* field) {
  return field != nullptr && field->message == nullptr && field->primitive == Primitive::string;
}

bool is_whole(const PathEnd& end) { return end.any || (end.many && end.width == 0); }

std::string counted(std::uint64_t count) { return std::to_string(count) + (count == 1 ? " element" : " elements"); }

}  // namespace

Result<TaggedNumbers> TaggedNumbers::compile(std::shared_ptr<const Definition> definition,
                                             std::vector<NumberSelection> selections) {
  TaggedNumbers numbers;
  std::vector<FieldPath> paths, names;
  for (NumberSelection& selection : selections) {
    paths.push_back(selection.path);
    if (selection.names.empty()) continue;
    if (selection.names_path.steps.empty()) {
      ASSIGN_OR_RETURN(selection.names_path, find_names_beside(*definition, selection.path));
    }
    names.push_back(selection.names_path);
  }
  numbers.definition_ = definition;
  std::vector<Companion> companions;
  numbers.expect_names(paths, companions, selections);
  ASSIGN_OR_RETURN(numbers.numbers_, FieldTree::compile(*definition, paths, companions));
  ASSIGN_OR_RETURN(numbers.names_, FieldTree::compile(*definition, names));
  std::size_t next_names = 0;
  for (std::size_t i = 0; i < selections.size(); ++i) {
    const PathEnd& end = numbers.numbers_.ends()[i];
    if (is_text(end.field))
      return about(selections[i], "`" + end.field->name + "` of " + end.parent + " is a string, not a number");
    if (selections[i].names.empty()) {
      RETURN_IF_ERROR(numbers.add(end, selections[i]));
    } else {
      RETURN_IF_ERROR(numbers.add_named(end, numbers.names_.ends()[next_names], selections[i]));
      numbers.parts_.back().names = next_names++;
    }
    if (numbers.width_ > kMostNumbers) return about(selections[i], "selects too many numbers");
  }
  numbers.bits_ = numbers.width_;
  for (Expected& expected : numbers.expected_) {
    expected.bits = numbers.bits_;
    numbers.bits_ += static_cast<std::uint32_t>(selections[expected.part].expected.size()) + 1;
  }
  numbers.selections_ = std::move(selections);
  return numbers;
}

// They are read in the pass that reads the numbers. Its sink is told the numbers behind the parts' for them.
void TaggedNumbers::expect_names(std::vector<FieldPath>& paths, std::vector<Companion>& companions,
                                 const std::vector<NumberSelection>& selections) {
  for (std::size_t i = 0; i < selections.size(); ++i) {
    const NumberSelection& selection = selections[i];
    if (selection.expected.empty() || selection.expected.size() > kMostNumbers) continue;
    const auto names = find_element_names(*definition_, selection);
    if (!names) continue;  // a type that names nothing
    const auto tree = FieldTree::compile(*definition_, {names->path});
    if (!tree.ok()) continue;
    const PathEnd& end = tree->ends()[0];
    if (!is_whole(end) || (end.field != nullptr && !is_text(end.field))) continue;
    Expected expected{0, names->in_elements, names->in_elements ? 0 : names->begin, i, 0};
    if (names->in_elements) {
      companions.push_back({static_cast<std::uint32_t>(i), names->path.steps.back().field, 0});
    } else {
      expected.path = static_cast<std::uint32_t>(paths.size());
      paths.push_back(names->path);
    }
    expected_.push_back(expected);
  }
  // A path's number is its place; companions have the ones behind.
  std::uint32_t gives = static_cast<std::uint32_t>(paths.size());
  for (Companion& companion : companions) companion.gives = gives++;
  std::stable_partition(expected_.begin(), expected_.end(), [](const Expected& expected) { return !expected.in_elements; });
}

Status TaggedNumbers::add(const PathEnd& end, const NumberSelection& chosen) {
  Part part;
  part.out = width_;
  part.width = end.width;
  if (end.many && end.width == 0) {
    if (chosen.width == 0) {
      return about(chosen, "`" + chosen.path.text + "` is an array of any length: give a range, such as [0:7], or names");
    }
    part.width = part.least = chosen.width;
    part.exact = true;
  } else if (end.any) {
    part.width = part.least = std::max<std::uint32_t>(1, chosen.width);
    part.exact = true;
    part.maybe_single = part.width == 1;
  } else if (end.many) {
    for (const PathStep& step : chosen.path.steps) {
      if (step.has_range && step.end - step.begin > 1) part.least = step.end;
    }
  }
  if (chosen.width != 0 && chosen.width != part.width) {
    return about(chosen, "selects " + std::to_string(part.width) + " numbers, " + std::to_string(chosen.width) + " are expected");
  }
  if (part.width > kMostNumbers) return about(chosen, "selects too many numbers");
  width_ += part.width;
  parts_.push_back(std::move(part));
  return {};
}

Status TaggedNumbers::add_named(const PathEnd& end, const PathEnd& names, const NumberSelection& chosen) {
  if (!is_whole(end)) return about(chosen, "names pick from a whole array of numbers, without a range");
  if (!is_whole(names) || (names.field != nullptr && !is_text(names.field)))
    return about(chosen, "`" + chosen.names_path.text + "` is no array of strings to find names in");
  if (chosen.width != 0 && chosen.width != chosen.names.size())
    return about(chosen, std::to_string(chosen.names.size()) + " names for " + std::to_string(chosen.width) + " numbers");
  Part part;
  part.out = width_;
  if (chosen.names.size() > kMostNumbers) return about(chosen, "selects too many numbers");
  part.width = static_cast<std::uint32_t>(chosen.names.size());
  for (std::uint32_t i = 0; i < part.width; ++i) part.wanted.emplace_back(chosen.names[i], i);
  std::sort(part.wanted.begin(), part.wanted.end());
  for (std::size_t i = 1; i < part.wanted.size(); ++i) {
    if (part.wanted[i].first == part.wanted[i - 1].first)
      return about(chosen, "name `" + part.wanted[i].first + "` is selected twice");
  }
  width_ += part.width;
  parts_.push_back(std::move(part));
  return {};
}

/// Notes which elements have wanted names.
class NameSink : public FieldSink {
 public:
  NameSink(const TaggedNumbers& numbers, TaggedNumbers::Elements& elements) : numbers_(numbers), elements_(elements) {}

  void number(std::uint32_t, std::uint32_t, double) override {
    if (!failure_) failure_ = Error(ErrorKind::corrupt, "the message has numbers where names are expected");
  }
  void text(std::uint32_t path, std::uint32_t at, std::string_view name) override {
    named_ = named_ || !name.empty();
    for (std::size_t i = 0; i < numbers_.parts_.size(); ++i) {
      const auto& part = numbers_.parts_[i];
      if (part.wanted.empty() || part.names != path) continue;
      const auto wanted = std::lower_bound(part.wanted.begin(), part.wanted.end(), name,
                                           [](const auto& entry, std::string_view text) { return entry.first < text; });
      if (wanted == part.wanted.end() || wanted->first != name) continue;
      if (elements_[i].size() > part.wanted.size()) continue;  // one is there twice, which the check below says
      elements_[i].emplace_back(at, wanted->second);
    }
  }

  const std::optional<Error>& failure() const { return failure_; }
  bool named() const { return named_; }  ///< there are names

 private:
  const TaggedNumbers& numbers_;
  TaggedNumbers::Elements& elements_;
  bool named_ = false;
  std::optional<Error> failure_;
};

/// Writes numbers to their places.
class NumberSink : public FieldSink {
 public:
  NumberSink(const TaggedNumbers& numbers, const TaggedNumbers::Elements& elements, std::span<double> out)
      : numbers_(numbers), elements_(elements), out_(out), seen_(numbers.bits_) {}

  void number(std::uint32_t path, std::uint32_t at, double value) override {
    if (path >= numbers_.parts_.size()) return;  // numbers where names are expected name nothing
    const auto& part = numbers_.parts_[path];
    if (!part.wanted.empty()) {
      const auto& elements = elements_[path];
      const auto found = std::lower_bound(elements.begin(), elements.end(), std::pair<std::uint32_t, std::uint32_t>(at, 0));
      if (found == elements.end() || found->first != at) return;
      at = found->second;
    }
    if (at >= part.width) return;
    out_[part.out + at] = value;
    seen_[part.out + at] = true;
  }
  void text(std::uint32_t path, std::uint32_t at, std::string_view value) override {
    if (path >= numbers_.parts_.size()) return name(numbers_.expected_[path - numbers_.parts_.size()], at, value);
    // What JSON has no number for (protobuf's mapping writes it so).
    constexpr double kInfinity = std::numeric_limits<double>::infinity();
    if (value == "NaN") return number(path, at, std::numeric_limits<double>::quiet_NaN());
    if (value == "Infinity") return number(path, at, kInfinity);
    if (value == "-Infinity") return number(path, at, -kInfinity);
    if (!failure_) failure_ = in_message(numbers_.selections_[path], "the message has text there, not a number");
  }

  /// Of each number whether it was written; behind them what TaggedNumbers::Expected says.
  const std::vector<bool>& seen() const { return seen_; }
  const std::optional<Error>& failure() const { return failure_; }

 private:
  void name(const TaggedNumbers::Expected& here, std::uint32_t at, std::string_view value) {
    const NumberSelection& selection = numbers_.selections_[here.part];
    if (at >= std::uint64_t{here.begin} + selection.width) return;
    const std::size_t names = selection.expected.size();
    if (!value.empty()) seen_[here.bits + names] = true;
    if (at >= here.begin && at - here.begin < names)
      seen_[here.bits + (at - here.begin)] = value == selection.expected[at - here.begin];
  }

  const TaggedNumbers& numbers_;
  const TaggedNumbers::Elements& elements_;
  std::span<double> out_;
  std::vector<bool> seen_;
  std::optional<Error> failure_;
};

Status TaggedNumbers::find_names(Bytes message, Elements& elements, Misnamed& misnamed) const {
  elements.resize(parts_.size());
  NameSink sink(*this, elements);
  FieldVisit visit(names_, sink);
  RETURN_IF_ERROR(read_tagged(definition_->wire, names_, message, visit));
  if (sink.failure()) return *sink.failure();
  for (std::size_t i = 0; i < parts_.size(); ++i) {
    auto& found = elements[i];
    std::vector<std::uint32_t> times(parts_[i].wanted.size());
    for (const auto& [element, which] : found) ++times[which];
    for (const auto& [name, which] : parts_[i].wanted)
      if (times[which] > 1) return in_message(selections_[i], "the message names `" + name + "` twice");
    for (const auto& [name, which] : parts_[i].wanted) {
      if (times[which] == 1) continue;
      misnamed = sink.named() && found.empty() ? Misnamed::all : Misnamed::some;
      return in_message(selections_[i], "the message does not name `" + name + "`");
    }
    std::sort(found.begin(), found.end());
  }
  return {};
}

Status TaggedNumbers::check(std::size_t index, std::uint32_t count, const std::vector<bool>& seen,
                            const Elements& elements) const {
  const Part& part = parts_[index];
  const NumberSelection& chosen = selections_[index];
  if (part.maybe_single && count == 0) return seen[part.out] ? Status() : in_message(chosen, "the message has no such value");
  if (part.exact ? count != part.least : count < part.least) {
    return in_message(chosen, "the array has " + counted(count) + ", " + (part.exact ? "" : "at least ") +
                                  std::to_string(part.least) + " are expected");
  }
  for (std::uint32_t i = 0; i < part.width; ++i) {
    if (seen[part.out + i]) continue;
    if (part.wanted.empty()) {
      return in_message(chosen, part.width == 1 ? "the message has no such value"
                                                : "the message has no value for element " + std::to_string(i));
    }
    for (const auto& [element, which] : elements[index]) {
      if (which != i) continue;
      if (element < count) return in_message(chosen, "the element that is named `" + chosen.names[which] + "` has no such value");
      return in_message(chosen, "`" + chosen.names[which] + "` is name " + std::to_string(element) + ", the array has " +
                                    counted(count) + " there");
    }
  }
  return {};
}

Status TaggedNumbers::compare_names(const Expected& here, Bytes message, std::uint32_t count, const std::vector<bool>& seen,
                                    Misnamed& misnamed) const {
  const NumberSelection& selection = selections_[here.part];
  const std::size_t names = selection.expected.size();
  // A single text beside them names no elements.
  if ((count == 0 && !here.in_elements) || !seen[here.bits + names]) return {};
  // Of the part's own elements none lacks a place for its name.
  const std::uint64_t end =
      here.in_elements ? selection.width : std::min<std::uint64_t>(count, std::uint64_t{here.begin} + selection.width);
  const auto first = seen.begin() + here.bits;
  if (end == here.begin + std::uint64_t{names} &&
      std::find(first, first + static_cast<std::ptrdiff_t>(names), false) == first + static_cast<std::ptrdiff_t>(names))
    return {};
  ASSIGN_OR_RETURN(const auto found, element_names(*definition_, selection, message));
  misnamed = misnamed_as(selection, found);
  return named_otherwise(selection, found);
}

Status TaggedNumbers::run(Bytes message, std::span<double> out, Misnamed& misnamed) const {
  Elements elements;
  if (!names_.ends().empty()) RETURN_IF_ERROR(find_names(message, elements, misnamed));
  NumberSink sink(*this, elements, out);
  FieldVisit visit(numbers_, sink);
  RETURN_IF_ERROR(read_tagged(definition_->wire, numbers_, message, visit));
  if (sink.failure()) return *sink.failure();
  const auto compare = [&](const Expected& expected) {
    const std::uint32_t path = expected.in_elements ? static_cast<std::uint32_t>(expected.part) : expected.path;
    return compare_names(expected, message, visit.count(path), sink.seen(), misnamed);
  };
  for (std::uint32_t i = 0; i < parts_.size(); ++i) {
    if (visit.is_ambiguous(i)) return in_message(selections_[i], "arrays inside arrays: give an index or a range");
    auto status = check(i, visit.count(i), sink.seen(), elements);
    if (status) continue;
    // Another publisher's message has as many elements as it likes.
    for (const Expected& expected : expected_) {
      if (expected.part != i) continue;
      auto others = compare(expected);
      if (misnamed == Misnamed::all) return others;
      misnamed = Misnamed::no;
    }
    return status;
  }
  for (const Expected& expected : expected_) RETURN_IF_ERROR(compare(expected));
  return {};
}

}  // namespace bagloom::msg
