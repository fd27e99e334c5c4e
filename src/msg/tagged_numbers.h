// NumberExtractor's work on tagged messages (protobuf, JSON). Internal to msg/.
#pragma once

#include <memory>
#include <span>
#include <string>
#include <utility>
#include <vector>

#include "base/bytes.h"
#include "base/result.h"
#include "msg/definition.h"
#include "msg/extractor.h"
#include "msg/field_tree.h"

namespace bagloom::msg {

/// Compiled for one definition; immutable. Widths, names and errors are those of NumberExtractor. Names may also stand in the
/// elements that hold the numbers: `joints.position` beside `joints.name`.
class TaggedNumbers {
 public:
  static Result<TaggedNumbers> compile(std::shared_ptr<const Definition> definition, std::vector<NumberSelection> selections);

  std::uint32_t width() const { return width_; }
  /// One pass over the message, and one before it where names select. Names that are expected are compared in the pass.
  Status run(Bytes message, std::span<double> out, Misnamed& misnamed) const;

 private:
  friend class NumberSink;
  friend class NameSink;
  /// A selection's place in the output.
  struct Part {
    std::uint32_t out = 0, width = 0;
    std::uint32_t least = 0;                                    ///< elements that the array must have; 0: no array
    bool exact = false;                                         ///< and no more
    bool maybe_single = false;                                  ///< or the value stands in no array
    std::size_t names = 0;                                      ///< which path of `names_`; where `wanted` is not empty
    std::vector<std::pair<std::string, std::uint32_t>> wanted;  ///< sorted by name; which number of the part
  };
  /// Names that elements of a part which are taken by their place must have.
  struct Expected {
    std::uint32_t path = 0;    ///< of `numbers_`, where `in_elements` is false
    bool in_elements = false;  ///< a companion of the part's path, so that each name comes with its number's place
    std::uint32_t begin = 0;   ///< else: which name is the part's first
    std::size_t part = 0;
    std::uint32_t bits = 0;  ///< of NumberSink::seen: whether each name is the expected one, and whether any is not empty
  };
  /// Names of parts that a message holds, as (element, number of the part), sorted.
  using Elements = std::vector<std::vector<std::pair<std::uint32_t, std::uint32_t>>>;

  Status add(const PathEnd& end, const NumberSelection& chosen);
  Status add_named(const PathEnd& end, const PathEnd& names, const NumberSelection& chosen);
  void expect_names(std::vector<FieldPath>& paths, std::vector<Companion>& companions,
                    const std::vector<NumberSelection>& selections);
  Status compare_names(const Expected& expected, Bytes message, std::uint32_t count, const std::vector<bool>& seen,
                       Misnamed& misnamed) const;
  Status find_names(Bytes message, Elements& elements, Misnamed& misnamed) const;
  Status check(std::size_t part, std::uint32_t count, const std::vector<bool>& seen, const Elements& elements) const;

  std::shared_ptr<const Definition> definition_;  // the trees point into it
  std::vector<NumberSelection> selections_;
  FieldTree numbers_, names_;
  std::vector<Part> parts_;
  std::vector<Expected> expected_;
  std::uint32_t width_ = 0, bits_ = 0;
};

}  // namespace bagloom::msg
