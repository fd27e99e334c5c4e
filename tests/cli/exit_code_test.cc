#include "cli/exit_code.h"

#include <gtest/gtest.h>

#include <csignal>
#include <vector>

namespace bagloom::cli {
namespace {

TEST(ExitCode, OfEveryKind) {
  const std::vector<std::pair<ErrorKind, int>> expected{
      {ErrorKind::invalid, 2},    {ErrorKind::unreadable, 6}, {ErrorKind::corrupt, 1},    {ErrorKind::unsupported, 2},
      {ErrorKind::over_limit, 5}, {ErrorKind::io, 1},         {ErrorKind::temporary, 75}, {ErrorKind::internal, 1},
  };
  for (const auto& [kind, code] : expected) EXPECT_EQ(exit_code_of(kind, 0), code) << name_of(kind);
  EXPECT_EQ(exit_code_of(ErrorKind::stopped, SIGTERM), 143);
  EXPECT_EQ(exit_code_of(ErrorKind::stopped, 0), 130);
}

TEST(ExitCode, Precedence) {
  const std::vector<int> order{130, 2, 5, 75, 1, 6, 4, 3, 0};
  for (std::size_t i = 0; i < order.size(); ++i) {
    for (std::size_t j = i; j < order.size(); ++j) {
      EXPECT_EQ(first_of({order[i], order[j]}), order[i]);
      EXPECT_EQ(first_of({order[j], order[i]}), order[i]);
    }
  }
  EXPECT_EQ(first_of({}), 0);
  EXPECT_EQ(first_of({0, 3, 4}), 4);
}

TEST(ExitCode, OfSeveralInputs) {
  InputOutcome outcome;
  EXPECT_EQ(outcome.code(), 0);
  outcome.failed(ErrorKind::corrupt, 0);
  EXPECT_EQ(outcome.code(), 6);
  outcome.succeeded();
  EXPECT_EQ(outcome.code(), 4);
  outcome.failed(ErrorKind::stopped, SIGINT);
  EXPECT_EQ(outcome.code(), 130);
}

TEST(ExitCode, OfInputsThatAllFailed) {
  InputOutcome outcome;
  outcome.failed(ErrorKind::unreadable, 0);
  EXPECT_EQ(outcome.code(), 6);
  outcome.failed(ErrorKind::io, 0);
  EXPECT_EQ(outcome.code(), 1);
}

}  // namespace
}  // namespace bagloom::cli
