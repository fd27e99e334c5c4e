#include "bag/scan_chunks.h"

#include <algorithm>
#include <numeric>
#include <queue>

namespace bagloom::bag {
namespace {

/// An entry of an open chunk that is still to be visited.
struct Waiting {
  TimeNs time = 0;
  std::uint32_t offset = 0;
  std::uint32_t connection = 0;
  std::uint32_t bytes = 0;
  bool out_of_order = false;
};

/// Entries held before chunks are taken in pieces: 12 MiB.
constexpr std::size_t kMostWaiting = (12u << 20) / sizeof(Waiting);
/// The smallest piece: 1.5 KiB a chunk.
constexpr std::size_t kSmallestPiece = 64;

/// What is visited of one chunk, in order.
struct OpenChunk {
  std::uint32_t number = 0;
  std::vector<Waiting> messages;
  std::size_t next = 0;
  bool more = false;  ///< behind the last of them there are others, not loaded

  const Waiting& head() const { return messages[next]; }
};

bool goes_before(const OpenChunk& a, const OpenChunk& b) {
  if (a.head().time != b.head().time) return a.head().time < b.head().time;
  return a.number < b.number;  // the same chunk is never open twice
}

/// The chunks that have messages, by their first one's time.
std::vector<std::uint32_t> chunks_by_start(const std::vector<Chunk>& chunks) {
  std::vector<std::uint32_t> order(chunks.size());
  std::iota(order.begin(), order.end(), 0u);
  std::erase_if(order, [&chunks](std::uint32_t chunk) { return chunks[chunk].messages == 0; });
  std::stable_sort(order.begin(), order.end(), [&chunks](auto a, auto b) { return chunks[a].first < chunks[b].first; });
  return order;
}

class Merge {
 public:
  Merge(const Layout& layout, const LoadEntries& load, std::uint32_t recording, const ConnectionSet& which)
      : layout_(layout), load_(load), recording_(recording), which_(which), by_start_(chunks_by_start(layout.chunks)) {}

  Status run(const BagReader::Visit& visit) {
    while (true) {
      RETURN_IF_ERROR(open_due_chunks());
      if (open_.empty()) return {};
      OpenChunk chunk = std::move(const_cast<OpenChunk&>(open_.top()));
      open_.pop();
      // Go on in this chunk until another one may hold the next message.
      do {
        const Waiting& m = chunk.head();
        const MessageRef ref{m.time, locator_of(chunk.number, m.offset), m.connection, recording_};
        RETURN_IF_ERROR(visit({ref, m.bytes, m.out_of_order}));
        ++chunk.next;
        if (chunk.next == chunk.messages.size() && chunk.more) RETURN_IF_ERROR(load_next_piece(chunk));
      } while (chunk.next < chunk.messages.size() && stays_first(chunk));
      if (chunk.next < chunk.messages.size())
        open_.push(std::move(chunk));
      else
        waiting_ -= chunk.messages.size();
    }
  }

 private:
  bool stays_first(const OpenChunk& chunk) const {
    if (next_ < by_start_.size() && layout_.chunks[by_start_[next_]].first <= chunk.head().time) return false;
    return open_.empty() || goes_before(chunk, open_.top());
  }

  /// Opens every chunk that may hold a message at or before the earliest one known.
  Status open_due_chunks() {
    while (next_ < by_start_.size() && (open_.empty() || layout_.chunks[by_start_[next_]].first <= open_.top().head().time)) {
      OpenChunk chunk;
      chunk.number = by_start_[next_++];
      RETURN_IF_ERROR(load_piece(chunk, nullptr));
      if (!chunk.messages.empty()) open_.push(std::move(chunk));
    }
    return {};
  }

  Status load_next_piece(OpenChunk& chunk) {
    const Waiting last = chunk.messages.back();
    waiting_ -= chunk.messages.size();
    std::vector<Waiting>().swap(chunk.messages);
    return load_piece(chunk, &last);
  }

