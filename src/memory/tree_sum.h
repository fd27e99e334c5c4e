// The resident memory of several processes at one instant, each page counted once.
#pragma once

#include <cstdint>
#include <vector>

#include "memory/mapped_pages.h"
#include "memory/proc_files.h"
#include "memory/process_tree.h"

namespace bagloom::memory {

/// Of processes that are only sampled: who was forked by whom, and who has executed something since, is not seen.
constexpr std::uint64_t kUnknownFamily = 0;

/// A process as it enters a sum.
struct SummedProcess {
  pid_t pid = 0;
  pid_t reader = 0;  ///< the thread whose files of /proc are read
  /// Processes that came from each other by fork, with no exec since, may share anonymous pages: they have the same number.
  std::uint64_t family = 0;
  ProcStatus status;
};

/// - Anonymous: RssAnon; for families of several, the sum of Pss_Anon, because only relatives can share such pages. With a
/// process
///   of the unknown family among them everybody may be a relative.
/// - Files and shared memory: RssFile and RssShmem of a lone process; of several, the union of their mapped pages.
/// Where a process may not be read that closely (other user), its resident memory counts fully: `imprecise` is then set.
class TreeSum {
 public:
  TreeResident of(const std::vector<SummedProcess>& processes);
  bool imprecise() const { return imprecise_; }

 private:
  struct FileState {
    pid_t pid;
    std::uint64_t file, shared, family;
    bool operator==(const FileState&) const = default;
  };
  MappedPages pages_;
  std::vector<FileState> last_;  ///< the union is read again only when one of its counters has moved
  TreeResident last_union_;
  bool imprecise_ = false;
};

}  // namespace bagloom::memory
