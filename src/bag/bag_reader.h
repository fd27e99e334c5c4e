// What every recording format gives: what is in it, where each message is, and its bytes.
#pragma once

#include <functional>
#include <memory>
#include <string>
#include <vector>

#include "base/bytes.h"
#include "base/message_ref.h"
#include "base/result.h"
#include "base/source.h"

namespace bagloom::bag {

/// One publisher's channel of a topic. A topic may have several, with different definitions.
struct Connection {
  std::uint32_t id = 0;                         ///< the file's own number; not dense
  std::string topic;                            ///< as in the record header; may lack the leading slash
  std::string type;                             ///< "sensor_msgs/JointState"
  std::string md5sum;                           ///< as written; zeros and "*" occur
  std::string definition;                       ///< message definition; may be empty; text, but for protobuf
  std::string definition_encoding = "ros1msg";  ///< ros1msg, ros2msg, ros2idl, protobuf, jsonschema, or what the file says
  std::string encoding = "ros1";                ///< of the messages: ros1, cdr, protobuf, json, or what the file says
  bool latching = false;
  std::uint64_t messages = 0;
  std::uint64_t bytes = 0;  ///< of the message records, inflated
  TimeNs start = 0;         ///< first and last receive time; 0 where messages == 0
  TimeNs end = 0;
};

/// How the messages were found.
enum class IndexState {
  indexed,        ///< the file's index section
  chunk_indexes,  ///< no index section; the chunks' own index records
  walked,         ///< at least one chunk had neither and was inflated and walked
};
std::string_view name_of(IndexState state);

/// Something in the file that is not as it should be. The rest stays readable.
struct Damage {
  std::uint64_t offset = 0;    ///< in the file
  std::string topic;           ///< empty where it concerns no single topic
  std::string what;            ///< "chunk cut by the end of the file: 17 messages recovered"
  bool loss = true;            ///< messages were or may have been lost; false: odd, but all is there
  std::uint64_t messages = 1;  ///< that were lost, where that is known
  bool operator==(const Damage&) const = default;
};

struct BagInfo {
  std::string path;
  std::string format;                ///< "rosbag1", "mcap", "rosbag2"
  std::string compression;           ///< "none", "lz4", "bz2", "zstd", or "mixed"
  bool by_message = false;           ///< every message is read by itself, whatever the compression: no chunk is inflated for it
  std::uint64_t bytes = 0;           ///< of the file
  std::uint64_t unpacked_bytes = 0;  ///< that it takes in the temporary folder while it is open
  IndexState index = IndexState::indexed;
  std::uint64_t chunks = 0;
  std::uint64_t largest_chunk_bytes = 0;  ///< inflated; where there are no chunks, of the largest message
  std::uint64_t index_bytes = 0;          ///< that the open reader holds in memory, about
  std::uint64_t index_bytes_a_chunk = 0;  ///< of them, what grows with the number of chunks
  bool index_mended = false;              ///< mend_index() found indexes that contradict their messages
  std::uint64_t messages = 0;
  TimeNs start = 0, end = 0;            ///< first and last receive time of all messages, as `rosbag info` says them
  std::vector<Connection> connections;  ///< MessageRef::connection is an index into this
  std::vector<Damage> damage;
};

/// Whether fetching a message inflates a chunk.
inline bool inflates_chunks(const BagInfo& info) { return info.compression != "none" && !info.by_message; }

/// One message as the index knows it.
struct IndexedMessage {
  MessageRef ref;
  std::uint64_t bytes = 0;    ///< of its record, inflated: an upper bound for the payload
  bool out_of_order = false;  ///< its time is before that of an earlier message of its connection in the file
};

/// A message's bytes and what keeps them alive: a pinned chunk or a buffer of their own.
struct Payload {
  Bytes bytes;
  std::shared_ptr<const void> pin;
};

/// A set of connections, by index.
using ConnectionSet = std::vector<bool>;

/// A recording. `info` and `fetch` may be called from any thread once it is open; `scan` by one at a time.
class BagReader {
 public:
  virtual ~BagReader() = default;

  virtual const BagInfo& info() const = 0;

