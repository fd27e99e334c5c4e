#include <algorithm>
#include <array>
#include <bit>
#include <optional>
#include <utility>

#include "base/cursor.h"
#include "msg/element_names.h"
#include "msg/extractor.h"
#include "msg/tagged_numbers.h"
#include "msg/walk.h"

namespace bagloom::msg {
namespace {

constexpr std::uint64_t kMostNumbers = 1u << 18;
// Enough for every recipe seen; more slots go to the heap.
constexpr std::size_t kSlotsOnStack = 32;

template <std::endian kOrder, class T>
void load_all(Bytes bytes, std::span<double> out) {
  for (std::size_t i = 0; i < out.size(); ++i)
    out[i] = static_cast<double>(Cursor::load<T>(bytes.subspan(i * sizeof(T)), kOrder));
}

template <std::endian kOrder, class Seconds, class Nanoseconds>
void load_times(Bytes bytes, std::span<double> out) {
  for (std::size_t i = 0; i < out.size(); ++i) {
    const Bytes one = bytes.subspan(i * 8);
    const auto nanoseconds = Cursor::load<Nanoseconds>(one.subspan(4), kOrder);
    out[i] = static_cast<double>(Cursor::load<Seconds>(one, kOrder)) + static_cast<double>(nanoseconds) / 1e9;
  }
}

template <std::endian kOrder>
void load_in_order(Primitive primitive, Packing packing, Bytes bytes, std::span<double> out) {
  switch (primitive) {
    case Primitive::boolean:
      for (std::size_t i = 0; i < out.size(); ++i) out[i] = bytes[i] != std::byte{0} ? 1.0 : 0.0;
      return;
    case Primitive::int8: return load_all<kOrder, std::int8_t>(bytes, out);
    case Primitive::uint8: return load_all<kOrder, std::uint8_t>(bytes, out);
    case Primitive::int16: return load_all<kOrder, std::int16_t>(bytes, out);
    case Primitive::uint16: return load_all<kOrder, std::uint16_t>(bytes, out);
    case Primitive::int32: return load_all<kOrder, std::int32_t>(bytes, out);
    case Primitive::uint32: return load_all<kOrder, std::uint32_t>(bytes, out);
    case Primitive::int64: return load_all<kOrder, std::int64_t>(bytes, out);
    case Primitive::uint64: return load_all<kOrder, std::uint64_t>(bytes, out);
    case Primitive::float32: return load_all<kOrder, float>(bytes, out);
    case Primitive::float64: return load_all<kOrder, double>(bytes, out);
    // ROS 1: nanoseconds as wide and signed as the seconds (bag-formats.md 2.3); ROS 2: one form for both (5.2).
    case Primitive::time:
      if (packing == Packing::ros1) return load_times<kOrder, std::uint32_t, std::uint32_t>(bytes, out);
      return load_times<kOrder, std::int32_t, std::uint32_t>(bytes, out);
    case Primitive::duration:
      if (packing == Packing::ros1) return load_times<kOrder, std::int32_t, std::int32_t>(bytes, out);
      return load_times<kOrder, std::int32_t, std::uint32_t>(bytes, out);
    case Primitive::string:
    case Primitive::wstring: return;  // compile refuses them
  }
}

/// `bytes` holds as many elements as `out`.
void load_numbers(Primitive primitive, WireForm form, Bytes bytes, std::span<double> out) {
  if (form.order == std::endian::big) return load_in_order<std::endian::big>(primitive, form.packing, bytes, out);
  load_in_order<std::endian::little>(primitive, form.packing, bytes, out);
}

std::string quoted(const FieldPath& path) { return "field path `" + path.text + "`"; }

/// One run of elements of one slot.
struct Read {
  std::uint32_t slot = 0;
  std::uint32_t begin = 0;
  std::uint32_t count = 0;
  bool exact = false;  ///< the array must have `count` elements, else at least `begin + count`
  Primitive primitive = Primitive::float64;
  std::size_t selection = 0;
  std::uint32_t out = 0;
};

/// Elements that stand where wanted names stand in another array.
struct NamedRead {
  std::uint32_t numbers_slot = 0, names_slot = 0;
  Primitive primitive = Primitive::float64;
  std::size_t selection = 0;
  std::uint32_t out = 0;
  std::vector<std::pair<std::string, std::uint32_t>> wanted;  ///< sorted by name; which number of the selection
};

/// Names that elements which are taken by their place must have.
struct ExpectedNames {
  ElementNamesPath names;
  std::vector<std::uint32_t> slots;
  std::size_t selection = 0;
};

Status check_numbers(const Target& target, const FieldPath& path) {
  if (target.field->primitive != Primitive::string) return {};
  return Error(ErrorKind::invalid, "`" + target.field->name + "` of " + target.parent + " is a string, not a number")
      .in(quoted(path));
}

}  // namespace

struct NumberExtractor::Program {
  std::shared_ptr<const Definition> definition;  // the walk points into it
  Walk walk;
  std::vector<NumberSelection> selections;
  std::vector<Read> reads;
  std::vector<NamedRead> named_reads;
  std::vector<ExpectedNames> expected;
  std::uint32_t width = 0;
  std::optional<TaggedNumbers> tagged;  // for tagged messages this and `width` alone

