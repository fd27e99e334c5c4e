#include "msg/tagged_numbers.h"

#include <algorithm>
#include <limits>
#include <optional>

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
  ASSIGN_OR_RETURN(numbers.numbers_, FieldTree::compile(*definition, paths));
  ASSIGN_OR_RETURN(numbers.names_, FieldTree::compile(*definition, names));
  numbers.definition_ = std::move(definition);
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
  numbers.selections_ = std::move(selections);
  return numbers;
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
  const auto whole = [](const PathEnd& path) { return path.any || (path.many && path.width == 0); };
  if (!whole(end)) return about(chosen, "names pick from a whole array of numbers, without a range");
  if (!whole(names) || (names.field != nullptr && !is_text(names.field)))
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

 private:
  const TaggedNumbers& numbers_;
  TaggedNumbers::Elements& elements_;
  std::optional<Error> failure_;
};

/// Writes numbers to their places.
class NumberSink : public FieldSink {
 public:
  NumberSink(const TaggedNumbers& numbers, const TaggedNumbers::Elements& elements, std::span<double> out)
      : numbers_(numbers), elements_(elements), out_(out), seen_(numbers.width()) {}

  void number(std::uint32_t path, std::uint32_t at, double value) override {
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
    // What JSON has no number for (protobuf's mapping writes it so).
    constexpr double kInfinity = std::numeric_limits<double>::infinity();
    if (value == "NaN") return number(path, at, std::numeric_limits<double>::quiet_NaN());
    if (value == "Infinity") return number(path, at, kInfinity);
    if (value == "-Infinity") return number(path, at, -kInfinity);
    if (!failure_) failure_ = in_message(numbers_.selections_[path], "the message has text there, not a number");
  }

  const std::vector<bool>& seen() const { return seen_; }
  const std::optional<Error>& failure() const { return failure_; }

 private:
  const TaggedNumbers& numbers_;
  const TaggedNumbers::Elements& elements_;
  std::span<double> out_;
  std::vector<bool> seen_;
  std::optional<Error> failure_;
};

Status TaggedNumbers::find_names(Bytes message, Elements& elements) const {
  elements.resize(parts_.size());
  NameSink sink(*this, elements);
  FieldVisit visit(names_, sink);
  RETURN_IF_ERROR(read_tagged(definition_->wire, names_, message, visit));
  if (sink.failure()) return *sink.failure();
  for (std::size_t i = 0; i < parts_.size(); ++i) {
    auto& found = elements[i];
    std::vector<std::uint32_t> times(parts_[i].wanted.size());
    for (const auto& [element, which] : found) ++times[which];
    for (const auto& [name, which] : parts_[i].wanted) {
      if (times[which] == 1) continue;
      return in_message(selections_[i], times[which] == 0 ? "the message does not name `" + name + "`"
                                                          : "the message names `" + name + "` twice");
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

Status TaggedNumbers::run(Bytes message, std::span<double> out) const {
  Elements elements;
  if (!names_.ends().empty()) RETURN_IF_ERROR(find_names(message, elements));
  NumberSink sink(*this, elements, out);
  FieldVisit visit(numbers_, sink);
  RETURN_IF_ERROR(read_tagged(definition_->wire, numbers_, message, visit));
  if (sink.failure()) return *sink.failure();
  for (std::uint32_t i = 0; i < parts_.size(); ++i) {
    if (visit.is_ambiguous(i)) return in_message(selections_[i], "arrays inside arrays: give an index or a range");
    RETURN_IF_ERROR(check(i, visit.count(i), sink.seen(), elements));
  }
  return {};
}

}  // namespace bagloom::msg
