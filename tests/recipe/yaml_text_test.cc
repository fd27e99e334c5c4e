#include "recipe/yaml_text.h"

#include <gtest/gtest.h>

namespace bagloom::recipe {
namespace {

TimeNs ns_of(std::string_view text) {
  const auto ns = parse_seconds(text);
  return ns.ok() ? *ns : -1;
}

TEST(Seconds, AreExact) {
  EXPECT_EQ(ns_of("0.2"), 200'000'000);
  EXPECT_EQ(ns_of("0"), 0);
  EXPECT_EQ(ns_of("33ms"), 33'000'000);
  EXPECT_EQ(ns_of("33.3333 ms"), 33'333'300);
  EXPECT_EQ(ns_of("50us"), 50'000);
  EXPECT_EQ(ns_of("7ns"), 7);
  EXPECT_EQ(ns_of("0.05s"), 50'000'000);
  EXPECT_EQ(ns_of(".5"), 500'000'000);
  EXPECT_EQ(ns_of("1."), 1'000'000'000);
  EXPECT_EQ(ns_of("0.1000000000000"), 100'000'000);
  EXPECT_EQ(ns_of("1000000"), 1'000'000 * kNsPerSecond);
}

TEST(Seconds, RefuseTheRest) {
  for (const char* text : {"", ".", "s", "ms", "-1", "+1", "1e3", "1.2.3", "0.0000000001", "0.5ns", "nan", "1 0", "1000001",
                           "2 m", "99999999999999999999999999", "1000000.5", "1s s"}) {
    EXPECT_EQ(ns_of(text), -1) << text;
  }
}

TEST(Seconds, ComeBack) {
  for (const TimeNs ns : {TimeNs{0}, TimeNs{1}, TimeNs{200'000'000}, TimeNs{33'333'333}, kNsPerSecond, 12 * kNsPerSecond + 10}) {
    EXPECT_EQ(ns_of(seconds_text(ns)), ns) << seconds_text(ns);
  }
  EXPECT_EQ(seconds_text(12 * kNsPerSecond + 10), "12.00000001");
}

TEST(Scalars, ArePlainOnlyWhereThatIsSafe) {
  EXPECT_EQ(yaml_scalar("/cam_h/color"), "/cam_h/color");
  EXPECT_EQ(yaml_scalar("Pick and Place"), "Pick and Place");
  EXPECT_EQ(yaml_scalar("a: b"), "\"a: b\"");
  EXPECT_EQ(yaml_scalar("12"), "\"12\"");
  EXPECT_EQ(yaml_scalar("true"), "\"true\"");
  EXPECT_EQ(yaml_scalar("Null"), "\"Null\"");
  EXPECT_EQ(yaml_scalar(""), "\"\"");
  EXPECT_EQ(yaml_scalar("a "), "\"a \"");
  EXPECT_EQ(yaml_scalar("say \"\\\""), "\"say \\\"\\\\\\\"\"");
  EXPECT_EQ(yaml_scalar("-x"), "\"-x\"");
  EXPECT_EQ(yaml_scalar("\xe6\x8b\xbf"), "\"\xe6\x8b\xbf\"");
}

TEST(Utf8, IsChecked) {
  EXPECT_EQ(utf8_length("a"), 1u);
  EXPECT_EQ(utf8_length("\xc3\xa9"), 2u);
  EXPECT_EQ(utf8_length("\xe6\x8b\xbf"), 3u);
  EXPECT_EQ(utf8_length("\xf0\x9f\xa4\x96"), 4u);
  for (const char* bad : {"\x80", "\xc3", "\xc0\x80", "\xe0\x80\x80", "\xed\xa0\x80", "\xf4\x90\x80\x80", "\xff", "\xe6\x8b"}) {
    EXPECT_EQ(utf8_length(bad), 0u);
  }
  EXPECT_EQ(utf8_length(""), 0u);
  EXPECT_TRUE(
      is_one_line("r\xc3\xa9"
                  "cup\xc3\xa9"
                  "rer"));
  EXPECT_FALSE(is_one_line("a\nb"));
  EXPECT_FALSE(
      is_one_line("a\xc2\x85"
                  "b"));
  EXPECT_FALSE(
      is_one_line("a\xe2\x80\xa8"
                  "b"));
}

TEST(Lists, BreakAtTheWidth) {
  EXPECT_EQ(yaml_list({}, 4), "[]");
  EXPECT_EQ(yaml_list({"a", "b c"}, 4), "[a, b c]");
  EXPECT_EQ(yaml_list({"aaaa", "bbbb", "cccc"}, 4, 16), "[aaaa, bbbb,\n    cccc]");
}

TEST(Numbers, AreTheShortestThatComeBack) {
  EXPECT_EQ(number_text(1.0), "1");
  EXPECT_EQ(number_text(0.01), "0.01");
  EXPECT_EQ(number_text(3.141592653589793 / 180), "0.017453292519943295");
}

}  // namespace
}  // namespace bagloom::recipe
