#include "bag/rosbag1_scan.h"

#include <algorithm>
#include <numeric>
#include <queue>

namespace bagloom::bag {
namespace {

/// What is visited of one chunk, in order.
struct OpenChunk {
  std::vector<IndexedMessage> messages;
  std::size_t next = 0;
  const MessageRef& head() const { return messages[next].ref; }
};

class Merge {
 public:
  Merge(const Source& source, Layout& layout, std::uint32_t recording, const ConnectionSet& which)
      : source_(source),
        layout_(layout),
        recording_(recording),
        which_(which),
        by_start_(layout.chunks.size()),
        latest_(layout.connections.slots().size(), INT64_MIN) {
    std::iota(by_start_.begin(), by_start_.end(), 0u);
    std::erase_if(by_start_, [&layout](std::uint32_t chunk) { return layout.chunks[chunk].messages == 0; });
    std::stable_sort(by_start_.begin(), by_start_.end(),
                     [&layout](auto a, auto b) { return layout.chunks[a].first < layout.chunks[b].first; });
  }

  Status run(const BagReader::Visit& visit) {
    while (true) {
      RETURN_IF_ERROR(open_due_chunks());
      if (open_.empty()) return {};
      OpenChunk chunk = std::move(const_cast<OpenChunk&>(open_.top()));
      open_.pop();
      // Go on in this chunk until another one may hold the next message.
      do {
        RETURN_IF_ERROR(visit(chunk.messages[chunk.next]));
        ++chunk.next;
      } while (chunk.next < chunk.messages.size() && goes_before_others(chunk.head()));
      if (chunk.next < chunk.messages.size()) open_.push(std::move(chunk));
    }
  }

 private:
  bool goes_before_others(const MessageRef& ref) const {
    if (next_ < by_start_.size() && layout_.chunks[by_start_[next_]].first <= ref.time) return false;
    return open_.empty() || ref < open_.top().head();
  }

  /// Opens every chunk that may hold a message at or before the earliest one known.
  Status open_due_chunks() {
    while (next_ < by_start_.size() && (open_.empty() || layout_.chunks[by_start_[next_]].first <= open_.top().head().time)) {
      ASSIGN_OR_RETURN(OpenChunk chunk, load(by_start_[next_]));
      ++next_;
      if (!chunk.messages.empty()) open_.push(std::move(chunk));
    }
    return {};
  }

  Result<OpenChunk> load(std::uint32_t number) {
    ASSIGN_OR_RETURN(const std::vector<ChunkEntry> entries, load_entries(source_, layout_, number));
    const Chunk& facts = layout_.chunks[number];
    latest_.assign(layout_.connections.slots().size(), INT64_MIN);
    auto late = std::lower_bound(layout_.late.begin(), layout_.late.end(), number,
                                 [](const LateChunk& l, std::uint32_t n) { return l.chunk < n; });
    for (; late != layout_.late.end() && late->chunk == number; ++late) latest_[late->slot] = late->latest_before;
    OpenChunk chunk;
    for (std::size_t i = 0; i < entries.size(); ++i) {
      const ChunkEntry& entry = entries[i];
      const bool out_of_order = entry.time < latest_[entry.slot];
      latest_[entry.slot] = std::max(latest_[entry.slot], entry.time);
      const std::uint32_t connection =
          entry.slot < layout_.connection_of_slot.size() ? layout_.connection_of_slot[entry.slot] : Layout::kNoConnection;
      if (connection >= which_.size() || !which_[connection]) continue;
      chunk.messages.push_back(
          {{entry.time, locator_of(number, entry.offset), connection, recording_}, entry_bytes(facts, entries, i), out_of_order});
    }
    std::sort(chunk.messages.begin(), chunk.messages.end(), [](const auto& a, const auto& b) { return a.ref < b.ref; });
    return chunk;
  }

  struct Later {
    bool operator()(const OpenChunk& a, const OpenChunk& b) const { return b.head() < a.head(); }
  };

  const Source& source_;
  Layout& layout_;
  std::uint32_t recording_;
  const ConnectionSet& which_;
  std::vector<std::uint32_t> by_start_;
  std::size_t next_ = 0;
  std::vector<TimeNs> latest_;
  std::priority_queue<OpenChunk, std::vector<OpenChunk>, Later> open_;
};

}  // namespace

Status scan_layout(const Source& source, Layout& layout, std::uint32_t recording, const ConnectionSet& which,
                   const BagReader::Visit& visit) {
  return Merge(source, layout, recording, which).run(visit);
}

}  // namespace bagloom::bag
