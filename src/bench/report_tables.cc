#include "bench/report_tables.h"

#include "bench/report_text.h"

namespace bagloom::bench {

HtmlTable::HtmlTable(std::string_view label, std::string_view caption)
    : label_(escape_html(label)), caption_(escape_html(caption)) {}

HtmlTable& HtmlTable::column(std::string_view heading, std::string_view unit) {
  columns_ += "<th scope=\"col\"" +
              std::string(width_ == 0    ? ""
                          : unit.empty() ? " class=\"word\""
                                         : "") +
              ">" + escape_html(heading);
  if (!unit.empty() && unit != "-") columns_ += " <span class=\"unit\">" + escape_html(unit) + "</span>";
  columns_ += "</th>";
  ++width_;
  return *this;
}

HtmlTable& HtmlTable::group(std::string_view heading) {
  if (in_row_) rows_ += "</tr>";
  if (in_group_) rows_ += "</tbody>";
  rows_ += "\n<tbody><tr class=\"group\"><th scope=\"rowgroup\" colspan=\"" + std::to_string(width_) + "\"><span>" +
           escape_html(heading) + "</span></th></tr>";
  in_row_ = false;
  in_group_ = true;
  return *this;
}

HtmlTable& HtmlTable::row(std::string_view heading, std::string_view kind) {
  if (in_row_) rows_ += "</tr>";
  if (!in_group_) rows_ += "\n<tbody>";
  rows_ += "\n<tr" + (kind.empty() ? "" : " class=\"" + escape_html(kind) + "\"") + "><th scope=\"row\"><bdi>" +
           escape_html(heading) + "</bdi></th>";
  in_row_ = in_group_ = true;
  return *this;
}

HtmlTable& HtmlTable::text(std::string_view value) {
  rows_ += std::string("<td class=\"word") + (value.size() > 24 ? " long" : "") + "\"><bdi>" + escape_html(value) + "</bdi></td>";
  return *this;
}

HtmlTable& HtmlTable::code(std::string_view value) {
  rows_ += "<td class=\"word\"><code><bdi>" + escape_html(value) + "</bdi></code></td>";
  return *this;
}

HtmlTable& HtmlTable::number(const std::optional<double>& value, const std::function<std::string(double)>& write, bool doubtful) {
  if (!value)
    rows_ += "<td class=\"none\"><span aria-label=\"not measured\">\xe2\x80\x93</span></td>";
  else if (doubtful)
    rows_ += "<td class=\"doubtful\">" + escape_html(write(*value)) + "<sup>\xe2\x80\xa0</sup></td>";
  else
    rows_ += "<td>" + escape_html(write(*value)) + "</td>";
  return *this;
}

std::string HtmlTable::html() const {
  return "<div class=\"scroll\" role=\"region\" tabindex=\"0\" aria-label=\"" + label_ + "\"><table>\n<caption>" + caption_ +
         "</caption>\n<thead><tr>" + columns_ + "</tr></thead>" + rows_ + (in_row_ ? "</tr>" : "") +
         (in_group_ ? "</tbody>" : "") + "\n</table></div>\n";
}

}  // namespace bagloom::bench
