#include "msg/nearest_name.h"

#include <algorithm>
#include <array>
#include <cctype>

namespace bagloom::msg {
namespace {

constexpr std::size_t kLongest = 128;

std::string lower(std::string_view text) {
  std::string out(text.substr(0, kLongest));
  for (char& c : out) c = static_cast<char>(std::tolower(static_cast<unsigned char>(c)));
  return out;
}

}  // namespace

std::size_t edit_distance(std::string_view a, std::string_view b) {
  a = a.substr(0, kLongest);
  b = b.substr(0, kLongest);
  // Three rows of the table of Damerau's restricted distance: two back (for a swap), one back, this one.
  std::array<std::array<std::size_t, kLongest + 1>, 3> rows{};
  for (std::size_t j = 0; j <= b.size(); ++j) rows[0][j] = j;
  for (std::size_t i = 1; i <= a.size(); ++i) {
    auto& row = rows[i % 3];
    const auto& before = rows[(i - 1) % 3];
    row[0] = i;
    for (std::size_t j = 1; j <= b.size(); ++j) {
      row[j] = std::min({before[j] + 1, row[j - 1] + 1, before[j - 1] + (a[i - 1] == b[j - 1] ? 0u : 1u)});
      if (i > 1 && j > 1 && a[i - 1] == b[j - 2] && a[i - 2] == b[j - 1]) {
        row[j] = std::min(row[j], rows[(i - 2) % 3][j - 2] + 1);
      }
    }
  }
  return rows[a.size() % 3][b.size()];
}

std::vector<std::string> nearest_names(std::string_view wanted, const std::vector<std::string>& known, std::size_t count) {
  std::vector<std::pair<std::size_t, std::size_t>> near;  // distance, index
  const std::string folded = lower(wanted);
  for (std::size_t i = 0; i < known.size(); ++i) {
    const std::string candidate = lower(known[i]);
    std::size_t distance = edit_distance(folded, candidate);
    const bool contained = folded.size() >= 3 && candidate.size() >= 3 &&
                           (candidate.find(folded) != std::string::npos || folded.find(candidate) != std::string::npos);
    if (contained) distance = std::min<std::size_t>(distance, 2);
    if (distance <= std::max<std::size_t>(2, folded.size() / 3)) near.emplace_back(distance, i);
  }
  std::sort(near.begin(), near.end());
  std::vector<std::string> names;
  for (const auto& [distance, index] : near) {
    if (names.size() == count) break;
    names.push_back(known[index]);
  }
  return names;
}

std::string suggestion(std::string_view wanted, const std::vector<std::string>& known) {
  const std::vector<std::string> near = nearest_names(wanted, known);
  if (!near.empty()) return "; did you mean `" + near.front() + "`?";
  if (known.empty()) return "";
  std::string text = "; known: ";
  constexpr std::size_t kShown = 12;
  for (std::size_t i = 0; i < known.size() && i < kShown; ++i) text += (i > 0 ? ", " : "") + known[i];
  if (known.size() > kShown) text += ", ...";
  return text;
}

}  // namespace bagloom::msg
