#include "bag/rosbag1_writer.h"

#include <cerrno>
#include <cstdio>
#include <cstring>
#include <map>
#include <vector>

#include "bag/deflate.h"
#include "bag/rosbag1_file_header.h"
#include "bag/rosbag1_record.h"

namespace bagloom::bag {
namespace {

/// The file header record is padded so that the first chunk begins at 4117, as in other tools' bags.
constexpr std::size_t kFileHeaderBytes = 4096;

/// Little-endian bytes of records.
class RecordBytes {
 public:
  template <class T>
  void number(T value) {
    for (std::size_t i = 0; i < sizeof(T); ++i) bytes_.push_back(static_cast<std::byte>(value >> (8 * i)));
  }
  void raw(Bytes bytes) { bytes_.insert(bytes_.end(), bytes.begin(), bytes.end()); }
  void field(std::string_view name, Bytes value) {
    number(static_cast<std::uint32_t>(name.size() + 1 + value.size()));
    raw(as_bytes(name));
    raw(as_bytes("="));
    raw(value);
  }
  void text_field(std::string_view name, std::string_view value) { field(name, as_bytes(value)); }
  template <class T>
  void number_field(std::string_view name, T value) {
    RecordBytes bytes;
    bytes.number(value);
    field(name, bytes.view());
  }
  void time(TimeNs ns) {
    number(static_cast<std::uint32_t>(ns / kNsPerSecond));
    number(static_cast<std::uint32_t>(ns % kNsPerSecond));
  }
  void time_field(std::string_view name, TimeNs ns) {
    RecordBytes bytes;
    bytes.time(ns);
    field(name, bytes.view());
  }
  void record(const RecordBytes& header, Bytes data) {
    number(static_cast<std::uint32_t>(header.size()));
    raw(header.view());
    number(static_cast<std::uint32_t>(data.size()));
    raw(data);
  }
  std::size_t size() const { return bytes_.size(); }
  Bytes view() const { return bytes_; }
  void clear() { bytes_.clear(); }

 private:
  std::vector<std::byte> bytes_;
};

struct IndexEntry {
  TimeNs time;
  std::uint32_t offset;
};

struct ChunkFacts {
  std::uint64_t offset = 0;
  TimeNs first = 0, last = 0;
  std::map<std::uint32_t, std::uint32_t> messages;  // by connection
};

class Writer : public Rosbag1Writer {
 public:
  Writer(std::string path, std::FILE* file, const Rosbag1WriterOptions& options)
      : path_(std::move(path)), file_(file), options_(options) {}
  ~Writer() override {
    if (file_ != nullptr) std::fclose(file_);
  }

  Status begin() {
    RETURN_IF_ERROR(put(as_bytes(kRosbag1Magic)));
    return put_file_header(0, 0, 0);
  }

  std::uint32_t add_connection(const std::string& topic, const std::string& type, const std::string& md5sum,
                               const std::string& definition, bool latching) override {
    const auto id = static_cast<std::uint32_t>(connections_.size());
    RecordBytes header;
    header.number_field("op", kOpConnection);
    header.number_field("conn", id);
    header.text_field("topic", topic);
    RecordBytes data;
    data.text_field("topic", topic);
    data.text_field("type", type);
    data.text_field("md5sum", md5sum);
    data.text_field("message_definition", definition);
    if (latching) data.text_field("latching", "1");
    RecordBytes record;
    record.record(header, data.view());
    connections_.push_back(std::move(record));
    announced_.push_back(false);
    return id;
  }

  Status write(std::uint32_t connection, TimeNs time, Bytes message) override {
    if (connection >= connections_.size())
      return error(ErrorKind::internal, "connection " + std::to_string(connection) + " was not added");
    if (time < 0 || time / kNsPerSecond > 0xffffffffll) return error(ErrorKind::invalid, "a time that ROS 1 cannot write");
    if (message.size() > 0xe0000000u || chunk_.size() + message.size() > 0xf0000000u)
      return error(ErrorKind::invalid, "a message of " + std::to_string(message.size()) + " bytes is too large for a chunk");
    if (!announced_[connection]) {
      chunk_.raw(connections_[connection].view());
      announced_[connection] = true;
    }
    if (chunk_index_.empty()) facts_.first = facts_.last = time;
    facts_.first = std::min(facts_.first, time);
    facts_.last = std::max(facts_.last, time);
    ++facts_.messages[connection];
    chunk_index_[connection].push_back({time, static_cast<std::uint32_t>(chunk_.size())});
    RecordBytes header;
    header.number_field("op", kOpMessage);
    header.number_field("conn", connection);
    header.time_field("time", time);
    chunk_.record(header, message);
    return chunk_.size() > options_.chunk_bytes ? close_chunk() : Status{};
  }

