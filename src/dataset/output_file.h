// Writing files so that none is ever half there: temporary name, checks, rename; and the syncs.
#pragma once

#include <cstdint>
#include <memory>
#include <string>
#include <vector>

#include "base/bytes.h"
#include "base/result.h"

namespace bagloom::dataset {

/// `code` is an errno. A full disk is temporary, all else io.
Error system_error(const std::string& path, const std::string& action, int code);

/// A file under `<path>.tmp` that gets its name in `commit`. The destructor abandons and removes it. Not thread-safe.
class OutputFile {
 public:
  static Result<std::unique_ptr<OutputFile>> create(const std::string& path);
  ~OutputFile();
  OutputFile(const OutputFile&) = delete;
  OutputFile& operator=(const OutputFile&) = delete;

  /// Buffered (64 KiB).
  Status write(Bytes bytes);
  /// Flushes, syncs if asked, closes, renames.
  Status commit(bool sync);

 private:
  OutputFile(std::string path, int descriptor);
  Status flush();
  Status write_out(Bytes bytes);

  std::string path_;
  int descriptor_;
  std::vector<std::byte> buffer_;
};

/// The folders that lead to `path`.
Status make_parent_folders(const std::string& path);
/// Makes what is under this name durable: a file's bytes, or a folder's names.
Status sync_path(const std::string& path);
/// Syncs each folder that leads from `top` to one of `paths` (relative to it) once, several at a time, and `top` too.
Status sync_folders_of(const std::string& top, const std::vector<std::string>& paths);

}  // namespace bagloom::dataset
