#include "convert/staging.h"

#include <fcntl.h>
#include <sys/file.h>
#include <unistd.h>

#include <array>
#include <cerrno>
#include <filesystem>
#include <nlohmann/json.hpp>

#include "convert/durable_files.h"

namespace bagloom::convert {
namespace {

constexpr std::uint64_t kRecordCap = 1ull << 30;

// Which part of the job differs, in words: the top-level keys of the two texts.
std::string difference(const std::string& old_job, const std::string& new_job) {
  const auto before = nlohmann::json::parse(old_job, nullptr, false);
  const auto now = nlohmann::json::parse(new_job, nullptr, false);
  if (!before.is_object() || !now.is_object()) return "its job.json cannot be read";
  std::string names;
  for (const auto& [key, value] : now.items())
    if (!before.contains(key) || before[key] != value) names += (names.empty() ? "" : ", ") + key;
  return (names.empty() ? "something" : names) + " differ" + (names.find(',') == std::string::npos ? "s" : "");
}

constexpr std::array<const char*, 5> kParts = {"/plans", "/units", "/records", "/dataset", "/replaced"};

std::string without_slashes(std::string path) {
  while (path.size() > 1 && path.back() == '/') path.pop_back();
  return path;
}

}  // namespace

std::string staging_folder(const std::string& output) { return without_slashes(output) + ".bagloom"; }

Status restore_replaced(const std::string& output) {
  const std::string target = without_slashes(output), folder = staging_folder(output), replaced = folder + "/replaced";
  if (exists(target) || !exists(replaced)) return {};
  const int lock = ::open((folder + "/lock").c_str(), O_RDWR | O_CLOEXEC);
  if (lock < 0) return {};  // no folder of ours: Staging::open says so
  const bool alone = ::flock(lock, LOCK_EX | LOCK_NB) == 0;
  Status status;
  if (alone && !exists(target)) status = put_in_place(replaced, target);
  ::close(lock);
  return status;
}

Result<std::unique_ptr<Staging>> Staging::open(const std::string& output, const std::string& job, bool restart) {
  const std::string folder = staging_folder(output);
  // An empty one is what is left of ours between its last two steps.
  if (std::error_code code; exists(folder) && !exists(folder + "/lock") && !std::filesystem::is_empty(folder, code))
    return Error(ErrorKind::invalid, "exists and is not a job of bagloom")
        .in(folder)
        .fix("move it away or choose another output");
  RETURN_IF_ERROR(make_folders(folder));
  const int lock = ::open((folder + "/lock").c_str(), O_RDWR | O_CREAT | O_CLOEXEC, 0644);
  if (lock < 0) return system_error("cannot make the lock", errno).in(folder);
  if (::flock(lock, LOCK_EX | LOCK_NB) != 0) {
    ::close(lock);
    return Error(ErrorKind::temporary, "another bagloom works on this output").in(folder).fix("wait until it has ended");
  }
  std::unique_ptr<Staging> staging(new Staging(folder, lock, false));
  const std::string job_path = folder + "/job.json";
  if (exists(job_path)) {
    ASSIGN_OR_RETURN(const std::string old_job, read_small_file(job_path, kRecordCap));
    if (old_job == job) {
      staging->resumed_ = true;
    } else if (!restart) {
      return Error(ErrorKind::invalid, "holds an unfinished job of other settings: " + difference(old_job, job))
          .in(folder)
          .fix("repeat the command that began it, or add --restart to throw its work away");
    } else {
      RETURN_IF_ERROR(remove_file(job_path));
      for (const char* part : kParts) RETURN_IF_ERROR(remove_tree(folder + part));
    }
  }
  for (const char* part : {"/plans", "/units", "/records", "/dataset"}) RETURN_IF_ERROR(make_folders(folder + part));
  if (!staging->resumed_) RETURN_IF_ERROR(write_durably(job_path, job));
  return staging;
}

Staging::~Staging() { ::close(lock_); }

Status Staging::write_record(const std::string& name, const std::string& content) {
  return write_durably(folder_ + "/records/" + name, content);
}

std::optional<std::string> Staging::read_record(const std::string& name) const {
  auto content = read_small_file(folder_ + "/records/" + name, kRecordCap);
  if (!content) return std::nullopt;
  return std::move(content).value();
}

Status Staging::remove_record(const std::string& name) { return remove_file(folder_ + "/records/" + name); }

Status Staging::discard() {
  // job.json goes first: a folder without it is rubbish that the next run clears, not a job to go on with. The lock goes last: a
  // folder without it is somebody else's.
  RETURN_IF_ERROR(remove_file(folder_ + "/job.json"));
  for (const char* part : kParts) RETURN_IF_ERROR(remove_tree(folder_ + part));
  return remove_tree(folder_);
}

Status Staging::finish(const std::string& output) {
  const std::string target = without_slashes(output);
  RETURN_IF_ERROR(sync_folder(dataset()));
  RETURN_IF_ERROR(exists(target) ? replace(dataset(), target, folder_ + "/replaced") : put_in_place(dataset(), target));
  return discard();
}

}  // namespace bagloom::convert
