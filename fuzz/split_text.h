// Text cut at a separator, for harnesses whose input has lines.
#pragma once

#include <algorithm>
#include <cstdint>
#include <string>
#include <string_view>
#include <vector>

/// The largest decimal number in the text, and no more than `most`: ranges of paths and lengths of arrays are such numbers.
inline std::uint64_t largest_number(std::string_view text, std::uint64_t most) {
  std::uint64_t largest = 0, number = 0;
  for (const char c : text) {
    number = c < '0' || c > '9' ? 0 : std::min(most, 10 * number + static_cast<std::uint64_t>(c - '0'));
    largest = std::max(largest, number);
  }
  return largest;
}

inline std::vector<std::string> split(std::string_view text, char separator) {
  std::vector<std::string> parts;
  while (!text.empty()) {
    const std::size_t end = text.find(separator);
    parts.emplace_back(text.substr(0, end));
    text.remove_prefix(end == std::string_view::npos ? text.size() : end + 1);
  }
  return parts;
}