  /// Visits every message of the chosen connections in the order of MessageRef (time, then place), from
  /// index records only; no payload is read or inflated (but for chunks that have no index, which were
  /// walked at opening). Memory does not grow with messages while chunks do not overlap in time.
  /// An Error from `visit` ends the scan and is returned.
  using Visit = std::function<Status(const IndexedMessage&)>;
  virtual Status scan(const ConnectionSet& which, const Visit& visit) = 0;

  /// The bytes of one message. Error: corrupt (with file, offset and what was wrong) or io.
  virtual Result<Payload> fetch(const MessageRef& ref) = 0;

  /// What tells this recording from another without reading it whole: a hash of size, header, index section
  /// and chunk headers (architecture.md section 8). mtime is the caller's to add.
  virtual Result<std::string> identity() = 0;

  /// The files that the recording consists of; all of them are in `identity`.
  virtual std::vector<std::string> files() const { return {info().path}; }

  /// Where a message stands in its file: its record, or its chunk where that is compressed, or damaged as a whole; of a database,
  /// its row's number.
  virtual std::uint64_t file_offset(const MessageRef& ref) const = 0;
  /// Whether what a message shares with others, its chunk, can be read: false takes all messages of the chunk, not this one
  /// alone.
  virtual bool chunk_readable(const MessageRef&) { return true; }

  /// Before the first fetch: from now on a chunk's index is compared with the chunk's records when the first of its messages is
  /// fetched, entry by entry, of these connections. Where one contradicts its record, no message of the chunk is given out
  /// (corrupt): rows that another message should have taken may take this one.
  virtual void check_indexes(const ConnectionSet&) {}
  /// Whether a fetch found such a chunk that is not mended yet.
  virtual bool index_is_wrong() const { return false; }
  /// Compares the chunks that no fetch has compared yet too. Then scan, fetch and info go by what the records say; where no
  /// checksum tells which of the two is wrong, by neither: such a message is left out, which is damage. Not while another thread
  /// uses the reader. `go_on` is asked before each chunk; its Error is returned. Errors: io, unreadable (contradicting records).
  virtual Status mend_index(const std::function<Status()>& go_on) { return go_on(); }

  /// The same for messages of one chunk, and for no others of the recording.
  virtual std::uint64_t place_key(const MessageRef& ref) const { return file_offset(ref); }
  /// The place for users: "at 0x1f0", "row 12", "run_1.mcap at 0x1f0".
  virtual std::string place(const MessageRef& ref) const { return "at " + hex(file_offset(ref)); }

  /// Bytes that a `fetch` of this message may hold beside the payload itself: the inflated chunk and what its
  /// decompressor needs (2 to 4 MB), 0 where messages are read by themselves.
  virtual std::uint64_t fetch_overhead_bytes(const MessageRef& ref) const = 0;
};

class ChunkCache;

struct OpenOptions {
  std::uint32_t recording = 0;                 ///< goes into every MessageRef; its own for each reader that shares a cache
  ChunkCache* cache = nullptr;                 ///< shared between readers; not owned; null: a private one of one chunk
  std::uint64_t max_chunk_bytes = 4ull << 30;  ///< a chunk that declares more is damage, not an allocation
  /// That opening may take: the index, and an inflated chunk that has to be walked. 0: any. More is an Error over_limit, whose
  /// needing() is about what it takes.
  std::uint64_t memory_bytes = 0;
  /// That the caller will take for each connection, and besides for each that has two messages: counted as if it was the index's.
  std::uint64_t connection_bytes = 0, busy_connection_bytes = 0;
  /// Threads that will scan or fetch at once, for index_bytes: of a database each has its own connection, up to eight.
  std::uint64_t threads = 8;
  /// Where storage files that are compressed whole are unpacked, without a name; empty: $TMPDIR, else /var/tmp, else /tmp.
  std::string temporary_folder;
};

/// Opens a recording by its magic bytes. Errors: unreadable (not a recording: says what was found; empty file;
/// an older or encrypted format by name), temporary (no space to unpack a compressed file), io.
Result<std::unique_ptr<BagReader>> open_bag(std::unique_ptr<Source> source, const OpenOptions& options);
/// The same for a path: also of a folder that is a rosbag2 recording.
Result<std::unique_ptr<BagReader>> open_bag(const std::string& path, const OpenOptions& options);

}  // namespace bagloom::bag
