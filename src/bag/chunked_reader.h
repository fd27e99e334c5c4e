// What the readers of formats with chunks share: scan over a layout, fetch of one message, identity.
#pragma once

#include <atomic>
#include <functional>
#include <map>
#include <memory>
#include <mutex>
#include <unordered_set>
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
  void check_indexes(const ConnectionSet& which) override;
  bool index_is_wrong() const override { return index_is_wrong_; }
  Status mend_index(const std::function<Status()>& go_on) override;
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
  /// The messages of a chunk as its records say, from record to record; `begin` is where the first one stands. Their slots are
  /// those of `connections`, which is empty at first. Error: io.
  struct Records {
    std::vector<ChunkEntry> entries;  ///< by place
    bool whole = false;               ///< there was no record that could not be read
  };
  virtual Result<Records> walk(ReadAhead& window, std::uint64_t begin, ConnectionTable& connections) const = 0;
  /// How many messages of the connections that are `wanted`, by the file's number, there are from record to record, up to the
  /// first that cannot be read. `announced` sees what records of connections say; types and definitions may be left out. Error:
  /// io.
  using Wanted = std::function<bool(std::uint32_t id)>;
  using Announced = std::function<void(const Connection& said)>;
  virtual Result<std::uint64_t> count_messages(ReadAhead& window, std::uint64_t begin, const Wanted& wanted,
                                               const Announced& announced) const = 0;
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

  /// A chunk's index against its records.
  enum class Compared : std::uint8_t { not_yet, right, wrong, mended };
  /// Where the chunk's records are read: in the file, or inflated.
  struct ChunkBytes {
    const Source& source;
    std::uint64_t begin = 0, end = 0;
  };
  ChunkBytes stored_bytes(const Chunk& chunk) const {
    return {*source_, chunk.data_offset, chunk.data_offset + chunk.stored_bytes};
  }
  /// Error: corrupt, where they contradict each other.
  Status compare_index(std::uint32_t number, const Chunk& chunk, const ChunkBytes& bytes);
  /// Whether a connection's record in a chunk says of it what the file says elsewhere.
  bool agrees(const Connection& said, const Chunk& chunk);
  Result<bool> fits(ReadAhead& window, const ChunkBytes& bytes, const ChunkEntry& entry) const;
  bool is_compared(std::uint32_t slot) const;
  /// Of a chunk that was not walked: by its index, or, once it is mended, by its records.
  using LeftOut = std::map<std::uint32_t, std::uint64_t>;  ///< messages, by slot
  Result<std::vector<ChunkEntry>> entries_of(std::uint32_t number, LeftOut* left_out = nullptr);
  Result<std::vector<ChunkEntry>> mended_entries(std::uint32_t number, const ChunkBytes& bytes, LeftOut* left_out);
  Result<std::vector<ChunkEntry>> agreed_entries(std::uint32_t number, const ChunkBytes& bytes,
                                                 const std::vector<ChunkEntry>& records, LeftOut* left_out);
  Result<bool> is_proved(const Chunk& chunk) const;
  Status compare_unread(std::uint32_t number);
  Status describe_mended(std::uint32_t number, DamageLog& damage);

  std::unique_ptr<Source> source_;
  OpenOptions options_;
  Layout layout_;
  std::vector<Stretch> identity_;
  std::unique_ptr<ChunkCache> own_cache_;
  // Uncompressed chunks with a checksum: checked once, by the first fetch from them.
  std::mutex check_;
  std::unique_ptr<std::atomic<Checked>[]> checked_;
  // Null: nothing is compared.
  std::unique_ptr<std::atomic<Compared>[]> compared_;
  std::unordered_set<std::uint32_t> compared_ids_;  ///< of connections, by the file's numbers
  std::atomic<bool> index_is_wrong_ = false;
  std::optional<Error> contradiction_;  ///< two records say different things of one connection; under check_
};

}  // namespace bagloom::bag
