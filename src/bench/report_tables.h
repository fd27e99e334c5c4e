// An HTML table, cell by cell.
#pragma once

#include <functional>
#include <optional>
#include <string>
#include <string_view>

namespace bagloom::bench {

class HtmlTable {
 public:
  /// `label` names the table where it scrolls sideways. Both texts are plain, as are all texts below.
  HtmlTable(std::string_view label, std::string_view caption);

  /// A column's heading, and its unit ("" for none). All of them before the first row.
  HtmlTable& column(std::string_view heading, std::string_view unit = "");
  /// A heading over the rows that follow.
  HtmlTable& group(std::string_view heading);
  /// Begins a row with its heading; `kind` is a CSS class or "".
  HtmlTable& row(std::string_view heading, std::string_view kind = "");
  HtmlTable& text(std::string_view value);
  HtmlTable& code(std::string_view value);  ///< machine-made names: topics, hashes
  /// A number as `write` puts it, or a dash that readers hear as "not measured". `doubtful` marks it with a dagger.
  HtmlTable& number(const std::optional<double>& value, const std::function<std::string(double)>& write, bool doubtful = false);

  std::string html() const;

 private:
  std::string label_, caption_, columns_, rows_;
  int width_ = 0;
  bool in_row_ = false, in_group_ = false;
};

}  // namespace bagloom::bench
