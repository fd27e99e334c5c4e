#include "cli/bench_text.h"

#include <gtest/gtest.h>

namespace bagloom::cli {
namespace {

TEST(BenchText, ASkippedMethodSaysWhyOnceUnderTheTable) {
  bench::BenchReport report;
  report.options.repeats = 2;
  for (std::uint32_t repeat = 1; repeat <= 2; ++repeat) {
    bench::Row row;
    row.method.kind = bench::Method::Kind::full;
    row.isolation = "process";
    row.repeat = repeat;
    row.status = "skipped";
    row.error = "needs 34 GB, 16 GB free; --methods full runs it";
    report.rows.push_back(row);
  }
  const std::string line = "Original (Full Load): skipped: needs 34 GB, 16 GB free; --methods full runs it\n";
  for (const std::size_t width : {std::size_t{0}, std::size_t{60}}) {
    const std::string text = bench_text(report, width);
    const std::size_t at = text.find(line);
    ASSERT_NE(at, std::string::npos) << text;
    EXPECT_EQ(text.find(line, at + 1), std::string::npos);
  }
}

}  // namespace
}  // namespace bagloom::cli
