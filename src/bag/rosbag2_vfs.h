// SQLite's view of a recording's file. It reads through Source: nothing is locked, mapped, written, or made beside the user's
// file.
#pragma once

#include <sqlite3.h>

#include <atomic>
#include <mutex>
#include <optional>
#include <string>

#include "base/source.h"

namespace bagloom::bag {

/// Bytes that a database declares in its first 100 bytes, 0 where it does not.
std::uint64_t sqlite_declared_bytes(Bytes head);

/// The file system that connections to one database open; they must not outlive it. Write-ahead logs (a recorder that died leaves
/// `X.db3-wal`) are read in place: with an exclusive lock SQLite keeps the log's index in memory, 8 bytes a page of it.
/// Of a page that it reads, one thing is changed: a row that declares more bytes than the files have gets none, so that SQLite
/// calls it malformed before it allocates for it.
class SourceVfs {
 public:
  /// Of the database, and of its write-ahead log or null; both are not owned. Error: io (cannot be registered).
  SourceVfs(const Source& database, const Source* log);
  ~SourceVfs();
  SourceVfs(const SourceVfs&) = delete;
  SourceVfs& operator=(const SourceVfs&) = delete;

  /// What sqlite3_open_v2 takes. Another process's lock, a rollback journal: not looked at.
  const char* name() const { return name_.c_str(); }

  /// Bytes that the database's header says it has; 0 where it does not say. A file that is shorter was cut: what lies behind its
  /// end reads as zeros, so that the pages before stay readable.
  std::uint64_t declared_bytes() const { return declared_bytes_; }

  /// Of the files that are there.
  std::uint64_t stored_bytes() const { return database_.size() + (log_ == nullptr ? 0 : log_->size()); }

  /// 512 to 65,536.
  std::uint64_t page_bytes() const { return page_bytes_; }

  /// Rows are walked from now on, or no longer: between two pages of rows lie those of a whole picture, so that the kernel must
  /// not read ahead; instead each inner page of the table names the pages below it, which are then announced.
  void walk_rows(bool walked);

  /// Why a read failed last, where it did.
  std::optional<Error> read_error() const;

 private:
  struct File;
  static int open(sqlite3_vfs* vfs, const char* name, sqlite3_file* file, int flags, int* out_flags);
  static int read(sqlite3_file* file, void* into, int bytes, sqlite3_int64 offset);
  static int size(sqlite3_file* file, sqlite3_int64* bytes);

  const Source& database_;
  const Source* log_;
  std::string name_;
  sqlite3_vfs vfs_{};
  sqlite3_io_methods methods_{};
  std::uint64_t declared_bytes_ = 0, page_bytes_ = 4096;
  std::atomic<bool> rows_are_walked_ = false;
  mutable std::mutex mutex_;
  std::optional<Error> read_error_;
};

}  // namespace bagloom::bag