  Status finish() override {
    RETURN_IF_ERROR(close_chunk());
    if (options_.index_section) {
      const std::uint64_t index_pos = written_;
      for (const RecordBytes& connection : connections_) RETURN_IF_ERROR(put(connection.view()));
      for (const ChunkFacts& chunk : chunks_) RETURN_IF_ERROR(put_chunk_info(chunk));
      if (std::fseek(file_, static_cast<long>(kRosbag1Magic.size()), SEEK_SET) != 0) return system_error();
      RETURN_IF_ERROR(put_file_header(index_pos, static_cast<std::uint32_t>(connections_.size()),
                                      static_cast<std::uint32_t>(chunks_.size())));
    }
    std::FILE* file = std::exchange(file_, nullptr);
    return std::fclose(file) == 0 ? Status{} : system_error();
  }

 private:
  Error error(ErrorKind kind, const std::string& what) const { return Error(kind, what).in(std::string(path_)); }
  Error system_error() const {
    const int code = errno;
    return error(code == ENOSPC || code == EDQUOT ? ErrorKind::temporary : ErrorKind::io, std::strerror(code));
  }

  Status put(Bytes bytes) {
    if (file_ == nullptr) return error(ErrorKind::internal, "written after finish");
    if (!bytes.empty() && std::fwrite(bytes.data(), 1, bytes.size(), file_) != bytes.size()) return system_error();
    written_ += bytes.size();
    return {};
  }

  Status put_file_header(std::uint64_t index_pos, std::uint32_t connections, std::uint32_t chunks) {
    RecordBytes header;
    header.number_field("op", kOpFileHeader);
    header.number_field("index_pos", index_pos);
    header.number_field("conn_count", connections);
    header.number_field("chunk_count", chunks);
    const std::vector<std::byte> padding(kFileHeaderBytes - header.size(), std::byte{' '});
    RecordBytes record;
    record.record(header, padding);
    return put(record.view());
  }

  Status close_chunk() {
    if (chunk_.size() == 0) return {};
    facts_.offset = written_;
    ASSIGN_OR_RETURN(const std::vector<std::byte> stored, deflate(options_.compression, chunk_.view()));
    RecordBytes header;
    header.text_field("compression", name_of(options_.compression));
    header.number_field("op", kOpChunk);
    header.number_field("size", static_cast<std::uint32_t>(chunk_.size()));
    RecordBytes head;
    head.number(static_cast<std::uint32_t>(header.size()));
    head.raw(header.view());
    head.number(static_cast<std::uint32_t>(stored.size()));
    RETURN_IF_ERROR(put(head.view()));
    RETURN_IF_ERROR(put(stored));
    if (options_.chunk_indexes) {
      for (const auto& [connection, entries] : chunk_index_) RETURN_IF_ERROR(put_index(connection, entries));
    }
    chunks_.push_back(std::exchange(facts_, {}));
    chunk_.clear();
    chunk_index_.clear();
    if (options_.connections_in_each_chunk) announced_.assign(connections_.size(), false);
    return {};
  }

  Status put_index(std::uint32_t connection, const std::vector<IndexEntry>& entries) {
    RecordBytes header;
    header.number_field("op", kOpIndexData);
    header.number_field("ver", std::uint32_t{1});
    header.number_field("conn", connection);
    header.number_field("count", static_cast<std::uint32_t>(entries.size()));
    RecordBytes data;
    for (const IndexEntry& entry : entries) {
      data.time(entry.time);
      data.number(entry.offset);
    }
    RecordBytes record;
    record.record(header, data.view());
    return put(record.view());
  }

  Status put_chunk_info(const ChunkFacts& chunk) {
    RecordBytes header;
    header.number_field("op", kOpChunkInfo);
    header.number_field("ver", std::uint32_t{1});
    header.number_field("chunk_pos", chunk.offset);
    header.time_field("start_time", chunk.first);
    header.time_field("end_time", chunk.last);
    header.number_field("count", static_cast<std::uint32_t>(chunk.messages.size()));
    RecordBytes data;
    for (const auto& [connection, messages] : chunk.messages) {
      data.number(connection);
      data.number(messages);
    }
    RecordBytes record;
    record.record(header, data.view());
    return put(record.view());
  }

  std::string path_;
  std::FILE* file_;
  Rosbag1WriterOptions options_;
  std::uint64_t written_ = 0;
  std::vector<RecordBytes> connections_;  // each one's whole record
  std::vector<bool> announced_;           // in this chunk, or ever
  RecordBytes chunk_;
  std::map<std::uint32_t, std::vector<IndexEntry>> chunk_index_;
  ChunkFacts facts_;
  std::vector<ChunkFacts> chunks_;
};

}  // namespace

Result<std::unique_ptr<Rosbag1Writer>> Rosbag1Writer::create(const std::string& path, const Rosbag1WriterOptions& options) {
  std::FILE* file = std::fopen(path.c_str(), "wb");
  if (file == nullptr) return Error(ErrorKind::io, std::strerror(errno)).in(std::string(path));
  auto writer = std::make_unique<Writer>(path, file, options);
  RETURN_IF_ERROR(writer->begin());
  return std::unique_ptr<Rosbag1Writer>(std::move(writer));
}

}  // namespace bagloom::bag
