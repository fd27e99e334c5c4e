#include "base/shell_word.h"

#include <algorithm>
#include <string_view>

namespace bagloom {
namespace {

/// Means itself in every shell. So do the bytes of characters beyond ASCII.
bool is_plain(char c) {
  constexpr std::string_view kMarks = "_-./:,+@%";
  return (c >= 'a' && c <= 'z') || (c >= 'A' && c <= 'Z') || (c >= '0' && c <= '9') ||
         (static_cast<unsigned char>(c) & 0x80) != 0 || kMarks.find(c) != std::string_view::npos;
}

}  // namespace

std::string shell_word(const std::string& text) {
  if (!text.empty() && std::all_of(text.begin(), text.end(), is_plain)) return text;
  std::string word = "'";
  for (const char c : text) {
    if (c == '\'')
      word += "'\\''";
    else
      word += c;
  }
  return word + "'";
}

}  // namespace bagloom
