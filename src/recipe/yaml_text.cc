#include "recipe/yaml_text.h"

#include <algorithm>
#include <array>
#include <charconv>
#include <cstdio>

namespace bagloom::recipe {
namespace {

constexpr TimeNs kLongest = 1'000'000 * kNsPerSecond;

bool is_letter(char c) { return (c >= 'a' && c <= 'z') || (c >= 'A' && c <= 'Z') || c == '_' || c == '/'; }
bool is_digit(char c) { return c >= '0' && c <= '9'; }

bool is_plain(std::string_view text) {
  if (text.empty() || !is_letter(text.front()) || text.back() == ' ') return false;
  for (char c : text) {
    if (!is_letter(c) && !is_digit(c) && c != '.' && c != '-' && c != ' ') return false;
  }
  static constexpr std::array<std::string_view, 8> kWords{"null", "true", "false", "yes", "no", "on", "off", "n"};
  std::string folded(text);
  for (char& c : folded) c = c >= 'A' && c <= 'Z' ? static_cast<char>(c - 'A' + 'a') : c;
  return std::find(kWords.begin(), kWords.end(), folded) == kWords.end();
}

char32_t code_point(std::string_view character) {
  const auto byte = [&](std::size_t i) { return static_cast<unsigned char>(character[i]); };
  switch (character.size()) {
    case 1: return byte(0);
    case 2: return static_cast<char32_t>((byte(0) & 0x1fu) << 6 | (byte(1) & 0x3fu));
    case 3: return static_cast<char32_t>((byte(0) & 0x0fu) << 12 | (byte(1) & 0x3fu) << 6 | (byte(2) & 0x3fu));
    default:
      return static_cast<char32_t>((byte(0) & 0x07u) << 18 | (byte(1) & 0x3fu) << 12 | (byte(2) & 0x3fu) << 6 |
                                   (byte(3) & 0x3fu));
  }
}

}  // namespace

std::size_t utf8_length(std::string_view text) {
  if (text.empty()) return 0;
  const auto first = static_cast<unsigned char>(text[0]);
  const std::size_t length = first < 0x80 ? 1 : first >> 5 == 0x6 ? 2 : first >> 4 == 0xe ? 3 : first >> 3 == 0x1e ? 4 : 0;
  if (length == 0 || length > text.size()) return 0;
  for (std::size_t i = 1; i < length; ++i) {
    if ((static_cast<unsigned char>(text[i]) & 0xc0) != 0x80) return 0;
  }
  const char32_t point = code_point(text.substr(0, length));
  static constexpr std::array<char32_t, 5> kLeast{0, 0, 0x80, 0x800, 0x10000};
  if (point < kLeast[length] || point > 0x10ffff || (point >= 0xd800 && point < 0xe000)) return 0;
  return length;
}

bool is_one_line(std::string_view text) {
  while (!text.empty()) {
    const std::size_t length = utf8_length(text);
    if (length == 0) return false;
    const char32_t point = code_point(text.substr(0, length));
    if (point < 0x20 || (point >= 0x7f && point < 0xa0) || point == 0x2028 || point == 0x2029) return false;
    text.remove_prefix(length);
  }
  return true;
}

std::string yaml_scalar(std::string_view text) {
  if (is_plain(text)) return std::string(text);
  std::string out = "\"";
  while (!text.empty()) {
    const std::size_t length = std::max<std::size_t>(1, utf8_length(text));
    const char32_t point = code_point(text.substr(0, length));
    std::array<char, 16> escape{};
    if (point == '"' || point == '\\') {
      out += '\\';
      out += text[0];
    } else if (point < 0x20 || point == 0x7f || (point >= 0x80 && point < 0xa0) || point == 0x2028 || point == 0x2029 ||
               point == 0xfeff) {
      std::snprintf(escape.data(), escape.size(), "\\u%04X", static_cast<unsigned>(point));
      out += escape.data();
    } else {
      out += text.substr(0, length);
    }
    text.remove_prefix(length);
  }
  return out + "\"";
}

std::string yaml_list(const std::vector<std::string>& items, std::size_t indent, std::size_t width) {
  std::string out = "[";
  std::size_t column = indent + 1;
  for (std::size_t i = 0; i < items.size(); ++i) {
    const std::string item = yaml_scalar(items[i]) + (i + 1 < items.size() ? "," : "");
    if (i > 0 && column + item.size() + 1 > width) {
      out += "\n" + std::string(indent, ' ');
      column = indent;
    } else if (i > 0) {
      out += ' ';
      ++column;
    }
    out += item;
    column += item.size();
  }
  return out + "]";
}

std::string number_text(double number) {
  std::array<char, 64> text{};
  const auto end = std::to_chars(text.data(), text.data() + text.size(), number).ptr;
  return std::string(text.data(), end);
}

std::string seconds_text(TimeNs ns) {
  std::string text = std::to_string(ns / kNsPerSecond);
  TimeNs rest = ns % kNsPerSecond;
  if (rest == 0) return text;
  text += '.';
  for (TimeNs digit = kNsPerSecond / 10; rest > 0; digit /= 10) {
    text += static_cast<char>('0' + rest / digit);
    rest %= digit;
  }
  return text;
}

Result<TimeNs> parse_seconds(std::string_view text) {
  const Error wrong(ErrorKind::invalid, "expected seconds such as 0.2, or 33ms, 50us, 0.05s");
  TimeNs unit = kNsPerSecond;
  std::string_view digits = text;
  const auto take_unit = [&](std::string_view suffix, TimeNs ns) {
    if (digits.size() != text.size() || !digits.ends_with(suffix)) return;
    digits.remove_suffix(suffix.size());
    unit = ns;
  };
  take_unit("ms", 1'000'000);
  take_unit("us", 1'000);
  take_unit("ns", 1);
  take_unit("s", kNsPerSecond);
  while (!digits.empty() && digits.back() == ' ' && digits.size() < text.size()) digits.remove_suffix(1);

  TimeNs total = 0;
  TimeNs place = 0;  // 0 before the point, then the unit of the next digit
  bool any = false, point = false;
  for (char c : digits) {
    if (c == '.' && !point) {
      point = true;
      place = unit;
      continue;
    }
    if (!is_digit(c)) return wrong;
    any = true;
    if (!point) {
      total = total * 10 + (c - '0') * unit;
      if (total > kLongest) return Error(ErrorKind::invalid, "more than a million seconds");
    } else {
      if (place % 10 != 0 && c != '0') return Error(ErrorKind::invalid, "finer than a nanosecond");
      place /= 10;
      total += (c - '0') * place;
    }
  }
  if (!any) return wrong;
  if (total > kLongest) return Error(ErrorKind::invalid, "more than a million seconds");
  return total;
}

}  // namespace bagloom::recipe
