// A table of text for people: columns as wide as they need, numbers to the right, cut to the terminal where it is too narrow.
#pragma once

#include <cstddef>
#include <string>
#include <vector>

namespace bagloom::cli {

class Table {
 public:
  enum class Align { left, right };
  struct Column {
    std::string title;
    Align align = Align::left;
    std::size_t least = 0;  ///< a column may be shortened down to this many columns of text; 0: never
  };

  explicit Table(std::vector<Column> columns) : columns_(std::move(columns)) {}

  /// As many cells as columns. Cells are made printable.
  void add(std::vector<std::string> cells);
  bool empty() const { return rows_.empty(); }
  /// Takes out a column where every cell is one of `blank`; the column is named by its title.
  void drop_column_of(const std::string& title, const std::vector<std::string>& blank);

  /// Lines with `indent` blanks before them; `width` columns at most where it can be done, 0: as wide as needed.
  std::string text(std::size_t indent, std::size_t width) const;

 private:
  std::vector<Column> columns_;
  std::vector<std::vector<std::string>> rows_;
};

}  // namespace bagloom::cli
