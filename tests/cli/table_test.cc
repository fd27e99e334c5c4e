#include "cli/table.h"

#include <gtest/gtest.h>

#include <sstream>

#include "cli/terminal.h"

namespace bagloom::cli {
namespace {

Table sample() {
  Table table({{"topic", Table::Align::left, 8}, {"type", Table::Align::left, 6}, {"Hz", Table::Align::right}});
  table.add({"/a", "std_msgs/String", "1.0"});
  table.add({"/a/very/long/topic", "x", "500.0"});
  return table;
}

TEST(Table, ColumnsAreAsWideAsNeeded) {
  EXPECT_EQ(sample().text(2, 0),
            "  topic               type                Hz\n"
            "  /a                  std_msgs/String    1.0\n"
            "  /a/very/long/topic  x                500.0\n");
}

TEST(Table, ShrinksTheLastShrinkableColumnFirst) {
  const std::string text = sample().text(2, 40);
  std::istringstream lines(text);
  for (std::string line; std::getline(lines, line);) EXPECT_LE(display_width(line), 40u) << line;
  EXPECT_NE(text.find("/a/very/long/topic"), std::string::npos);
  EXPECT_NE(text.find("std_m…tring"), std::string::npos) << text;
}

TEST(Table, StopsShrinkingAtTheLeastWidth) {
  const std::string text = sample().text(0, 5);
  EXPECT_NE(text.find("/a/v…pic"), std::string::npos) << text;
  EXPECT_NE(text.find("500.0"), std::string::npos);
}

TEST(Table, DropsBlankColumns) {
  Table table({{"a", Table::Align::left}, {"b", Table::Align::left}, {"c", Table::Align::left}});
  table.add({"1", "-", "x"});
  table.add({"2", "-", "-"});
  table.drop_column_of("b", {"-"});
  table.drop_column_of("c", {"-"});
  table.drop_column_of("no such", {"-"});
  EXPECT_EQ(table.text(0, 0), "a  c\n1  x\n2  -\n");
}

TEST(Table, CellsArePrintableAndUtf8CountsOnce) {
  Table table({{"name", Table::Align::left}, {"n", Table::Align::right}});
  table.add({"关节\n", "1"});
  EXPECT_EQ(table.text(0, 0), "name  n\n关节?   1\n");
}

TEST(Terminal, ShortensInTheMiddle) {
  EXPECT_EQ(shortened("abcdefghij", 10), "abcdefghij");
  EXPECT_EQ(shortened("abcdefghij", 5), "ab…ij");
  EXPECT_EQ(shortened("abcdefghij", 6), "abc…ij");
  EXPECT_EQ(shortened("abcdefghij", 1), "a");
  EXPECT_EQ(shortened("左右左右左右", 3), "左…右");
}

TEST(Terminal, PrintableTakesControlCharactersOut) {
  EXPECT_EQ(printable("a\x1b[2Jb\x7f\n"), "a?[2Jb??");
  EXPECT_EQ(printable("\xc2\x9b"
                      "1m"),
            "??1m");
  EXPECT_EQ(printable("关节 é"), "关节 é");
}

}  // namespace
}  // namespace bagloom::cli
