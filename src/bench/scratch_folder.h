// A folder that is gone when the work is done, and facts of files.
#pragma once

#include <string>

#include "base/result.h"

namespace bagloom::bench {

/// Below TMPDIR or /tmp; removed in the destructor with all that is in it.
class ScratchFolder {
 public:
  static Result<ScratchFolder> make();
  ScratchFolder(ScratchFolder&& other) noexcept : path_(std::move(other.path_)) { other.path_.clear(); }
  ScratchFolder& operator=(ScratchFolder&&) = delete;
  ~ScratchFolder();
  const std::string& path() const { return path_; }

 private:
  explicit ScratchFolder(std::string path) : path_(std::move(path)) {}
  std::string path_;
};

/// 0..1: how much of the file stands in the page cache; negative where the kernel does not say.
double cached_share(const std::string& path);
/// Reads the file once, so that every method finds it in the page cache.
Status read_once(const std::string& path);

}  // namespace bagloom::bench