  /// The chunk's next entries, those behind `after`: all of them while few are held.
  Status load_piece(OpenChunk& chunk, const Waiting* after) {
    const auto before = [](const Waiting& a, const Waiting& b) {
      return a.time != b.time ? a.time < b.time : a.offset < b.offset;
    };
    const auto kept = layout_.walked.find(chunk.number);
    std::vector<ChunkEntry> loaded;
    if (kept == layout_.walked.end()) {
      ASSIGN_OR_RETURN(loaded, load_(chunk.number));
    }
    std::vector<Waiting> all = choose(chunk.number, kept == layout_.walked.end() ? loaded : kept->second);
    if (after != nullptr) std::erase_if(all, [&](const Waiting& m) { return !before(*after, m); });
    std::vector<ChunkEntry>().swap(loaded);
    const std::size_t room = waiting_ < kMostWaiting ? kMostWaiting - waiting_ : 0;
    const std::size_t piece = std::max(room, kSmallestPiece);
    chunk.more = all.size() > piece;
    if (chunk.more) {
      std::nth_element(all.begin(), all.begin() + static_cast<std::ptrdiff_t>(piece), all.end(), before);
      all.resize(piece);
    }
    std::sort(all.begin(), all.end(), before);
    chunk.messages.assign(all.begin(), all.end());  // no larger than needed
    chunk.next = 0;
    waiting_ += chunk.messages.size();
    return {};
  }

  std::vector<Waiting> choose(std::uint32_t number, const std::vector<ChunkEntry>& entries) {
    const Chunk& facts = layout_.chunks[number];
    latest_.assign(layout_.connections.slots().size(), INT64_MIN);
    auto late = std::lower_bound(layout_.late.begin(), layout_.late.end(), number,
                                 [](const LateChunk& l, std::uint32_t n) { return l.chunk < n; });
    for (; late != layout_.late.end() && late->chunk == number; ++late) latest_[late->slot] = late->latest_before;
    std::vector<Waiting> chosen;
    for (std::size_t i = 0; i < entries.size(); ++i) {
      const ChunkEntry& entry = entries[i];
      const bool out_of_order = entry.time < latest_[entry.slot];
      latest_[entry.slot] = std::max(latest_[entry.slot], entry.time);
      const std::uint32_t connection =
          entry.slot < layout_.connection_of_slot.size() ? layout_.connection_of_slot[entry.slot] : Layout::kNoConnection;
      if (connection >= which_.size() || !which_[connection]) continue;
      chosen.push_back(
          {entry.time, entry.offset, connection, static_cast<std::uint32_t>(entry_bytes(facts, entries, i)), out_of_order});
    }
    return chosen;
  }

  struct Later {
    bool operator()(const OpenChunk& a, const OpenChunk& b) const { return goes_before(b, a); }
  };

  const Layout& layout_;
  const LoadEntries& load_;
  std::uint32_t recording_;
  const ConnectionSet& which_;
  std::vector<std::uint32_t> by_start_;
  std::size_t next_ = 0;
  std::size_t waiting_ = 0;  ///< entries in all open chunks
  std::vector<TimeNs> latest_;
  std::priority_queue<OpenChunk, std::vector<OpenChunk>, Later> open_;
};

}  // namespace

Status scan_chunks(const Layout& layout, const LoadEntries& load, std::uint32_t recording, const ConnectionSet& which,
                   const BagReader::Visit& visit) {
  return Merge(layout, load, recording, which).run(visit);
}

std::uint64_t scan_bytes(const std::vector<Chunk>& chunks) {
  using Open = std::pair<TimeNs, std::uint32_t>;  // last time, messages
  std::priority_queue<Open, std::vector<Open>, std::greater<>> open;
  std::uint64_t entries = 0, most_entries = 0, most_open = 0, largest = 0;
  for (const std::uint32_t number : chunks_by_start(chunks)) {
    const Chunk& chunk = chunks[number];
    while (!open.empty() && open.top().first < chunk.first) {
      entries -= open.top().second;
      open.pop();
    }
    open.emplace(chunk.last, chunk.messages);
    entries += chunk.messages;
    most_entries = std::max(most_entries, entries);
    most_open = std::max<std::uint64_t>(most_open, open.size());
    largest = std::max<std::uint64_t>(largest, chunk.messages);
  }
  const std::uint64_t held = std::min(most_entries, kMostWaiting + most_open * kSmallestPiece);
  // A chunk being loaded: its index records, what they become, and what is chosen of it.
  const std::uint64_t loading = largest * (2 * sizeof(ChunkEntry) + 16 + 2 * sizeof(Waiting));
  return held * sizeof(Waiting) + most_open * (sizeof(OpenChunk) + 32) + loading + chunks.size() * sizeof(std::uint32_t);
}

}  // namespace bagloom::bag
