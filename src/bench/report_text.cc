#include "bench/report_text.h"

#include <cmath>
#include <cstdio>

namespace bagloom::bench {

std::string escape_html(std::string_view text) {
  std::string escaped;
  escaped.reserve(text.size());
  for (const char c : text) {
    switch (c) {
      case '&': escaped += "&amp;"; break;
      case '<': escaped += "&lt;"; break;
      case '>': escaped += "&gt;"; break;
      case '"': escaped += "&quot;"; break;
      case '\'': escaped += "&#39;"; break;
      default:
        // HTML has no other control characters; U+FFFD stands for them.
        if ((static_cast<unsigned char>(c) < 0x20 && c != '\n' && c != '\t') || c == 0x7f)
          escaped += "\xef\xbf\xbd";
        else
          escaped += c;
    }
  }
  return escaped;
}

std::string paragraph_html(std::string_view text, std::string_view kind) {
  return "<p" + (kind.empty() ? std::string() : " class=\"" + std::string(kind) + "\"") + ">" + escape_html(text) + "</p>\n";
}

std::string script_json(const nlohmann::json& value) {
  const std::string text = value.dump(-1, ' ', true, nlohmann::json::error_handler_t::replace);
  std::string safe;
  safe.reserve(text.size());
  for (const char c : text) {
    // Only strings hold these, so an escape is always allowed. "<!--" and "</script" are what HTML looks for in a script.
    if (c == '<')
      safe += "\\u003c";
    else if (c == '>')
      safe += "\\u003e";
    else if (c == '&')
      safe += "\\u0026";
    else
      safe += c;
  }
  return safe;
}

std::string decimal_text(double value, int decimals) {
  // Not even a hostile number makes this long: anything that a measurement cannot be is no number.
  if (!std::isfinite(value) || std::fabs(value) >= 1e18) return "?";
  char digits[64];
  const int size = std::snprintf(digits, sizeof digits, "%.*f", decimals, value);
  std::string text(digits, static_cast<std::size_t>(size));
  const std::size_t first = text.starts_with('-') ? 1 : 0;
  std::size_t point = text.find('.');
  if (point == std::string::npos) point = text.size();
  for (std::size_t i = point; i > first + 3; i -= 3) text.insert(i - 3, ",");
  return text;
}

std::string whole_text(double value) { return decimal_text(value, 0); }

constexpr double kKilobyte = 1024, kMegabyte = 1024 * kKilobyte, kGigabyte = 1024 * kMegabyte;

std::string megabytes_text(double bytes) { return decimal_text(bytes / kMegabyte, 1); }

std::string size_text(double bytes) {
  const double size = std::fabs(bytes);
  if (size >= 10 * kGigabyte) return decimal_text(bytes / kGigabyte, 1) + " GB";
  if (size >= kMegabyte) return decimal_text(bytes / kMegabyte, size < 99.95 * kMegabyte ? 1 : 0) + " MB";
  if (size >= kKilobyte) return decimal_text(bytes / kKilobyte, 0) + " kB";
  return decimal_text(bytes, 0) + " B";
}

std::string seconds_text(double seconds) { return decimal_text(seconds, seconds < 0.995 ? 3 : seconds < 99.5 ? 2 : 1); }

}  // namespace bagloom::bench
