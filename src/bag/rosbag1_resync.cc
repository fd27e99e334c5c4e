// The part of the top-level walk that gets over bytes that are no records.
#include <algorithm>

#include "bag/rosbag1_top_level.h"

namespace bagloom::bag {
namespace {

constexpr std::string_view kChunkOpField("\x04\0\0\0op=\x05", 8);
/// A chunk's header is two short fields and the op: the record begins at most this much before the op.
constexpr std::uint64_t kMostBeforeOp = 64;
constexpr std::uint64_t kSearchBytes = 64 * 1024;

bool is_chunk(const RecordHead& head) {
  return head.op == kOpChunk && head.fields.u32("size") && compression_named(head.fields.text("compression").value_or(""));
}

}  // namespace

Result<std::uint64_t> TopLevelWalk::skip_zeros(std::uint64_t at) {
  std::uint64_t behind = at;
  while (behind < window_.limit()) {
    ASSIGN_OR_RETURN(const Bytes bytes, window_.peek(behind, 4096));
    if (bytes.empty()) break;
    const auto other = std::find_if(bytes.begin(), bytes.end(), [](std::byte b) { return b != std::byte{0}; });
    behind += static_cast<std::uint64_t>(other - bytes.begin());
    if (other != bytes.end()) break;
  }
  // A header length below 256 ends in three zero bytes and begins with none: fewer than four are no filling.
  if (behind - at < 4 && behind < window_.limit()) return at;
  if (behind > at) damage_.add(at, std::to_string(behind - at) + " zero bytes between records", false);
  return behind;
}

Result<std::uint64_t> TopLevelWalk::next_chunk_behind(std::uint64_t at, const std::string& why) {
  std::uint64_t next = window_.limit();
  for (const ChunkPlace& place : section_.chunks) {
    if (place.offset <= at || place.offset >= window_.limit()) continue;
    auto head = read_record_head(window_, place.offset);
    if (!head.ok() && head.error().kind() != ErrorKind::corrupt) return std::move(head).error();
    if (head.ok() && is_chunk(*head)) {
      next = place.offset;
      break;
    }
  }
  // No index section, or chunks that it does not name: search for a chunk's op field.
  std::vector<std::byte> buffer(static_cast<std::size_t>(std::min(kSearchBytes, next - at)));
  for (std::uint64_t from = at; from < next; from += kSearchBytes - kMostBeforeOp) {
    const std::uint64_t n = std::min<std::uint64_t>(buffer.size(), next - from);
    ASSIGN_OR_RETURN(const std::size_t got, source_.read_at(from, MutableBytes(buffer).first(static_cast<std::size_t>(n))));
    const std::string_view text = as_text(Bytes(buffer).first(got));
    for (auto hit = text.find(kChunkOpField); hit != std::string_view::npos; hit = text.find(kChunkOpField, hit + 1)) {
      const std::uint64_t op_at = from + hit;
      const std::uint64_t earliest = std::max(at + 1, op_at > kMostBeforeOp ? op_at - kMostBeforeOp : 0);
      for (std::uint64_t start = earliest; start + 4 <= op_at; ++start) {
        auto head = read_record_head(window_, start);
        if (!head.ok() && head.error().kind() != ErrorKind::corrupt) return std::move(head).error();
        if (!head.ok() || !is_chunk(*head) || head->data_offset <= op_at) continue;
        damage_.add(at, why + ": unreadable up to the next chunk at " + hex(start), true);
        return start;
      }
    }
    if (from + n >= next) break;
  }
  damage_.add(at, why + ": unreadable " + (next == window_.limit() ? "from here on" : "up to the next chunk at " + hex(next)),
              true);
  return next;
}

}  // namespace bagloom::bag
