#include "cli/progress.h"

#include <gtest/gtest.h>

#include "cli/terminal.h"

namespace bagloom::cli {
namespace {

TEST(Progress, LineShowsTheShare) {
  EXPECT_EQ(progress_line(0, "", 80), "[........................]   0 %");
  EXPECT_EQ(progress_line(0.5, "encoding", 80), "[############............]  50 %  encoding");
  EXPECT_EQ(progress_line(1, "", 80), "[########################] 100 %");
}

TEST(Progress, SharesOutOfRangeStayInTheBar) {
  EXPECT_EQ(progress_line(-3, "", 80), progress_line(0, "", 80));
  EXPECT_EQ(progress_line(7, "", 80), progress_line(1, "", 80));
}

TEST(Progress, FitsTheTerminal) { EXPECT_LE(display_width(progress_line(0.3, std::string(200, 'x'), 60)), 60u); }

TEST(Progress, DisabledDoesNothing) {
  testing::internal::CaptureStderr();
  Progress progress(false);
  progress.show(0.5, "text");
  progress.clear();
  EXPECT_EQ(testing::internal::GetCapturedStderr(), "");
}

TEST(Progress, IsClearedOnce) {
  testing::internal::CaptureStderr();
  Progress progress(true);
  progress.show(0.5, "text");
  progress.clear();
  progress.clear();
  const std::string drawn = testing::internal::GetCapturedStderr();
  EXPECT_NE(drawn.find("50 %"), std::string::npos);
  EXPECT_EQ(drawn.find("\r\x1b[K"), drawn.size() - 4);
}

}  // namespace
}  // namespace bagloom::cli
