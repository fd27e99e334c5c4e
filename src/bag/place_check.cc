#include "bag/place_check.h"

#include <algorithm>
#include <memory>
#include <utility>

#include "bag/inflate.h"

namespace bagloom::bag {
namespace {

/// How much of a compressed chunk is inflated to see whether the writer's offsets are right at all.
constexpr std::uint64_t kCheckedBytes = 64 * 1024;

}  // namespace

Result<std::string> PlaceCheck::run(const Chunk& chunk, const std::vector<ChunkEntry>& entries) {
  if (entries.empty()) return std::string();
  std::vector<std::byte> beginning;
  std::unique_ptr<Source> view;
  std::uint64_t base = chunk.data_offset;
  std::uint64_t limit = base + chunk.stored_bytes;
  const bool each_connection = each_connection_;
  if (chunk.compression != Compression::none) {
    if (compressed_sound_) return std::string();
    Compressed part = compressed(chunk);
    part.partial = true;
    part.bytes = std::min(part.bytes, kCheckedBytes);
    ASSIGN_OR_RETURN(const std::uint64_t takes, inflating_bytes(source_, part, chunk.bytes));
    if (!room_.may_take(layout_.bytes() + entries.capacity() * sizeof(ChunkEntry), takes)) return std::string();
    auto inflated = inflate(source_, part);
    if (!inflated.ok()) {
      if (inflated.error().kind() != ErrorKind::corrupt) return std::move(inflated).error();
      return std::string();
    }
    beginning = std::move(*inflated);
    view = std::make_unique<ViewSource>(beginning);
    base = 0;
    limit = beginning.size();
  } else {
    each_connection_ = false;
  }
  ReadAhead window(view ? *view : source_, limit, kUsualMessageHeadBytes);
  std::vector<bool> seen(layout_.connections.slots().size(), false);
  for (std::size_t i = 0; i < entries.size(); ++i) {
    if (seen[entries[i].slot]) continue;
    seen[entries[i].slot] = true;
    const std::uint64_t end = base + entries[i].offset + entry_bytes(chunk, entries, i);
    if (view && end > limit) break;  // beyond what was inflated
    auto read =
        read_(window, {base, entries[i].offset, end, layout_.connections.slots()[entries[i].slot].facts.id, entries[i].time});
    if (!read.ok()) {
      if (read.error().kind() != ErrorKind::corrupt) return std::move(read).error();
      return read.error().message();
    }
    if (!each_connection) break;
  }
  compressed_sound_ |= chunk.compression != Compression::none;
  return std::string();
}

}  // namespace bagloom::bag
