#include "cli/quantity.h"

#include <array>
#include <charconv>
#include <cmath>
#include <cstdio>

namespace bagloom::cli {
namespace {

struct Unit {
  std::string_view name;
  std::uint64_t bytes;
};
constexpr std::uint64_t kKiB = 1024, kKB = 1000;
constexpr std::array kUnits{
    Unit{"", 1},
    Unit{"b", 1},
    Unit{"k", kKiB},
    Unit{"kib", kKiB},
    Unit{"kb", kKB},
    Unit{"m", kKiB* kKiB},
    Unit{"mib", kKiB* kKiB},
    Unit{"mb", kKB* kKB},
    Unit{"g", kKiB* kKiB* kKiB},
    Unit{"gib", kKiB* kKiB* kKiB},
    Unit{"gb", kKB* kKB* kKB},
    Unit{"t", kKiB* kKiB* kKiB* kKiB},
    Unit{"tib", kKiB* kKiB* kKiB* kKiB},
    Unit{"tb", kKB* kKB* kKB* kKB},
};

template <class... Arguments>
std::string format(const char* pattern, Arguments... arguments) {
  std::array<char, 64> text{};
  std::snprintf(text.data(), text.size(), pattern, arguments...);
  return text.data();
}

/// Takes a non-negative decimal number from the front; false where there is none.
bool take_number(std::string_view& text, double& value) {
  const std::size_t length = std::min(text.find_first_not_of("0123456789."), text.size());
  if (length == 0) return false;
  const auto [end, error] = std::from_chars(text.data(), text.data() + length, value, std::chars_format::fixed);
  if (error != std::errc() || end != text.data() + length) return false;
  text.remove_prefix(length);
  return true;
}

bool take_integer(std::string_view& text, std::uint32_t& value) {
  const auto [end, error] = std::from_chars(text.data(), text.data() + text.size(), value);
  if (error != std::errc()) return false;
  text.remove_prefix(static_cast<std::size_t>(end - text.data()));
  return true;
}

Error invalid(std::string_view text, const char* wanted) {
  return Error(ErrorKind::invalid, "'" + std::string(text) + "' is not " + wanted);
}

}  // namespace

Result<std::uint64_t> parse_size(std::string_view text) {
  std::string_view rest = text;
  double value = 0;
  const char* wanted = "a size such as 256MiB, 1.2GiB, 500MB or a number of bytes";
  if (!take_number(rest, value)) return invalid(text, wanted);
  if (!rest.empty() && rest.front() == ' ') rest.remove_prefix(1);
  std::string unit(rest);
  for (char& c : unit)
    if (c >= 'A' && c <= 'Z') c = static_cast<char>(c - 'A' + 'a');
  for (const Unit& known : kUnits) {
    if (known.name != unit) continue;
    const double bytes = value * static_cast<double>(known.bytes);
    if (bytes < 1 || bytes > 9e18) return invalid(text, wanted);
    return static_cast<std::uint64_t>(bytes);
  }
  return invalid(text, wanted);
}

Result<std::pair<std::uint32_t, std::uint32_t>> parse_picture_size(std::string_view text) {
  std::string_view rest = text;
  std::pair<std::uint32_t, std::uint32_t> size;
  if (!take_integer(rest, size.first) || rest.empty() || rest.front() != 'x') return invalid(text, "a size such as 848x480");
  rest.remove_prefix(1);
  if (!take_integer(rest, size.second) || !rest.empty()) return invalid(text, "a size such as 848x480");
  return size;
}

Result<std::pair<double, double>> parse_span(std::string_view text) {
  std::string_view rest = text;
  std::pair<double, double> span;
  if (!take_number(rest, span.first) || rest.empty() || rest.front() != '-')
    return invalid(text, "a span of seconds such as 3.0-3.5");
  rest.remove_prefix(1);
  if (!take_number(rest, span.second) || !rest.empty()) return invalid(text, "a span of seconds such as 3.0-3.5");
  if (span.second <= span.first) return invalid(text, "a span that ends after it begins");
  return span;
}

std::string size_text(std::uint64_t bytes) {
  if (bytes < kKiB) return std::to_string(bytes) + " B";
  double value = static_cast<double>(bytes);
  constexpr std::array kNames{"B", "KiB", "MiB", "GiB", "TiB", "PiB", "EiB"};
  std::size_t unit = 0;
  // 1023.95 would print as 1024.0
  while (value >= 1023.95 && unit + 1 < kNames.size()) {
    value /= 1024;
    ++unit;
  }
  return format("%.*f %s", value < 100 ? 1 : 0, value, kNames[unit]);
}

std::string count_text(std::uint64_t count) {
  std::string digits = std::to_string(count);
  for (std::size_t place = digits.size(); place > 3; place -= 3) digits.insert(place - 3, ",");
  return digits;
}

std::string duration_text(double seconds) {
  if (seconds < 99.95) return format("%.1f s", seconds);
  const auto whole = static_cast<long long>(std::llround(seconds));
  if (whole < 3600) return format("%lld min %02lld s", whole / 60, whole % 60);
  return format("%lld h %02lld min", whole / 3600, whole % 3600 / 60);
}

std::string clock_text(double seconds) {
  const auto whole = static_cast<long long>(std::llround(seconds));
  if (whole < 3600) return format("%lld:%02lld", whole / 60, whole % 60);
  return format("%lld:%02lld:%02lld", whole / 3600, whole % 3600 / 60, whole % 60);
}

std::string fixed_text(double value, int decimals) { return format("%.*f", decimals, value); }

std::string milliseconds_text(TimeNs ns) {
  const double ms = static_cast<double>(ns) / 1e6;
  return fixed_text(ms, ms < 10 ? 3 : ms < 100 ? 2 : ms < 1000 ? 1 : 0);
}

std::string plural(std::uint64_t count, std::string_view noun) {
  return count_text(count) + " " + std::string(noun) + (count == 1 ? "" : "s");
}

}  // namespace bagloom::cli
