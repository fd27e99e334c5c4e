#include "bag/rosbag2_storage.h"

#include <algorithm>
#include <array>

#include "bag/rosbag2_database_pool.h"
#include "bag/rosbag2_rows.h"
#include "bag/zstd_message.h"
#include "base/hash.h"

namespace bagloom::bag {
namespace {

/// The source's own trail begins with the path: this one is built anew around the innermost message.
Error placed(const Error& error, const std::string& path) {
  return Error(error.kind(), error.message()).fix(error.remedy()).needing(error.smallest_limit_bytes()).in(std::string(path));
}

class Rosbag2Storage : public BagReader {
 public:
  Rosbag2Storage(std::unique_ptr<Source> database, std::unique_ptr<Source> log, const OpenOptions& options)
      : database_(std::move(database)),
        log_(std::move(log)),
        options_(options),
        vfs_(*database_, log_.get()),
        pool_(vfs_, options.max_chunk_bytes) {}

  Status open(DamageLog& damage) {
    vfs_.walk_rows(true);
    Status status = read_tables(damage);
    vfs_.walk_rows(false);
    return status;
  }

  const BagInfo& info() const override { return info_; }

  Status scan(const ConnectionSet& which, const Visit& visit) override {
    // An error of the caller's `visit` passes as it is; one of reading gets the file's name.
    ASSIGN_OR_RETURN(const DatabasePool::Lease connection, pool_.take());
    bool from_visit = false;
    auto status =
        scan_rows(*connection, schema_, index_, file_bytes(), options_.recording, which, [&](const IndexedMessage& message) {
          auto visited = visit(message);
          from_visit = !visited.ok();
          return visited;
        });
    if (status.ok() || from_visit) return status;
    return placed(status.error(), database_->name());
  }

  Result<Payload> fetch(const MessageRef& ref) override {
    if (ref.recording != options_.recording || ref.connection >= info_.connections.size())
      return Error(ErrorKind::internal, "a message of another recording was asked for").in(std::string(database_->name()));
    auto payload = fetch_row(ref);
    if (payload.ok()) return payload;
    return Error(payload.error().kind(), payload.error().message())
        .in(info_.connections[ref.connection].topic + " at " + relative_text(ref.time - info_.start))
        .in("message " + std::to_string(ref.locator))
        .in(std::string(database_->name()));
  }

  Result<std::string> identity() override {
    Hasher hasher;
    for (const Source* source : {database_.get(), log_.get()}) {
      hasher.add(source == nullptr ? 0 : source->size());
      std::array<std::byte, 100> header{};
      if (source == nullptr) continue;
      auto got = source->read_at(0, header);
      if (!got) return placed(got.error(), source->name());
      hasher.add(Bytes(header).first(*got));
    }
    for (const Connection& c : info_.connections) {
      hasher.add_text(c.topic).add_text(c.type).add_text(c.definition).add_text(c.encoding).add(c.messages).add(c.bytes);
      hasher.add(static_cast<std::uint64_t>(c.start)).add(static_cast<std::uint64_t>(c.end));
    }
    for (const RowRun& run : index_.runs) {
      hasher.add(static_cast<std::uint64_t>(run.first_row)).add(run.rows);
      hasher.add(static_cast<std::uint64_t>(run.span.first)).add(static_cast<std::uint64_t>(run.span.last));
    }
    return hasher.hex_digest();
  }

  std::vector<std::string> files() const override {
    std::vector<std::string> names{database_->name()};
    if (log_ != nullptr) names.push_back(log_->name());
    return names;
  }

  std::uint64_t file_offset(const MessageRef& ref) const override { return ref.locator; }
  std::string place(const MessageRef& ref) const override { return "row " + std::to_string(ref.locator); }

  std::uint64_t fetch_overhead_bytes(const MessageRef&) const override {
    return index_.compressed ? index_.largest_stored + kZstdWorkingBytes : 0;
  }

 private:
  std::uint64_t file_bytes() const { return database_->size() + (log_ == nullptr ? 0 : log_->size()); }

