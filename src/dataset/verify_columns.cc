#include "dataset/verify_columns.h"

#include <arrow/array.h>
#include <arrow/type.h>

#include <limits>
#include <utility>

namespace bagloom::dataset::verify {
namespace {

enum class NumberKind { none, boolean, integer, floating };

NumberKind kind_of(arrow::Type::type id) {
  switch (id) {
    case arrow::Type::BOOL: return NumberKind::boolean;
    case arrow::Type::INT8:
    case arrow::Type::INT16:
    case arrow::Type::INT32:
    case arrow::Type::INT64:
    case arrow::Type::UINT8:
    case arrow::Type::UINT16:
    case arrow::Type::UINT32:
    case arrow::Type::UINT64: return NumberKind::integer;
    case arrow::Type::FLOAT:
    case arrow::Type::DOUBLE: return NumberKind::floating;
    default: return NumberKind::none;
  }
}

NumberKind kind_of(const std::string& dtype) {
  if (dtype == "bool") return NumberKind::boolean;
  if (dtype.starts_with("int") || dtype.starts_with("uint")) return NumberKind::integer;
  if (dtype.starts_with("float")) return NumberKind::floating;
  return NumberKind::none;
}

/// LeRobot's names of dtypes are NumPy's, Arrow's differ for two.
std::string arrow_name(const std::string& dtype) {
  if (dtype == "float32") return "float";
  if (dtype == "float64") return "double";
  return dtype;
}

const arrow::DataType* inside(const arrow::DataType& type) {
  switch (type.id()) {
    case arrow::Type::LIST:
    case arrow::Type::LARGE_LIST:
    case arrow::Type::FIXED_SIZE_LIST: return type.field(0)->type().get();
    default: return nullptr;
  }
}

/// First element and number of elements of row `i` of a list array, in the child array.
std::pair<std::int64_t, std::int64_t> range_of(const arrow::Array& array, std::int64_t i) {
  switch (array.type_id()) {
    case arrow::Type::LIST: {
      const auto& list = static_cast<const arrow::ListArray&>(array);
      return {list.value_offset(i), list.value_length(i)};
    }
    case arrow::Type::LARGE_LIST: {
      const auto& list = static_cast<const arrow::LargeListArray&>(array);
      return {list.value_offset(i), list.value_length(i)};
    }
    default: {
      const auto& list = static_cast<const arrow::FixedSizeListArray&>(array);
      return {list.value_offset(i), list.value_length(i)};
    }
  }
}

std::shared_ptr<arrow::Array> child_of(const arrow::Array& array) {
  switch (array.type_id()) {
    case arrow::Type::LIST: return static_cast<const arrow::ListArray&>(array).values();
    case arrow::Type::LARGE_LIST: return static_cast<const arrow::LargeListArray&>(array).values();
    default: return static_cast<const arrow::FixedSizeListArray&>(array).values();
  }
}

template <class ArrayType>
auto value_of(const arrow::Array& array, std::int64_t i) {
  return static_cast<const ArrayType&>(array).Value(i);
}

double number_at(const arrow::Array& array, std::int64_t i) {
  switch (array.type_id()) {
    case arrow::Type::BOOL: return value_of<arrow::BooleanArray>(array, i) ? 1 : 0;
    case arrow::Type::INT8: return value_of<arrow::Int8Array>(array, i);
    case arrow::Type::INT16: return value_of<arrow::Int16Array>(array, i);
    case arrow::Type::INT32: return value_of<arrow::Int32Array>(array, i);
    case arrow::Type::INT64: return static_cast<double>(value_of<arrow::Int64Array>(array, i));
    case arrow::Type::UINT8: return value_of<arrow::UInt8Array>(array, i);
    case arrow::Type::UINT16: return value_of<arrow::UInt16Array>(array, i);
    case arrow::Type::UINT32: return value_of<arrow::UInt32Array>(array, i);
    case arrow::Type::UINT64: return static_cast<double>(value_of<arrow::UInt64Array>(array, i));
    case arrow::Type::FLOAT: return value_of<arrow::FloatArray>(array, i);
    case arrow::Type::DOUBLE: return value_of<arrow::DoubleArray>(array, i);
    default: return std::numeric_limits<double>::quiet_NaN();
  }
}

}  // namespace

Fit fit_of(const arrow::DataType& type, const std::string& dtype, std::span<const std::int64_t> shape) {
  const arrow::DataType* leaf = &type;
  if (dtype == "string") return shape.size() == 1 && is_string_type(type) ? Fit::exact : Fit::no;
  if (!(shape.size() == 1 && shape[0] == 1)) {
    for (std::size_t level = 0; level < shape.size(); ++level) {
      leaf = inside(*leaf);
      if (leaf == nullptr) return Fit::no;
    }
  }
  NumberKind stored = kind_of(leaf->id()), wanted = kind_of(dtype);
  if (stored == NumberKind::none || wanted == NumberKind::none) return Fit::no;
  if ((stored == NumberKind::boolean) != (wanted == NumberKind::boolean)) return Fit::no;
  if (stored != wanted) return Fit::castable;
  return leaf->name() == arrow_name(dtype) ? Fit::exact : Fit::width;
}

bool is_list_of_numbers(const arrow::DataType& type, std::size_t depth, bool integers_only) {
  const arrow::DataType* leaf = &type;
  for (std::size_t level = 0; level < depth; ++level) {
    leaf = inside(*leaf);
    if (leaf == nullptr) return false;
  }
  NumberKind kind = kind_of(leaf->id());
  return kind == NumberKind::integer || (kind != NumberKind::none && !integers_only);
}

Flat flatten(const arrow::Array& array, std::span<const std::int64_t> shape, bool plain) {
  Flat flat;
  auto rows = static_cast<std::uint64_t>(array.length());
  std::vector<std::int64_t> places(rows);  // in `level`; -1: missing
  for (std::uint64_t i = 0; i < rows; ++i) places[i] = static_cast<std::int64_t>(i);
  std::shared_ptr<arrow::Array> owned;
  const arrow::Array* level = &array;
  std::uint64_t per_row = 1;
  auto note_null = [&](std::uint64_t place) {
    if (!flat.null_row) flat.null_row = place / per_row;
  };
  if (!(plain && shape.size() == 1 && shape[0] == 1)) {
    for (std::int64_t wanted : shape) {
      std::vector<std::int64_t> deeper;
      deeper.reserve(places.size() * static_cast<std::size_t>(wanted));
      for (std::size_t p = 0; p < places.size(); ++p) {
        std::int64_t first = -1;
        if (places[p] >= 0 && level->IsNull(places[p])) {
          note_null(p);
        } else if (places[p] >= 0) {
          auto [begin, length] = range_of(*level, places[p]);
          if (length == wanted) {
            first = begin;
          } else if (!flat.length_row) {
            flat.length_row = p / per_row;
            flat.length_found = length;
            flat.length_wanted = wanted;
          }
        }
        for (std::int64_t i = 0; i < wanted; ++i) deeper.push_back(first < 0 ? -1 : first + i);
      }
      places = std::move(deeper);
      per_row *= static_cast<std::uint64_t>(wanted);
      owned = child_of(*level);
      level = owned.get();
    }
  }
  flat.values.resize(places.size());
  for (std::size_t p = 0; p < places.size(); ++p) {
    if (places[p] >= 0 && level->IsNull(places[p])) {
      note_null(p);
      places[p] = -1;
    }
    flat.values[p] = places[p] < 0 ? std::numeric_limits<double>::quiet_NaN() : number_at(*level, places[p]);
  }
  return flat;
}

bool is_integer_type(const arrow::DataType& type) { return kind_of(type.id()) == NumberKind::integer; }

bool is_string_type(const arrow::DataType& type) {
  return type.id() == arrow::Type::STRING || type.id() == arrow::Type::LARGE_STRING;
}

std::vector<std::optional<std::int64_t>> integers(const arrow::Array& array) {
  std::vector<std::optional<std::int64_t>> out(static_cast<std::size_t>(array.length()));
  for (std::int64_t i = 0; i < array.length(); ++i) {
    if (array.IsNull(i)) continue;
    auto& value = out[static_cast<std::size_t>(i)];
    switch (array.type_id()) {
      case arrow::Type::INT64: value = value_of<arrow::Int64Array>(array, i); break;
      case arrow::Type::UINT64: {
        std::uint64_t wide = value_of<arrow::UInt64Array>(array, i);
        if (wide <= static_cast<std::uint64_t>(std::numeric_limits<std::int64_t>::max())) value = static_cast<std::int64_t>(wide);
        break;
      }
      default: value = static_cast<std::int64_t>(number_at(array, i));  // at most 32 bits: exact
    }
  }
  return out;
}

std::string_view text_at(const arrow::Array& array, std::int64_t i) {
  switch (array.type_id()) {
    case arrow::Type::STRING:
    case arrow::Type::BINARY: return static_cast<const arrow::BinaryArray&>(array).GetView(i);
    case arrow::Type::LARGE_STRING:
    case arrow::Type::LARGE_BINARY: return static_cast<const arrow::LargeBinaryArray&>(array).GetView(i);
    default: return {};
  }
}

}  // namespace bagloom::dataset::verify
