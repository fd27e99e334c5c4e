// Inflated chunks, shared by tasks that read the same stretch of a recording.
#pragma once

#include <cstdint>
#include <functional>
#include <memory>
#include <vector>

#include "base/bytes.h"
#include "base/result.h"

namespace bagloom::bag {

/// Keeps the chunks used last, up to a number of bytes; a chunk that a caller still holds stays alive beyond
/// that. Two callers that want the same chunk at once inflate it once: the second waits. Thread-safe.
class ChunkCache {
 public:
  explicit ChunkCache(std::uint64_t capacity_bytes);
  ~ChunkCache();
  ChunkCache(const ChunkCache&) = delete;
  ChunkCache& operator=(const ChunkCache&) = delete;

  using Chunk = std::shared_ptr<const std::vector<std::byte>>;
  using Inflate = std::function<Result<std::vector<std::byte>>()>;

  /// A number for a reader that is a part of a recording (a file of a split one): no recording's, and no other part's.
  std::uint32_t number_of_part();

  /// The chunk of (recording, chunk), inflating it where it is not there. A damaged one (Error corrupt) is not inflated again;
  /// other failures may heal and are not kept.
  Result<Chunk> get(std::uint32_t recording, std::uint64_t chunk, const Inflate& inflate);

  std::uint64_t capacity_bytes() const;
  /// Of the chunks that it keeps now; not those that only a caller still holds.
  std::uint64_t held_bytes() const;
  /// How often `inflate` was called: compare with the number of chunks.
  std::uint64_t inflations() const;

 private:
  struct State;
  std::unique_ptr<State> state_;
};

}  // namespace bagloom::bag
