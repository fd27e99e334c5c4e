#include <gtest/gtest.h>

#include "bench/bench.h"

namespace bagloom::bench {
namespace {

Row row(const std::string& name, double seconds, std::uint64_t initial, std::uint64_t peak,
        const std::string& isolation = "process", std::uint32_t repeat = 1) {
  Row row;
  row.method = parse_method(name).value();
  row.isolation = isolation;
  row.repeat = repeat;
  row.measured = true;
  row.seconds = seconds;
  row.initial = initial;
  row.peak = peak;
  row.increase = peak - initial;
  row.rows = 100;
  return row;
}

const Comparison* find(const BenchReport& report, const std::string& name, const std::string& kind,
                       const std::string& isolation = "process") {
  for (const Comparison& one : report.comparisons)
    if (one.name == name && one.kind == kind && one.isolation == isolation) return &one;
  return nullptr;
}

TEST(ComparisonTest, EachAgainstTheOriginalAndChunkSizesAgainstTheFirst) {
  BenchReport report;
  report.rows = {row("full", 10, 100, 1100), row("chunked:100", 5, 100, 300), row("chunked:50", 8, 100, 200),
                 row("planned", 20, 100, 2100)};
  compare_rows(report);
  const Comparison* chunked = find(report, "chunked:100", "against_original");
  ASSERT_NE(chunked, nullptr);
  EXPECT_DOUBLE_EQ(chunked->less_by_increase, 0.8);
  EXPECT_DOUBLE_EQ(chunked->less_by_peak, 1 - 300.0 / 1100);
  EXPECT_DOUBLE_EQ(chunked->times_as_fast, 2);
  EXPECT_EQ(chunked->text,
            "Chunked (100) against Original (Full Load): 80 % less memory by increase, 73 % less by peak; 2.00 times as fast");
  EXPECT_EQ(
      find(report, "planned", "against_original")->text,
      "bagloom (planned) against Original (Full Load): 100 % more memory by increase, 91 % more by peak; 0.50 times as fast");
  ASSERT_NE(find(report, "chunked:50", "chunk_sizes"), nullptr);
  EXPECT_EQ(find(report, "chunked:50", "chunk_sizes")->other, "chunked:100");
  EXPECT_EQ(find(report, "full", "against_original"), nullptr);
  EXPECT_EQ(find(report, "chunked:100", "chunk_sizes"), nullptr);
}

TEST(ComparisonTest, RepeatsAreComparedByTheirMedians) {
  BenchReport report;
  for (std::uint32_t i = 1; i <= 3; ++i) {
    report.rows.push_back(row("full", 10.0 * i, 0, 1000 * i, "process", i));
    report.rows.push_back(row("planned", i == 2 ? 100 : 1, 0, 100, "process", i));
  }
  compare_rows(report);
  ASSERT_EQ(report.repeats.size(), 2u);
  EXPECT_EQ(report.repeats[0].count, 3u);
  EXPECT_EQ(report.repeats[0].seconds[0], 10);
  EXPECT_EQ(report.repeats[0].seconds[1], 20);
  EXPECT_EQ(report.repeats[0].seconds[2], 30);
  EXPECT_EQ(report.repeats[0].peak[1], 2000u);
  EXPECT_DOUBLE_EQ(find(report, "planned", "against_original")->times_as_fast, 20);
}

TEST(ComparisonTest, TheMedianOfAnEvenNumberLiesBetweenTheTwoInTheMiddle) {
  BenchReport report;
  for (std::uint32_t i = 1; i <= 4; ++i) report.rows.push_back(row("full", 10.0 * i, 0, 1000 * i, "process", i));
  compare_rows(report);
  ASSERT_EQ(report.repeats.size(), 1u);
  EXPECT_EQ(report.repeats[0].seconds[1], 25);
  EXPECT_EQ(report.repeats[0].peak[1], 2500u);
}

TEST(ComparisonTest, OnlyWhatWasMeasuredCountsAndIsolationsStayApart) {
  BenchReport report;
  report.rows = {row("full", 10, 100, 1100), row("planned", 10, 100, 200, "shared"), row("planned", 1, 0, 0)};
  report.rows[2].status = "failed";
  compare_rows(report);
  EXPECT_TRUE(report.comparisons.empty());
  EXPECT_EQ(report.repeats.size(), 2u);
}

TEST(ComparisonTest, OtherNumbersOfRowsAreNoted) {
  BenchReport report;
  report.rows = {row("full", 10, 100, 1100), row("planned", 10, 100, 200)};
  report.rows[1].rows = 99;
  compare_rows(report);
  EXPECT_TRUE(report.notes.empty());
  report.rows[1].rows = 98;
  compare_rows(report);
  ASSERT_EQ(report.notes.size(), 1u);
  EXPECT_NE(report.notes[0].find("98 rows"), std::string::npos);
}

}  // namespace
}  // namespace bagloom::bench
