// What opening a recording may hold, and what all of it would take where that is too much.
#pragma once

#include <cstddef>
#include <cstdint>
#include <functional>

#include "bag/bag_reader.h"
#include "bag/chunk.h"
#include "bag/read_ahead.h"

namespace bagloom::bag {

/// Opening goes on where a chunk is too large to be read through, without looking into it: only then is it known what the largest
/// one takes, and how large the index becomes. Not thread-safe.
class OpeningRoom {
 public:
  explicit OpeningRoom(const OpenOptions& options) : most_(options.memory_bytes) {}

  /// Whether `bytes` may be taken for a while beside the index's `held` ones. If not, `refusal` tells of them.
  bool may_take(std::uint64_t held, std::uint64_t bytes);

  /// Counts the entries of a chunk that was read through, or of its beginning: `bytes` of it, inflated.
  void walked(std::uint64_t messages, std::uint64_t bytes);
  bool density_is_known() const { return walked_bytes_ > 0; }
  /// A chunk that there is no room for: inflates its beginning, to see how close its messages lie, unless that is known.
  /// `walk` gives the entries in it. Errors: io; those of `walk`.
  Status look_at_beginning(const Source& source, const Chunk& chunk,
                           const std::function<Result<std::size_t>(ReadAhead& window)>& walk);
  /// Counts a chunk of so many bytes that was not looked into, though its entries would be kept.
  void expect_entries_of(std::uint64_t chunk_bytes);

  /// Whether the index may hold so many bytes, `share` (0 to 1) of it being read. Error: over_limit.
  Status check(std::uint64_t held, double share) const;
  /// Once the index is read. Error: over_limit, where may_take refused anything.
  Status refusal(std::uint64_t held) const;

 private:
  std::uint64_t most_ = 0;
  std::uint64_t refused_ = 0;           ///< the most that was
  std::uint64_t expected_ = 0;          ///< bytes of entries that are missing from the index
  std::uint64_t expected_largest_ = 0;  ///< of one chunk
  std::uint64_t walked_messages_ = 0, walked_bytes_ = 0;
};

}  // namespace bagloom::bag