  Status read_tables(DamageLog& damage) {
    ASSIGN_OR_RETURN(const DatabasePool::Lease connection, pool_.take());
    info_.path = database_->name();
    info_.format = "rosbag2";
    info_.bytes = file_bytes();
    if (vfs_.declared_bytes() > database_->size())
      damage.add(database_->size(), "the file is cut: it declares " + std::to_string(vfs_.declared_bytes()) + " bytes", true);
    ASSIGN_OR_RETURN(schema_, read_schema(*connection, options_.memory_bytes, damage));
    info_.connections = schema_.connections;
    const std::uint64_t room =
        options_.memory_bytes == 0 ? 0 : std::max(options_.memory_bytes, schema_.bytes + 1) - schema_.bytes;
    auto index = index_rows(*connection, schema_, file_bytes(), info_.connections, room, damage);
    if (!index) {
      const std::uint64_t rows = index.error().smallest_limit_bytes();
      if (index.error().kind() != ErrorKind::over_limit) return std::move(index).error();
      return std::move(index).error().needing(rows + other_bytes());
    }
    index_ = std::move(*index);
    for (const Connection& c : info_.connections) {
      if (c.messages == 0) continue;
      info_.start = info_.messages == 0 ? c.start : std::min(info_.start, c.start);
      info_.end = info_.messages == 0 ? c.end : std::max(info_.end, c.end);
      info_.messages += c.messages;
    }
    info_.compression = index_.compressed ? "zstd" : "none";
    info_.by_message = true;
    info_.largest_chunk_bytes = index_.largest_message;
    info_.index_bytes = index_.bytes() + other_bytes();
    info_.damage = damage.take();
    return {};
  }

  /// What is held beside the index of rows.
  std::uint64_t other_bytes() const {
    std::uint64_t bytes =
        2 * schema_.bytes + std::min<std::uint64_t>(options_.threads, DatabasePool::kMost) * Database::bytes(vfs_.page_bytes());
    for (const Connection& c : info_.connections)
      bytes += options_.connection_bytes + (c.messages > 1 ? options_.busy_connection_bytes : 0);
    return bytes;
  }

  Result<Payload> fetch_row(const MessageRef& ref) {
    ASSIGN_OR_RETURN(const DatabasePool::Lease connection, pool_.take());
    ASSIGN_OR_RETURN(const std::uint64_t stored,
                     connection->begin_blob("messages", "data", static_cast<std::int64_t>(ref.locator)));
    if (stored > file_bytes() || stored > options_.max_chunk_bytes)
      return Error(ErrorKind::corrupt, "a message of " + std::to_string(stored) + " bytes, more than there can be");
    const std::shared_ptr<std::byte[]> buffer = std::make_unique_for_overwrite<std::byte[]>(static_cast<std::size_t>(stored));
    const MutableBytes bytes(buffer.get(), static_cast<std::size_t>(stored));
    RETURN_IF_ERROR(connection->read_blob(bytes));
    if (is_zstd_frame(bytes) && info_.connections[ref.connection].encoding == "cdr")
      return inflate_zstd_message(bytes, options_.max_chunk_bytes);
    return Payload{bytes, buffer};
  }

  std::unique_ptr<Source> database_;
  std::unique_ptr<Source> log_;
  OpenOptions options_;
  SourceVfs vfs_;
  DatabasePool pool_;
  Rosbag2Schema schema_;
  RowIndex index_;
  BagInfo info_;
};

Result<std::unique_ptr<BagReader>> open_storage(std::unique_ptr<Source> database, std::unique_ptr<Source> log,
                                                const OpenOptions& options, DamageLog& damage) {
  const std::string name = database->name();
  auto storage = std::make_unique<Rosbag2Storage>(std::move(database), std::move(log), options);
  auto status = storage->open(damage);
  // What is damaged so that not even its tables can be found cannot be read at all.
  if (!status && status.error().kind() == ErrorKind::corrupt) status = Error(ErrorKind::unreadable, status.error().message());
  if (!status) return placed(status.error(), name);
  return std::unique_ptr<BagReader>(std::move(storage));
}

}  // namespace

Result<std::unique_ptr<BagReader>> open_rosbag2_storage(std::unique_ptr<Source> database, std::unique_ptr<Source> log,
                                                        const OpenOptions& options) {
  DamageLog damage;
  return open_storage(std::move(database), std::move(log), options, damage);
}

Result<std::unique_ptr<BagReader>> open_rosbag2_storage_file(std::unique_ptr<Source> database, const OpenOptions& options) {
  DamageLog damage;
  std::unique_ptr<Source> log;
  if (auto beside = open_file(database->name() + "-wal"); beside && (*beside)->size() > 0) log = std::move(*beside);
  if (const auto journal = open_file(database->name() + "-journal")) {
    std::array<std::byte, 8> head{};
    const auto got = (*journal)->read_at(0, head);
    if (got && *got == head.size() && as_text(head) == "\xd9\xd5\x05\xf9\x20\xa1\x63\xd7")
      damage.add(0, "the recorder died while it wrote (a rollback journal lies beside the file): read as it stands", true);
  }
  return open_storage(std::move(database), std::move(log), options, damage);
}

}  // namespace bagloom::bag
