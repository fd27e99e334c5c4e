#include "bench/method.h"

#include <gtest/gtest.h>

namespace bagloom::bench {
namespace {

TEST(MethodTest, NamesAreReadBack) {
  for (const char* name : {"scan", "full", "chunked:1", "chunked:100", "planned"}) {
    const auto method = parse_method(name);
    ASSERT_TRUE(method.ok()) << name;
    EXPECT_EQ(method->name(), name);
  }
  EXPECT_EQ(parse_method("chunked:100")->display_name(), "Chunked (100)");
  EXPECT_EQ(parse_method("full")->display_name(), "Original (Full Load)");
}

TEST(MethodTest, WhatIsNoMethodIsRefused) {
  for (const char* name :
       {"", "Full", "chunked", "chunked:", "chunked:0", "chunked:-1", "chunked:10x", "chunked:99999999999999999999999"})
    EXPECT_FALSE(parse_method(name).ok()) << name;
}

TEST(MethodTest, ExternalPathsStayOneWord) {
  const auto method = parse_external("other=conv --in {bag} --out={out} # {bagel}");
  ASSERT_TRUE(method.ok());
  EXPECT_EQ(method->name(), "other");
  EXPECT_EQ(external_command(*method, "a b'c.bag", "/o$x"), "conv --in 'a b'\\''c.bag' --out='/o$x' # {bagel}");
  for (const char* text : {"noname", "=x {bag}", "a=", "a=conv {out}", "full=conv {bag}"})
    EXPECT_FALSE(parse_external(text).ok()) << text;
}

}  // namespace
}  // namespace bagloom::bench
