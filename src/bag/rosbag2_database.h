// A connection to a recording's database, and its prepared statements: SQLite's results as values (bag-formats.md 4.2).
#pragma once

#include <sqlite3.h>

#include <memory>
#include <string>
#include <string_view>

#include "bag/rosbag2_vfs.h"
#include "base/result.h"

namespace bagloom::bag {

class Statement;

/// One thread at a time.
class Database {
 public:
  /// What a connection and its statements hold: a page cache of 64 KiB, or of the pages in use where they are larger, the parsed
  /// schema.
  static constexpr std::uint64_t bytes(std::uint64_t page_bytes) { return 160 * 1024 + (page_bytes > 4096 ? 2 * page_bytes : 0); }

  /// Values longer than `most_bytes`, or than the files, are refused. Errors: unreadable (not a database), io.
  static Result<std::unique_ptr<Database>> open(const SourceVfs& vfs, std::uint64_t most_bytes);
  ~Database();
  Database(const Database&) = delete;
  Database& operator=(const Database&) = delete;

  /// Errors: corrupt (the schema cannot be read, no such table or column), io.
  Result<Statement> prepare(std::string_view sql);

  /// All bytes, or the first ones, of `column` in `table`'s row. `begin` gives the size, `read` the bytes from the beginning.
  /// Errors: corrupt (no such row, no blob, damaged pages), io.
  Result<std::uint64_t> begin_blob(const char* table, const char* column, std::int64_t row);
  Status read_blob(MutableBytes out);

  /// What the last call failed with.
  Error error() const;
  sqlite3* handle() { return handle_; }

 private:
  Database(const SourceVfs& vfs, sqlite3* handle) : vfs_(vfs), handle_(handle) {}
  void close_blob();

  const SourceVfs& vfs_;
  sqlite3* handle_;
  sqlite3_blob* blob_ = nullptr;  ///< kept open: moving it to the next row costs little
};

class Statement {
 public:
  Statement(Database& database, sqlite3_stmt* statement) : database_(&database), statement_(statement) {}
  ~Statement() { sqlite3_finalize(statement_); }
  Statement(Statement&& other) noexcept : database_(other.database_), statement_(std::exchange(other.statement_, nullptr)) {}
  Statement& operator=(Statement&& other) noexcept {
    std::swap(database_, other.database_);
    std::swap(statement_, other.statement_);
    return *this;
  }

  /// Starts again with these values for the statement's `?`.
  template <class... Numbers>
  void start(Numbers... numbers) {
    sqlite3_reset(statement_);
    int place = 0;
    (sqlite3_bind_int64(statement_, ++place, numbers), ...);
  }
  /// Whether there is another row.
  Result<bool> step() {
    const int code = sqlite3_step(statement_);
    if (code == SQLITE_ROW) return true;
    if (code == SQLITE_DONE) return false;
    return database_->error();
  }

  bool is_integer(int column) const { return sqlite3_column_type(statement_, column) == SQLITE_INTEGER; }
  std::int64_t integer(int column) const { return sqlite3_column_int64(statement_, column); }
  /// A copy; empty for NULL.
  std::string text(int column) const {
    const auto* text = reinterpret_cast<const char*>(sqlite3_column_text(statement_, column));
    return text == nullptr ? std::string()
                           : std::string(text, static_cast<std::size_t>(sqlite3_column_bytes(statement_, column)));
  }

 private:
  Database* database_;
  sqlite3_stmt* statement_;
};

}  // namespace bagloom::bag
