// What the readers of formats with chunks share: scan over a layout, fetch of one message, identity.
#pragma once

#include <atomic>
#include <memory>
#include <mutex>
#include <vector>

#include "bag/bag_reader.h"
#include "bag/chunk_cache.h"
#include "bag/layout.h"
#include "bag/read_ahead.h"

namespace bagloom::bag {

/// The error anew around its innermost message, with the file's path in front: a source's own trail begins with the path too.
Error placed(const Error& error, const std::string& path);

class ChunkedReader : public BagReader {
 public:
  const BagInfo& info() const override { return layout_.info; }
  Status scan(const ConnectionSet& which, const Visit& visit) override;
  Result<Payload> fetch(const MessageRef& ref) override;
  bool chunk_readable(const MessageRef& ref) override;
  Result<std::string> identity() override;
  std::uint64_t file_offset(const MessageRef& ref) const override;
  std::uint64_t fetch_overhead_bytes(const MessageRef& ref) const override;

 protected:
  /// A stretch of the file that goes into its identity.
  struct Stretch {
    std::uint64_t begin = 0, end = 0;
  };
  struct PayloadPlace {
    std::uint64_t offset = 0, bytes = 0;  ///< in the source that the window reads
  };

  ChunkedReader(std::unique_ptr<Source> source, const OpenOptions& options, Layout layout, std::vector<Stretch> identity);

  /// The entries of a chunk that was not walked, read again. Errors: io; corrupt where the file changed.
  virtual Result<std::vector<ChunkEntry>> load_entries(std::uint32_t chunk) = 0;
  /// The payload of the message that must stand at `place`. Errors: corrupt (what stands there instead), io.
  virtual Result<PayloadPlace> find_payload(ReadAhead& window, const MessagePlace& place) const = 0;
  /// What a payload becomes before it is given out: itself, where messages are not compressed one by one.
  virtual Result<Payload> unwrap(const MessageRef& ref, Payload payload) const;

  /// A message as it is stored, `most` bytes of it at most.
  Result<Payload> fetch_stored(const MessageRef& ref, std::uint64_t most);

  const Source& source() const { return *source_; }
  const OpenOptions& options() const { return options_; }
  Layout& layout() { return layout_; }
  const Layout& layout() const { return layout_; }

 private:
  enum class Checked : std::uint8_t { not_yet, sound, damaged };

  Result<Payload> fetch_by_itself(const Chunk& chunk, const MessageRef& ref, std::uint64_t most);
  Result<Payload> fetch_from_chunk(std::uint32_t number, const Chunk& chunk, const MessageRef& ref);
  Result<ChunkCache::Chunk> inflated(std::uint32_t number, const Chunk& chunk);
  Status check_stored(std::uint32_t number, const Chunk& chunk);

  std::unique_ptr<Source> source_;
  OpenOptions options_;
  Layout layout_;
  std::vector<Stretch> identity_;
  std::unique_ptr<ChunkCache> own_cache_;
  // Uncompressed chunks with a checksum: checked once, by the first fetch from them.
  std::mutex check_;
  std::unique_ptr<std::atomic<Checked>[]> checked_;
};

}  // namespace bagloom::bag
