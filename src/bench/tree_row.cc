// From what the launcher saw to a row's figures.
#include <algorithm>
#include <array>
#include <cstdio>

#include "bench/bench_parts.h"
#include "convert/durable_files.h"

namespace bagloom::bench {

void take_tree(const memory::TreeUse& use, Row& row) {
  row.tree_peak = use.peak_bytes;
  row.file_bytes = use.file_bytes;
  row.counters = use.counters;
  row.may_have_missed = use.may_have_missed;
  row.timeline.clear();
  for (const memory::TreeSample& sample : use.timeline)
    row.timeline.push_back(
        {sample.seconds, sample.resident.total(), sample.resident.anonymous + sample.resident.shared, sample.resident.file});
  if (use.ceiling && use.ceiling->killed) {
    row.status = "killed at " + ceiling_text(use.ceiling->bytes);
    row.error = "the kernel ended it when it wanted more";
  }
}

std::string ceiling_text(std::uint64_t bytes) {
  std::array<char, 48> text{};
  constexpr std::uint64_t kMiB = 1 << 20;
  if (bytes % kMiB == 0)
    std::snprintf(text.data(), text.size(), "%llu MiB", static_cast<unsigned long long>(bytes / kMiB));
  else
    std::snprintf(text.data(), text.size(), "%llu bytes", static_cast<unsigned long long>(bytes));
  return text.data();
}

std::string rounded_size(std::uint64_t bytes) {
  std::array<char, 48> text{};
  const double gb = static_cast<double>(bytes) / 1e9;
  if (gb >= 1)
    std::snprintf(text.data(), text.size(), "%.*f GB", gb < 10 ? 1 : 0, gb);
  else
    std::snprintf(text.data(), text.size(), "%.0f MB", gb * 1000);
  return text.data();
}

std::string last_line(const std::string& path) {
  constexpr std::uint64_t kMost = 1 << 20;
  auto text = convert::read_small_file(path, kMost);
  if (!text) return "";
  while (!text->empty() && static_cast<unsigned char>(text->back()) <= ' ') text->pop_back();
  std::string line = text->substr(text->find_last_of('\n') + 1).substr(0, 300);
  std::replace_if(
      line.begin(), line.end(), [](char c) { return static_cast<unsigned char>(c) < ' '; }, '?');
  return line;
}

}  // namespace bagloom::bench
