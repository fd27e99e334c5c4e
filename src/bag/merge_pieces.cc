#include "bag/merge_pieces.h"

#include <algorithm>
#include <numeric>
#include <optional>

namespace bagloom::bag {
namespace {

bool later(const IndexedMessage& a, const IndexedMessage& b) { return b.ref < a.ref; }

/// Messages that wait for a later piece: a heap, the earliest on top.
class Held {
 public:
  explicit Held(std::size_t most) : most_(std::max<std::size_t>(most, 2)) {}

  const IndexedMessage* earliest() const { return heap_.empty() ? nullptr : &heap_.front(); }
  IndexedMessage pop() {
    std::pop_heap(heap_.begin(), heap_.end(), later);
    const IndexedMessage message = heap_.back();
    heap_.pop_back();
    return message;
  }
  /// Where there are too many, the later half is given up: the first of it, from which everything has to be scanned again.
  std::optional<MessageRef> push(const IndexedMessage& message) {
    heap_.push_back(message);
    std::push_heap(heap_.begin(), heap_.end(), later);
    if (heap_.size() <= most_) return std::nullopt;
    const auto half = heap_.begin() + static_cast<std::ptrdiff_t>(heap_.size() / 2);
    std::nth_element(heap_.begin(), half, heap_.end(), [](const auto& a, const auto& b) { return a.ref < b.ref; });
    const MessageRef first = half->ref;
    heap_.erase(half, heap_.end());
    std::make_heap(heap_.begin(), heap_.end(), later);
    return first;
  }

 private:
  std::size_t most_;
  std::vector<IndexedMessage> heap_;
};

}  // namespace

Status merge_pieces(const std::vector<PieceSpan>& pieces, const ScanPiece& scan, std::size_t most_held,
                    const BagReader::Visit& visit) {
  std::vector<std::size_t> order(pieces.size());
  std::iota(order.begin(), order.end(), std::size_t{0});
  std::stable_sort(order.begin(), order.end(), [&](auto a, auto b) { return pieces[a].first < pieces[b].first; });
  std::optional<MessageRef> from;  // everything before was visited
  while (true) {
    std::optional<MessageRef> until;  // from here on, this pass cannot tell
    Held held(most_held);
    for (std::size_t i = 0; i < order.size(); ++i) {
      const PieceSpan& piece = pieces[order[i]];
      if (until && piece.first > until->time) break;
      // No message of a later piece is before this.
      const std::optional<TimeNs> next = i + 1 < order.size() ? std::optional(pieces[order[i + 1]].first) : std::nullopt;
      const auto is_due = [&](const MessageRef& ref) { return !next || ref.time < *next; };
      const auto visit_held = [&](const MessageRef* before) -> Status {
        while (held.earliest() != nullptr && is_due(held.earliest()->ref) &&
               (before == nullptr || held.earliest()->ref < *before))
          RETURN_IF_ERROR(visit(held.pop()));
        return {};
      };
      if (!from || piece.last >= from->time) {
        bool ended_here = false;
        const auto status = scan(order[i], [&](const IndexedMessage& message) -> Status {
          if (from && message.ref < *from) return {};
          if (until && !(message.ref < *until)) {
            ended_here = true;
            return Error(ErrorKind::stopped, "the rest is for the next pass");
          }
          RETURN_IF_ERROR(visit_held(&message.ref));
          if (is_due(message.ref)) return visit(message);
          if (const auto given_up = held.push(message)) until = given_up;
          return {};
        });
        if (!status && !ended_here) return status;
      }
      RETURN_IF_ERROR(visit_held(nullptr));
    }
    // Only where pieces were left out of this pass is anything still held: all of it is before `until`.
    while (held.earliest() != nullptr) RETURN_IF_ERROR(visit(held.pop()));
    if (!until) return {};
    from = until;
  }
}

}  // namespace bagloom::bag
