#include "bag/chunk.h"

#include <algorithm>

namespace bagloom::bag {

bool contradicts(const std::vector<ChunkEntry>& index, const std::vector<ChunkEntry>& records, bool whole) {
  if (records.size() > index.size() || (whole && records.size() != index.size())) return true;
  return !std::equal(records.begin(), records.end(), index.begin());
}

std::size_t sort_by_place(std::vector<ChunkEntry>& entries) {
  const auto before = [](const ChunkEntry& a, const ChunkEntry& b) { return a.offset < b.offset; };
  if (!std::is_sorted(entries.begin(), entries.end(), before)) std::stable_sort(entries.begin(), entries.end(), before);
  const auto same =
      std::unique(entries.begin(), entries.end(), [](const ChunkEntry& a, const ChunkEntry& b) { return a.offset == b.offset; });
  const auto dropped = static_cast<std::size_t>(entries.end() - same);
  entries.erase(same, entries.end());
  return dropped;
}

}  // namespace bagloom::bag
