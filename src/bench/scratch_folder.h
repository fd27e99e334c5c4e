// A folder that is gone when the work is done, what others of them were left behind, and facts of files.
#pragma once

#include <string>
#include <vector>

#include "base/result.h"

namespace bagloom::bench {

/// Below TMPDIR or /tmp; removed in the destructor with all that is in it. While its process lives, a file in it is locked and
/// says which boot of which machine that is: a later one can then prove that nobody is there any more.
class ScratchFolder {
 public:
  static Result<ScratchFolder> make();
  ScratchFolder(ScratchFolder&& other) noexcept;
  ScratchFolder& operator=(ScratchFolder&&) = delete;
  ~ScratchFolder();
  const std::string& path() const { return path_; }

 private:
  explicit ScratchFolder(std::string path) : path_(std::move(path)) {}
  std::string path_;
  int lock_ = -1;
};

/// Folders that a run which was killed has left beside `own`.
struct Abandoned {
  std::vector<std::string> removed;  ///< their process was of this boot of this machine, and is gone
  std::vector<std::string> unknown;  ///< the same user's, and nothing proves that their process is gone: they stay
};
Abandoned remove_abandoned(const std::string& own);
/// One sentence for the user; empty where nothing was left.
std::string text_of(const Abandoned& abandoned);

/// 0..1: how much of the file stands in the page cache; negative where the kernel does not say.
double cached_share(const std::string& path);
/// Reads the file once, so that every method finds it in the page cache.
Status read_once(const std::string& path);

}  // namespace bagloom::bench
