// Where messages name the elements that a path takes by their place (JointState's `name` beside `position`), and whether those
// are the names that are expected. Internal to msg/; extractor.h declares what others may use.
#pragma once

#include <algorithm>
#include <cstdint>
#include <optional>
#include <span>
#include <string>
#include <string_view>
#include <vector>

#include "base/result.h"
#include "msg/definition.h"
#include "msg/extractor.h"
#include "msg/field_path.h"
#include "msg/walk.h"

namespace bagloom::msg {

struct ElementNamesPath {
  FieldPath path;            ///< of strings
  bool in_elements = false;  ///< each stands in the message that holds the number
  std::uint32_t begin =
      0;  ///< which string is the first wanted number's; where a walk finds those in elements, it finds no others
};

/// Nothing where the type's messages name no elements, or the path leads to no array's. Of an open type messages show it.
std::optional<ElementNamesPath> find_element_names(const Definition& definition, const NumberSelection& selection);

/// Compares the names that a message gives with the expected ones, as they come by.
class NameComparison {
 public:
  explicit NameComparison(std::span<const std::string> expected) : expected_(expected) {}

  /// `place`: of the part's numbers, from 0; nothing for names that stand before them.
  void add(std::optional<std::size_t> place, std::string_view name) {
    named_ = named_ || !name.empty();
    if (!place) return;
    ++names_;
    if (*place < expected_.size() && name == expected_[*place]) ++same_;
  }
  /// A message that names nothing fits.
  bool fits() const { return !named_ || (names_ == expected_.size() && same_ == names_); }

 private:
  std::span<const std::string> expected_;
  std::size_t names_ = 0, same_ = 0;
  bool named_ = false;
};

/// Gives the names of up to `width` elements, and those before them, from where a walk has found them: take(place, name) as
/// NameComparison::add.
template <class Take>
void visit_names(const ElementNamesPath& names, std::span<const std::uint32_t> slots, std::uint32_t width, Bytes message,
                 WireForm form, std::span<const Found> found, const Take& take) {
  if (names.in_elements) {
    for (std::size_t i = 0; i < slots.size(); ++i) {
      const Found& place = found[slots[i]];
      take(std::optional<std::size_t>(i), as_text(message.subspan(static_cast<std::size_t>(place.at), place.count)));
    }
    return;
  }
  const Found& place = found[slots[0]];
  Strings strings(message, place.at, form);
  const std::uint64_t end = std::min<std::uint64_t>(place.count, std::uint64_t{names.begin} + width);
  for (std::uint64_t i = 0; i < end; ++i) {
    const std::optional<std::size_t> which = i < names.begin ? std::nullopt : std::optional<std::size_t>(i - names.begin);
    take(which, strings.next());
  }
}

/// What a message is whose elements have the names `found` in place of the expected ones.
Misnamed misnamed_as(const NumberSelection& selection, const std::vector<std::string>& found);
/// The Error (corrupt) of a message whose elements have the names `found`, and what may be done.
Error named_otherwise(const NumberSelection& selection, const std::vector<std::string>& found);

}  // namespace bagloom::msg
