#include "bench/scratch_folder.h"

#include <fcntl.h>
#include <stdlib.h>
#include <sys/file.h>
#include <sys/mman.h>
#include <sys/stat.h>
#include <time.h>
#include <unistd.h>

#include <algorithm>
#include <cerrno>
#include <filesystem>
#include <string_view>
#include <utility>

#include "base/source.h"
#include "convert/durable_files.h"

namespace bagloom::bench {

namespace {

constexpr std::string_view kPrefix = "bagloom-bench-";
constexpr const char* kLock = "/lock";
constexpr time_t kBeingMade = 60;  // seconds: a folder so young may have no lock yet

/// Of this start of this kernel: only its own locks are worth anything to it.
std::string boot_id() {
  const int file = ::open("/proc/sys/kernel/random/boot_id", O_RDONLY | O_CLOEXEC);
  if (file < 0) return "";
  char text[64] = {};
  const ssize_t size = ::read(file, text, sizeof text - 1);
  ::close(file);
  return size <= 0 ? "" : std::string(text, static_cast<std::size_t>(size));
}

enum class Owner { lives, gone, unknown };

Owner owner_of(const std::string& folder) {
  const int file = ::open((folder + kLock).c_str(), O_RDONLY | O_CLOEXEC | O_NOFOLLOW | O_NONBLOCK);
  if (file < 0) return Owner::unknown;
  char text[64] = {};
  const ssize_t size = ::read(file, text, sizeof text - 1);
  const std::string here = boot_id();
  Owner owner = Owner::unknown;
  if (size > 0 && !here.empty() && here == std::string(text, static_cast<std::size_t>(size))) {
    if (::flock(file, LOCK_EX | LOCK_NB) == 0)
      owner = Owner::gone;
    else if (errno == EWOULDBLOCK)
      owner = Owner::lives;
  }
  ::close(file);
  return owner;
}

}  // namespace

Result<ScratchFolder> ScratchFolder::make() {
  std::error_code failed;
  std::string path = (std::filesystem::temp_directory_path(failed) / (std::string(kPrefix) + "XXXXXX")).string();
  if (failed) return Error(ErrorKind::io, "no folder for temporary files: " + failed.message()).fix("set TMPDIR");
  if (::mkdtemp(path.data()) == nullptr) return convert::system_error("cannot make a folder", errno).in(path).fix("set TMPDIR");
  ScratchFolder folder(std::move(path));
  const std::string boot = boot_id();
  // Locked before it says whose it is, so that nobody finds it said and not locked. Without it nothing is lost but the proof.
  folder.lock_ = ::open((folder.path_ + kLock).c_str(), O_WRONLY | O_CREAT | O_EXCL | O_CLOEXEC, 0600);
  if (folder.lock_ >= 0 && ::flock(folder.lock_, LOCK_EX | LOCK_NB) == 0) {
    [[maybe_unused]] const ssize_t written = ::write(folder.lock_, boot.data(), boot.size());
  }
  return folder;
}

ScratchFolder::ScratchFolder(ScratchFolder&& other) noexcept
    : path_(std::exchange(other.path_, {})), lock_(std::exchange(other.lock_, -1)) {}

ScratchFolder::~ScratchFolder() {
  if (!path_.empty()) (void)convert::remove_tree(path_).ok();
  if (lock_ >= 0) ::close(lock_);
}

Abandoned remove_abandoned(const std::string& own) {
  Abandoned abandoned;
  const std::filesystem::path mine(own);
  std::error_code failed;
  std::vector<std::string> folders;
  for (std::filesystem::directory_iterator entry(mine.parent_path(), failed), end; !failed && entry != end;
       entry.increment(failed)) {
    const std::string name = entry->path().filename().string();
    if (name.starts_with(kPrefix) && name != mine.filename().string()) folders.push_back(entry->path().string());
  }
  std::sort(folders.begin(), folders.end());
  for (const std::string& folder : folders) {
    struct stat facts {};
    if (::lstat(folder.c_str(), &facts) != 0 || !S_ISDIR(facts.st_mode) || facts.st_uid != ::geteuid()) continue;
    const Owner owner = owner_of(folder);
    if (owner == Owner::gone && convert::remove_tree(folder).ok())
      abandoned.removed.push_back(folder);
    else if (owner != Owner::lives && facts.st_mtime + kBeingMade < ::time(nullptr))
      abandoned.unknown.push_back(folder);
  }
  return abandoned;
}

std::string text_of(const Abandoned& abandoned) {
  std::string text;
  if (const std::size_t n = abandoned.removed.size(); n > 0)
    text = "removed what a bench that was killed had left: " + abandoned.removed.front() +
           (n > 1 ? " and " + std::to_string(n - 1) + " more" : "");
  if (const std::size_t n = abandoned.unknown.size(); n > 0)
    text += (text.empty() ? "" : "; ") + std::string("perhaps left by a bench that was killed, perhaps another machine's: ") +
            abandoned.unknown.front() + (n > 1 ? " and " + std::to_string(n - 1) + " more" : "") +
            "; remove what no bench is using";
  return text;
}

double cached_share(const std::string& path) {
  const int file = ::open(path.c_str(), O_RDONLY | O_CLOEXEC);
  if (file < 0) return -1;
  const std::uint64_t size = convert::file_bytes(path);
  // Mapped and not touched: nothing becomes resident. In pieces, so that the answer's bytes stay few.
  const std::uint64_t page = static_cast<std::uint64_t>(::sysconf(_SC_PAGESIZE)), piece = 65536 * page;
  std::vector<unsigned char> there(65536);
  std::uint64_t cached = 0, pages = 0;
  for (std::uint64_t offset = 0; offset < size; offset += piece) {
    const std::uint64_t n = std::min(piece, size - offset);
    void* const at = ::mmap(nullptr, n, PROT_READ, MAP_SHARED, file, static_cast<off_t>(offset));
    if (at == MAP_FAILED) break;
    const std::uint64_t count = (n + page - 1) / page;
    if (::mincore(at, n, there.data()) == 0) {
      pages += count;
      cached += static_cast<std::uint64_t>(std::count_if(there.begin(), there.begin() + static_cast<std::ptrdiff_t>(count),
                                                         [](unsigned char c) { return (c & 1) != 0; }));
    }
    ::munmap(at, n);
  }
  ::close(file);
  return pages == 0 ? -1 : static_cast<double>(cached) / static_cast<double>(pages);
}

Status read_once(const std::string& path) {
  ASSIGN_OR_RETURN(const auto source, open_file(path));
  std::vector<std::byte> block(1 << 20);
  for (std::uint64_t offset = 0; offset < source->size();) {
    ASSIGN_OR_RETURN(const std::size_t n, source->read_at(offset, block));
    if (n == 0) break;
    offset += n;
  }
  return {};
}

}  // namespace bagloom::bench
