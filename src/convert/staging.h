// OUT.bagloom/: the folder in which a job lives until its dataset is put in place. architecture.md section 8.
#pragma once

#include <memory>
#include <optional>
#include <string>
#include <vector>

#include "base/result.h"

namespace bagloom::convert {

/// Layout: lock, job.json, plans/, units/, records/, dataset/, for a moment replaced/. The lock is held as long as this lives.
class Staging {
 public:
  /// Makes or goes on with the job of `output`. `job` is what must be the same to go on: recipe, recordings, library versions,
  /// sizes. Errors: temporary (another process has the lock), invalid (the folder holds another job, and `restart` is false;
  /// names what differs).
  static Result<std::unique_ptr<Staging>> open(const std::string& output, const std::string& job, bool restart);
  ~Staging();
  Staging(const Staging&) = delete;
  Staging& operator=(const Staging&) = delete;

  /// Whether an earlier run left something.
  bool resumed() const { return resumed_; }
  std::string folder() const { return folder_; }
  std::string units() const { return folder_ + "/units"; }
  std::string plan(std::uint32_t recording) const { return folder_ + "/plans/" + std::to_string(recording) + ".plan"; }
  std::string dataset() const { return folder_ + "/dataset"; }

  /// A record is valid once it is there (written by rename, synced).
  Status write_record(const std::string& name, const std::string& content);
  std::optional<std::string> read_record(const std::string& name) const;
  Status remove_record(const std::string& name);

  /// Removes the folder with all that is in it.
  Status discard();
  /// Puts dataset() in place of `output` (an older dataset there is then removed) and removes the folder.
  Status finish(const std::string& output);

 private:
  Staging(std::string folder, int lock, bool resumed) : folder_(std::move(folder)), lock_(lock), resumed_(resumed) {}
  std::string folder_;
  int lock_;
  bool resumed_;
};

/// Where a run was killed while it put a new dataset in place of an older one, on a file system that needs two steps for that,
/// the older one stands at `output` again. Does nothing while another process works on this output.
Status restore_replaced(const std::string& output);

/// "OUT.bagloom"; trailing slashes of OUT do not count.
std::string staging_folder(const std::string& output);

}  // namespace bagloom::convert