  Status add(std::size_t selection, const Target& target);
  Status add_named(std::size_t selection, const Target& target, const Target& names);
  Status run_walk(Bytes message, std::span<double> out, std::span<Found> found, Misnamed& misnamed) const;
  Status wrong_length(const Read& read, Bytes message, WireForm form, std::span<const Found> found, Misnamed& misnamed) const;
  Status read_named(const NamedRead& read, Bytes message, WireForm form, std::span<const Found> found, std::span<double> out,
                    Misnamed& misnamed) const;
  Status compare_names(const ExpectedNames& expected, Bytes message, WireForm form, std::span<const Found> found,
                       Misnamed& misnamed) const;
};

Status NumberExtractor::Program::add(std::size_t selection, const Target& target) {
  const NumberSelection& chosen = selections[selection];
  RETURN_IF_ERROR(check_numbers(target, chosen.path));
  Read read;
  read.primitive = target.field->primitive;
  read.selection = selection;
  read.count = 1;
  if (target.ranged) {
    read.begin = target.begin;
    read.count = target.end - target.begin;
  } else if (target.field->array == ArrayKind::fixed) {
    read.count = target.field->length;
    read.exact = true;
  } else if (target.field->array == ArrayKind::variable) {
    if (chosen.width == 0) {
      return Error(ErrorKind::invalid, "`" + target.field->name + "` is an array of any length: give a range, such as `" +
                                           chosen.path.text + "[0:7]`, or names")
          .in(quoted(chosen.path));
    }
    read.count = chosen.width;
    read.exact = true;
  }
  if (target.slots.size() > 1 && read.count > 1) {
    return Error(ErrorKind::invalid, "only one step may select more than one element").in(quoted(chosen.path));
  }
  const std::uint64_t selected = std::uint64_t{read.count} * target.slots.size();
  if (chosen.width != 0 && chosen.width != selected) {
    return Error(ErrorKind::invalid,
                 "selects " + std::to_string(selected) + " numbers, " + std::to_string(chosen.width) + " are expected")
        .in(quoted(chosen.path));
  }
  if (width + selected > kMostNumbers) return Error(ErrorKind::invalid, "selects too many numbers").in(quoted(chosen.path));
  for (const std::uint32_t slot : target.slots) {
    read.slot = slot;
    read.out = width;
    width += read.count;
    reads.push_back(read);
  }
  return {};
}

Status NumberExtractor::Program::add_named(std::size_t selection, const Target& target, const Target& names) {
  const NumberSelection& chosen = selections[selection];
  RETURN_IF_ERROR(check_numbers(target, chosen.path));
  if (target.ranged || target.slots.size() != 1 || target.field->array == ArrayKind::none) {
    return Error(ErrorKind::invalid, "names pick from a whole array of numbers, without a range").in(quoted(chosen.path));
  }
  if (names.field->primitive != Primitive::string || names.ranged || names.slots.size() != 1 ||
      names.field->array == ArrayKind::none) {
    return Error(ErrorKind::invalid,
                 "`" + names.field->name + "` of " + names.parent + " is no array of strings to find names in")
        .in(quoted(chosen.path));
  }
  if (chosen.width != 0 && chosen.width != chosen.names.size()) {
    return Error(ErrorKind::invalid,
                 std::to_string(chosen.names.size()) + " names for " + std::to_string(chosen.width) + " numbers")
        .in(quoted(chosen.path));
  }
  if (width + chosen.names.size() > kMostNumbers)
    return Error(ErrorKind::invalid, "selects too many numbers").in(quoted(chosen.path));
  NamedRead read;
  read.numbers_slot = target.slots[0];
  read.names_slot = names.slots[0];
  read.primitive = target.field->primitive;
  read.selection = selection;
  read.out = width;
  for (std::size_t i = 0; i < chosen.names.size(); ++i) read.wanted.emplace_back(chosen.names[i], static_cast<std::uint32_t>(i));
  std::sort(read.wanted.begin(), read.wanted.end());
  for (std::size_t i = 1; i < read.wanted.size(); ++i) {
    if (read.wanted[i].first == read.wanted[i - 1].first) {
      return Error(ErrorKind::invalid, "name `" + read.wanted[i].first + "` is selected twice").in(quoted(chosen.path));
    }
  }
  width += static_cast<std::uint32_t>(chosen.names.size());
  named_reads.push_back(std::move(read));
  return {};
}

// Another publisher's message has as many elements as it likes.
Status NumberExtractor::Program::wrong_length(const Read& read, Bytes message, WireForm form, std::span<const Found> found,
                                              Misnamed& misnamed) const {
  for (const ExpectedNames& names : expected) {
    if (names.selection != read.selection) continue;
    auto status = compare_names(names, message, form, found, misnamed);
    if (misnamed == Misnamed::all) return status;
    misnamed = Misnamed::no;
  }
  return Error(ErrorKind::corrupt, "`" + selections[read.selection].path.text + "`: the array has " +
                                       std::to_string(found[read.slot].count) + " elements, " + (read.exact ? "" : "at least ") +
                                       std::to_string(std::uint64_t{read.begin} + read.count) + " are expected");
}

Status NumberExtractor::Program::run_walk(Bytes message, std::span<double> out, std::span<Found> found,
                                          Misnamed& misnamed) const {
  WireForm form;
  RETURN_IF_ERROR(walk.run(message, found, form));
  for (const Read& read : reads) {
    const Found& place = found[read.slot];
    if (read.exact ? place.count != read.count : place.count < std::uint64_t{read.begin} + read.count)
      return wrong_length(read, message, form, found, misnamed);
    const std::uint64_t at = place.at + std::uint64_t{read.begin} * wire_bytes(read.primitive);
    load_numbers(read.primitive, form, message.subspan(static_cast<std::size_t>(at)), out.subspan(read.out, read.count));
  }
  for (const NamedRead& read : named_reads) RETURN_IF_ERROR(read_named(read, message, form, found, out, misnamed));
  for (const ExpectedNames& names : expected) RETURN_IF_ERROR(compare_names(names, message, form, found, misnamed));
  return {};
}

Status NumberExtractor::Program::read_named(const NamedRead& read, Bytes message, WireForm form, std::span<const Found> found,
                                            std::span<double> out, Misnamed& misnamed) const {
  const Found& numbers = found[read.numbers_slot];
  const Found& names = found[read.names_slot];
  const FieldPath& path = selections[read.selection].path;
  const std::span<double> mine = out.subspan(read.out, read.wanted.size());
  const std::uint32_t bytes = wire_bytes(read.primitive);
  std::vector<bool> seen(read.wanted.size());
  std::size_t missing = seen.size();
  bool named = false;
  Strings strings(message, names.at, form);
  for (std::uint32_t element = 0; element < names.count; ++element) {
    const std::string_view name = strings.next();
    named = named || !name.empty();
    const auto wanted = std::lower_bound(read.wanted.begin(), read.wanted.end(), name,
                                         [](const auto& entry, std::string_view text) { return entry.first < text; });
    if (wanted == read.wanted.end() || wanted->first != name) continue;
    const auto which = static_cast<std::size_t>(wanted - read.wanted.begin());
    if (seen[which]) return Error(ErrorKind::corrupt, "`" + path.text + "`: the message names `" + wanted->first + "` twice");
    seen[which] = true;
    --missing;
    if (element >= numbers.count) {
      return Error(ErrorKind::corrupt, "`" + path.text + "`: `" + wanted->first + "` is name " + std::to_string(element) +
                                           ", the array has " + std::to_string(numbers.count) + " elements");
    }
    load_numbers(read.primitive, form, message.subspan(static_cast<std::size_t>(numbers.at + std::uint64_t{element} * bytes)),
                 mine.subspan(wanted->second, 1));
  }
  if (missing == 0) return {};
  misnamed = named && missing == seen.size() ? Misnamed::all : Misnamed::some;
  const auto first = static_cast<std::size_t>(std::find(seen.begin(), seen.end(), false) - seen.begin());
  return Error(ErrorKind::corrupt, "`" + path.text + "`: the message does not name `" + read.wanted[first].first + "`");
}

Status NumberExtractor::Program::compare_names(const ExpectedNames& here, Bytes message, WireForm form,
                                               std::span<const Found> found, Misnamed& misnamed) const {
  const NumberSelection& selection = selections[here.selection];
  NameComparison comparison(selection.expected);
  const auto visit = [&](const auto& take) { visit_names(here.names, here.slots, selection.width, message, form, found, take); };
  visit([&](std::optional<std::size_t> place, std::string_view name) { comparison.add(place, name); });
  if (comparison.fits()) return {};
  std::vector<std::string> names;
  visit([&](std::optional<std::size_t> place, std::string_view name) {
    if (place) names.emplace_back(name);
  });
  misnamed = misnamed_as(selection, names);
  return named_otherwise(selection, names);
}

NumberExtractor::NumberExtractor(std::unique_ptr<const Program> program) : program_(std::move(program)) {}
NumberExtractor::~NumberExtractor() = default;
NumberExtractor::NumberExtractor(NumberExtractor&&) noexcept = default;
NumberExtractor& NumberExtractor::operator=(NumberExtractor&&) noexcept = default;

Result<NumberExtractor> NumberExtractor::compile(std::shared_ptr<const Definition> definition,
                                                 std::vector<NumberSelection> selections) {
  auto program = std::make_unique<Program>();
  if (is_tagged(definition->wire)) {
    ASSIGN_OR_RETURN(program->tagged, TaggedNumbers::compile(std::move(definition), std::move(selections)));
    program->width = program->tagged->width();
    return NumberExtractor(std::move(program));
  }
  program->definition = std::move(definition);
  program->selections = std::move(selections);

  std::vector<Wanted> wanted;
  for (const NumberSelection& selection : program->selections) {
    wanted.push_back({selection.path, selection.names.empty() ? selection.width : 0});
  }
  for (NumberSelection& selection : program->selections) {
    if (selection.names.empty()) continue;
    if (selection.names_path.steps.empty()) {
      ASSIGN_OR_RETURN(selection.names_path, find_names_beside(*program->definition, selection.path));
    }
    wanted.push_back({selection.names_path, 0});
  }
  const std::size_t first_expected = wanted.size();
  for (std::size_t i = 0; i < program->selections.size(); ++i) {
    const NumberSelection& selection = program->selections[i];
    if (selection.expected.empty() || selection.width == 0) continue;
    auto names = find_element_names(*program->definition, selection);
    if (!names) continue;  // a type that names nothing
    wanted.push_back({names->path, selection.width});
    program->expected.push_back({std::move(*names), {}, i});
  }
  ASSIGN_OR_RETURN(program->walk, Walk::compile(*program->definition, wanted));
  for (std::size_t i = 0; i < program->expected.size(); ++i)
    program->expected[i].slots = program->walk.targets()[first_expected + i].slots;

  std::size_t next_names = program->selections.size();
  for (std::size_t i = 0; i < program->selections.size(); ++i) {
    const std::vector<Target>& targets = program->walk.targets();
    if (program->selections[i].names.empty()) {
      RETURN_IF_ERROR(program->add(i, targets[i]));
    } else {
      RETURN_IF_ERROR(program->add_named(i, targets[i], targets[next_names++]));
    }
  }
  return NumberExtractor(std::move(program));
}

std::uint32_t NumberExtractor::width() const { return program_->width; }

Status NumberExtractor::run(Bytes message, std::span<double> out, Misnamed* misnamed) const {
  Misnamed unasked;
  Misnamed& named = misnamed != nullptr ? *misnamed : unasked;
  named = Misnamed::no;
  if (out.size() < program_->width) return Error(ErrorKind::internal, "an extractor's output is too short");
  if (program_->tagged) return program_->tagged->run(message, out, named);
  if (program_->walk.slots() <= kSlotsOnStack) {
    std::array<Found, kSlotsOnStack> found;
    return program_->run_walk(message, out, found, named);
  }
  std::vector<Found> found(program_->walk.slots());
  return program_->run_walk(message, out, found, named);
}

}  // namespace bagloom::msg
