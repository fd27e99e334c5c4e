// The kinds of losses, and what each means to whoever reads the report: one table for all that tell them apart.
#pragma once

#include <array>
#include <cstddef>
#include <cstdint>
#include <optional>
#include <string_view>

namespace bagloom::convert {

/// As in the table of docs/output.md.
enum class LossKind : std::uint8_t {
  damage,
  unusable_message,
  doubtful_hole,
  clock_set_back,
  stale_rows,
  trimmed_rows,
  held_rows,
  gap_rows,
  short_pieces,
  rejected,
  non_finite,
};

enum class LossWeight : std::uint8_t {
  lost,      ///< a row, an episode or data is not in the dataset: exit code 3
  foreseen,  ///< by the recipe, and the row is in place: lost or made up, no exit code of its own
  remark,    ///< nothing is lost or made up; to be looked at
};

struct LossKindFacts {
  LossKind kind;
  std::string_view name;  ///< in `--json`, report.json and the records of a job
  LossWeight weight;
};

inline constexpr std::array kLossKinds{
    LossKindFacts{LossKind::damage, "damage", LossWeight::lost},
    LossKindFacts{LossKind::unusable_message, "unusable_message", LossWeight::lost},
    LossKindFacts{LossKind::doubtful_hole, "doubtful_hole", LossWeight::remark},
    LossKindFacts{LossKind::clock_set_back, "clock_set_back", LossWeight::remark},
    LossKindFacts{LossKind::stale_rows, "stale_rows", LossWeight::remark},
    LossKindFacts{LossKind::trimmed_rows, "trimmed_rows", LossWeight::remark},
    LossKindFacts{LossKind::held_rows, "held_rows", LossWeight::foreseen},
    LossKindFacts{LossKind::gap_rows, "gap_rows", LossWeight::lost},
    LossKindFacts{LossKind::short_pieces, "short_pieces", LossWeight::lost},
    LossKindFacts{LossKind::rejected, "rejected", LossWeight::lost},
    LossKindFacts{LossKind::non_finite, "non_finite", LossWeight::foreseen},
};

namespace loss_kind_check {
constexpr bool in_order() {
  for (std::size_t i = 0; i < kLossKinds.size(); ++i)
    if (static_cast<std::size_t>(kLossKinds[i].kind) != i) return false;
  return kLossKinds.back().kind == LossKind::non_finite;  // the last of the enumeration
}
static_assert(in_order());
}  // namespace loss_kind_check

constexpr std::string_view name_of(LossKind kind) { return kLossKinds[static_cast<std::size_t>(kind)].name; }
constexpr LossWeight weight_of(LossKind kind) { return kLossKinds[static_cast<std::size_t>(kind)].weight; }

/// Nothing where no kind has this name.
constexpr std::optional<LossKind> loss_kind(std::string_view name) {
  for (const LossKindFacts& facts : kLossKinds)
    if (facts.name == name) return facts.kind;
  return std::nullopt;
}

}  // namespace bagloom::convert
