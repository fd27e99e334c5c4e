#include "cli/table.h"

#include <algorithm>
#include <numeric>

#include "cli/terminal.h"

namespace bagloom::cli {
namespace {

constexpr std::size_t kBetween = 2;

std::string padded(const std::string& text, std::size_t width, Table::Align align) {
  const std::string cell = shortened(text, width);
  const std::string blanks(width - display_width(cell), ' ');
  return align == Table::Align::left ? cell + blanks : blanks + cell;
}

}  // namespace

void Table::add(std::vector<std::string> cells) {
  for (std::string& cell : cells) cell = printable(cell);
  cells.resize(columns_.size());
  rows_.push_back(std::move(cells));
}

void Table::drop_column_of(const std::string& title, const std::vector<std::string>& blank) {
  for (std::size_t c = 0; c < columns_.size(); ++c) {
    if (columns_[c].title != title) continue;
    const auto is_blank = [&](const auto& row) { return std::find(blank.begin(), blank.end(), row[c]) != blank.end(); };
    if (!std::all_of(rows_.begin(), rows_.end(), is_blank)) return;
    columns_.erase(columns_.begin() + static_cast<std::ptrdiff_t>(c));
    for (auto& row : rows_) row.erase(row.begin() + static_cast<std::ptrdiff_t>(c));
    return;
  }
}

std::string Table::text(std::size_t indent, std::size_t width) const {
  std::vector<std::size_t> widths;
  for (std::size_t c = 0; c < columns_.size(); ++c) {
    widths.push_back(display_width(columns_[c].title));
    for (const auto& row : rows_) widths[c] = std::max(widths[c], display_width(row[c]));
  }
  std::size_t total = indent + std::accumulate(widths.begin(), widths.end(), std::size_t{0});
  if (!columns_.empty()) total += kBetween * (columns_.size() - 1);
  // From the last column that may shrink to the first: names go last.
  for (std::size_t c = columns_.size(); width != 0 && c-- > 0 && total > width;) {
    if (columns_[c].least == 0 || widths[c] <= columns_[c].least) continue;
    const std::size_t cut = std::min(total - width, widths[c] - columns_[c].least);
    widths[c] -= cut;
    total -= cut;
  }
  std::string out;
  const auto line = [&](const auto& cell_of) {
    std::string row(indent, ' ');
    for (std::size_t c = 0; c < columns_.size(); ++c) {
      if (c > 0) row.append(kBetween, ' ');
      row += padded(cell_of(c), widths[c], columns_[c].align);
    }
    row.erase(row.find_last_not_of(' ') + 1);
    out += row + "\n";
  };
  line([&](std::size_t c) -> const std::string& { return columns_[c].title; });
  for (const auto& cells : rows_) line([&](std::size_t c) -> const std::string& { return cells[c]; });
  return out;
}

}  // namespace bagloom::cli
