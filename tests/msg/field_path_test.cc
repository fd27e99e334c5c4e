#include "msg/field_path.h"

#include <gtest/gtest.h>

namespace bagloom::msg {
namespace {

std::string error_of(std::string_view text) {
  const auto path = parse_field_path(text);
  return path.ok() ? "parsed" : path.error().text();
}

TEST(FieldPath, ReadsNamesIndexesAndRanges) {
  const auto path = parse_field_path("joint_data.joint_q[12:26]");
  ASSERT_TRUE(path.ok()) << path.error().text();
  EXPECT_EQ(path->text, "joint_data.joint_q[12:26]");
  ASSERT_EQ(path->steps.size(), 2u);
  EXPECT_EQ(path->steps[0], (PathStep{"joint_data", false, 0, 0}));
  EXPECT_EQ(path->steps[1], (PathStep{"joint_q", true, 12, 26}));
}

TEST(FieldPath, AnIndexIsARangeOfOne) {
  const auto path = parse_field_path("poses[3].position.x");
  ASSERT_TRUE(path.ok());
  EXPECT_EQ(path->steps[0], (PathStep{"poses", true, 3, 4}));
  EXPECT_EQ(path->steps[2], (PathStep{"x", false, 0, 0}));
}

TEST(FieldPath, OneIndexAndOneRangeMayStandTogether) {
  EXPECT_EQ(error_of("hands[1].fingers[0:5]"), "parsed");
  EXPECT_EQ(error_of("hands[0:2].fingers[0:5]"), "field path `hands[0:2].fingers[0:5]`: only one step may carry a range");
}

TEST(FieldPath, ErrorsNameTheColumn) {
  EXPECT_EQ(error_of(""), "field path ``: expected a field's name at column 1");
  EXPECT_EQ(error_of("a..b"), "field path `a..b`: expected a field's name at column 3");
  EXPECT_EQ(error_of("a[x]"), "field path `a[x]`: expected a number at column 3");
  EXPECT_EQ(error_of("a[1:2"), "field path `a[1:2`: expected `]` at column 6");
  EXPECT_EQ(error_of("a b"), "field path `a b`: expected `.`, `[` or the end at column 2");
  EXPECT_EQ(error_of("a[0][1]"), "field path `a[0][1]`: expected `.`, `[` or the end at column 5");
  EXPECT_EQ(error_of("a[-1]"), "field path `a[-1]`: expected a number at column 3");
  EXPECT_EQ(error_of("a[5:5]"),
            "field path `a[5:5]`: expected a range of at least one element, such as [5:6] (the end is exclusive) at column 3");
  EXPECT_EQ(error_of("a[99999999999]"), "field path `a[99999999999]`: expected a smaller number at column 3");
}

TEST(FieldPath, HasLimits) {
  EXPECT_NE(error_of(std::string(2000, 'a')), "parsed");
  std::string deep = "a";
  for (int i = 0; i < 64; ++i) deep += ".a";
  EXPECT_NE(error_of(deep), "parsed");
  EXPECT_EQ(error_of(deep.substr(2)), "parsed");
}

}  // namespace
}  // namespace bagloom::msg
