#include "bag/rosbag2_database.h"

#include <algorithm>
#include <climits>

namespace bagloom::bag {

Result<std::unique_ptr<Database>> Database::open(const SourceVfs& vfs, std::uint64_t most_bytes) {
  sqlite3* handle = nullptr;
  const int code =
      sqlite3_open_v2("main", &handle, SQLITE_OPEN_READONLY | SQLITE_OPEN_NOMUTEX | SQLITE_OPEN_PRIVATECACHE, vfs.name());
  std::unique_ptr<Database> database(new Database(vfs, handle));
  if (code != SQLITE_OK) return database->error();
  sqlite3_extended_result_codes(handle, 1);
  // SQLite allocates what a row says that it has, if the database's header declares as many pages.
  const std::uint64_t most =
      std::min({most_bytes, std::uint64_t{INT_MAX}, std::max<std::uint64_t>(vfs.stored_bytes(), 1u << 20)});
  sqlite3_limit(handle, SQLITE_LIMIT_LENGTH, static_cast<int>(most));
  sqlite3_limit(handle, SQLITE_LIMIT_WORKER_THREADS, 0);
  sqlite3_db_config(handle, SQLITE_DBCONFIG_LOOKASIDE, nullptr, 512, 32);
  sqlite3_db_config(handle, SQLITE_DBCONFIG_DEFENSIVE, 1, nullptr);
  sqlite3_db_config(handle, SQLITE_DBCONFIG_TRUSTED_SCHEMA, 0, nullptr);
  sqlite3_db_config(handle, SQLITE_DBCONFIG_ENABLE_TRIGGER, 0, nullptr);
  sqlite3_db_config(handle, SQLITE_DBCONFIG_NO_CKPT_ON_CLOSE, 1, nullptr);
  // The lock is SQLite's word for "keep the write-ahead log's index in memory": no other process is looked at.
  constexpr const char* kSettings =
      "PRAGMA locking_mode=EXCLUSIVE; PRAGMA cache_size=-64; PRAGMA mmap_size=0; PRAGMA temp_store=MEMORY; "
      "PRAGMA cell_size_check=ON; PRAGMA automatic_index=OFF;";
  if (sqlite3_exec(handle, kSettings, nullptr, nullptr, nullptr) != SQLITE_OK) return database->error();
  return database;
}

Database::~Database() {
  close_blob();
  sqlite3_close(handle_);
}

Result<Statement> Database::prepare(std::string_view sql) {
  sqlite3_stmt* statement = nullptr;
  if (sqlite3_prepare_v2(handle_, sql.data(), static_cast<int>(sql.size()), &statement, nullptr) != SQLITE_OK) return error();
  return Statement(*this, statement);
}

Result<std::uint64_t> Database::begin_blob(const char* table, const char* column, std::int64_t row) {
  int code = SQLITE_ABORT;
  if (blob_ != nullptr) code = sqlite3_blob_reopen(blob_, row);
  if (code != SQLITE_OK) {
    // After a failure the old one stays unusable.
    close_blob();
    code = sqlite3_blob_open(handle_, "main", table, column, row, 0, &blob_);
  }
  if (code != SQLITE_OK) {
    Error failed = error();
    close_blob();
    return failed;
  }
  return static_cast<std::uint64_t>(sqlite3_blob_bytes(blob_));
}

Status Database::read_blob(MutableBytes out) {
  if (out.empty() || sqlite3_blob_read(blob_, out.data(), static_cast<int>(out.size()), 0) == SQLITE_OK) return {};
  Error failed = error();
  close_blob();
  return failed;
}

void Database::close_blob() {
  sqlite3_blob_close(blob_);
  blob_ = nullptr;
}

Error Database::error() const {
  if (handle_ == nullptr) return Error(ErrorKind::io, "SQLite cannot be started");
  const int code = sqlite3_errcode(handle_) & 0xff;
  if (code == SQLITE_IOERR)
    if (const auto read = vfs_.read_error()) return Error(ErrorKind::io, read->message());
  const std::string text = sqlite3_errmsg(handle_);
  // What a database declares decides how much it asks for: a damaged one asks for more than SQLite gives.
  if (code == SQLITE_NOMEM) return Error(ErrorKind::corrupt, "SQLite: the database asks for more memory than there can be");
  return Error(code == SQLITE_NOTADB ? ErrorKind::unreadable : ErrorKind::corrupt, "SQLite: " + text);
}

}  // namespace bagloom::bag
