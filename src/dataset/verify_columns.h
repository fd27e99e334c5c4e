// Arrow columns as plain numbers, with what is wrong in them.
#pragma once

#include <arrow/type_fwd.h>

#include <cstdint>
#include <optional>
#include <span>
#include <string>
#include <vector>

namespace bagloom::dataset::verify {

/// How a stored type stands to a declared dtype. lerobot-format.md 3.1, 3.5.
enum class Fit {
  exact,
  width,     ///< same kind, other width: float for double
  castable,  ///< an integer for a float, or the other way round
  no,
};
/// Whether `type` can hold `dtype` with this shape; [1] is a plain value. Lengths of lists are looked at in `flatten` only.
Fit fit_of(const arrow::DataType& type, const std::string& dtype, std::span<const std::int64_t> shape);
/// Lists nested as deep as `shape` says (even for [1]) with a number inside, as the statistics' columns are.
bool is_list_of_numbers(const arrow::DataType& type, std::size_t depth, bool integers_only);

struct Flat {
  std::vector<double> values;               ///< rows * product of the shape; NaN where missing
  std::optional<std::uint64_t> null_row;    ///< first row of the batch with a null, nested too
  std::optional<std::uint64_t> length_row;  ///< first row with a list of another length
  std::int64_t length_found = 0, length_wanted = 0;
};
/// `plain`: shape [1] is a plain value (data); else a list at every level (statistics). The type must fit.
Flat flatten(const arrow::Array& array, std::span<const std::int64_t> shape, bool plain);

/// Integers of any width, exactly; nullopt: null, or beyond int64. The type must be an integer type.
std::vector<std::optional<std::int64_t>> integers(const arrow::Array& array);
bool is_integer_type(const arrow::DataType& type);
bool is_string_type(const arrow::DataType& type);
/// Row `i` of a string (or binary) column; the view lives as long as the array. Row must not be null.
std::string_view text_at(const arrow::Array& array, std::int64_t i);

}  // namespace bagloom::dataset::verify
