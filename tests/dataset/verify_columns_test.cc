#include "dataset/verify_columns.h"

#include <arrow/api.h>
#include <gtest/gtest.h>

#include <array>
#include <cmath>

namespace bagloom::dataset::verify {
namespace {

constexpr std::array<std::int64_t, 1> kOne = {1}, kTwo = {2};

std::shared_ptr<arrow::Array> lists(const std::vector<std::vector<std::optional<float>>>& rows, bool null_first = false) {
  auto values = std::make_shared<arrow::FloatBuilder>();
  arrow::ListBuilder builder(arrow::default_memory_pool(), values);
  if (null_first) {
    EXPECT_TRUE(builder.AppendNull().ok());
  }
  for (const auto& row : rows) {
    EXPECT_TRUE(builder.Append().ok());
    for (auto value : row) EXPECT_TRUE((value ? values->Append(*value) : values->AppendNull()).ok());
  }
  return builder.Finish().ValueOrDie();
}

TEST(VerifyColumns, FlattensRows) {
  auto array = lists({{1.f, 2.f}, {3.f, 4.f}});
  Flat flat = flatten(*array, kTwo, true);
  EXPECT_EQ(flat.values, (std::vector<double>{1, 2, 3, 4}));
  EXPECT_FALSE(flat.null_row || flat.length_row);
  Flat second = flatten(*array->Slice(1), kTwo, true);
  EXPECT_EQ(second.values, (std::vector<double>{3, 4}));
}

TEST(VerifyColumns, FindsNullsAndLengths) {
  Flat element = flatten(*lists({{1.f, 2.f}, {3.f, std::nullopt}}), kTwo, true);
  EXPECT_EQ(element.null_row, 1u);
  EXPECT_TRUE(std::isnan(element.values[3]));
  Flat row = flatten(*lists({{1.f, 2.f}}, true), kTwo, true);
  EXPECT_EQ(row.null_row, 0u);
  Flat length = flatten(*lists({{1.f, 2.f}, {3.f}}), kTwo, true);
  EXPECT_EQ(length.length_row, 1u);
  EXPECT_EQ(length.length_found, 1);
  EXPECT_EQ(length.length_wanted, 2);
}

TEST(VerifyColumns, HowStoredTypesStandToDeclaredOnes) {
  auto vector = arrow::fixed_size_list(arrow::float32(), 2);
  EXPECT_EQ(fit_of(*vector, "float32", kTwo), Fit::exact);
  EXPECT_EQ(fit_of(*arrow::list(arrow::float64()), "float32", kTwo), Fit::width);
  EXPECT_EQ(fit_of(*arrow::list(arrow::int64()), "float32", kTwo), Fit::castable);
  EXPECT_EQ(fit_of(*arrow::float32(), "float32", kTwo), Fit::no);
  EXPECT_EQ(fit_of(*arrow::float32(), "float32", kOne), Fit::exact);
  EXPECT_EQ(fit_of(*arrow::list(arrow::float32()), "float32", kOne), Fit::no);
  EXPECT_EQ(fit_of(*arrow::boolean(), "int64", kOne), Fit::no);
  EXPECT_EQ(fit_of(*arrow::utf8(), "string", kOne), Fit::exact);
  EXPECT_EQ(fit_of(*arrow::dictionary(arrow::int32(), arrow::utf8()), "string", kOne), Fit::no);
}

TEST(VerifyColumns, IntegersAreExactAndTooLargeOnesAbsent) {
  arrow::UInt64Builder builder;
  ASSERT_TRUE(builder.AppendValues({9007199254740993u, ~std::uint64_t{0}}).ok());
  auto array = builder.Finish().ValueOrDie();
  auto found = integers(*array);
  EXPECT_EQ(found[0], 9007199254740993);
  EXPECT_FALSE(found[1].has_value());
}

}  // namespace
}  // namespace bagloom::dataset::verify
