#include "cli/usage.h"

#include <gtest/gtest.h>

namespace bagloom::cli {
namespace {

const std::vector<std::string> kOptions{"--json", "--memory-limit", "--threads", "--output", "--overwrite"};

TEST(Nearest, FindsTypingMistakes) {
  EXPECT_EQ(nearest("--jsno", kOptions), "--json");
  EXPECT_EQ(nearest("--memorylimit", kOptions), "--memory-limit");
  EXPECT_EQ(nearest("--thread", kOptions), "--threads");
  EXPECT_EQ(nearest("--overwirte", kOptions), "--overwrite");
}

TEST(Nearest, TakesTheBeginningOfAName) { EXPECT_EQ(nearest("--memory", kOptions), "--memory-limit"); }

TEST(Nearest, NothingWhereNothingIsNear) {
  EXPECT_EQ(nearest("--frobnicate", kOptions), "");
  EXPECT_EQ(nearest("x", {}), "");
}

}  // namespace
}  // namespace bagloom::cli
