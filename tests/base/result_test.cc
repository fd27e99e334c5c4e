#include "base/result.h"

#include <gtest/gtest.h>

#include <memory>
#include <string>

namespace bagloom {
namespace {

Result<int> half(int n) {
  if (n % 2 != 0) return Error(ErrorKind::invalid, std::to_string(n) + " is odd");
  return n / 2;
}
Result<int> quarter(int n) {
  ASSIGN_OR_RETURN(const int once, half(n));
  ASSIGN_OR_RETURN(const int twice, half(once));
  return twice;
}
Status check_even(int n) {
  RETURN_IF_ERROR(half(n));
  return {};
}

TEST(Result, CarriesAValueOrAnError) {
  EXPECT_EQ(*half(4), 2);
  EXPECT_TRUE(half(4).ok());
  EXPECT_EQ(half(3).error().text(), "3 is odd");
}

TEST(Result, MacrosPassErrorsUp) {
  EXPECT_EQ(*quarter(12), 3);
  EXPECT_EQ(quarter(6).error().text(), "3 is odd");
  EXPECT_TRUE(check_even(2).ok());
  EXPECT_EQ(check_even(5).error().text(), "5 is odd");
}

TEST(Result, MovesMoveOnlyValues) {
  Result<std::unique_ptr<int>> result(std::make_unique<int>(7));
  const std::unique_ptr<int> value = std::move(result).value();
  EXPECT_EQ(*value, 7);
}

}  // namespace
}  // namespace bagloom
