#include "memory/ceiling.h"

#include <dirent.h>
#include <fcntl.h>
#include <signal.h>
#include <sys/stat.h>
#include <time.h>
#include <unistd.h>

#include <algorithm>
#include <atomic>
#include <cerrno>
#include <cstdlib>
#include <cstring>
#include <fstream>
#include <sstream>

namespace bagloom::memory {
namespace {

constexpr std::string_view kPrefix = "bagloom-";

std::string text_of(const std::string& path) {
  std::ifstream in(path);
  std::ostringstream text;
  text << in.rdbuf();
  return text.str();
}

bool write_to(const std::string& path, const std::string& text) {
  const int fd = ::open(path.c_str(), O_WRONLY | O_CLOEXEC);
  if (fd < 0) return false;
  const bool written = ::write(fd, text.data(), text.size()) == static_cast<ssize_t>(text.size());
  const int error = errno;
  ::close(fd);
  errno = error;
  return written;
}

bool has_word(const std::string& text, std::string_view word) {
  std::istringstream in(text);
  for (std::string one; in >> one;)
    if (one == word) return true;
  return false;
}

/// The number after a word in a file of "word number" lines; 0 where there is none.
std::uint64_t number_of(const std::string& path, std::string_view word) {
  std::ifstream in(path);
  std::string key;
  std::uint64_t value = 0;
  while (in >> key >> value)
    if (key == word) return value;
  return 0;
}

std::vector<pid_t> processes_in(const std::string& folder) {
  std::ifstream in(folder + "/cgroup.procs");
  std::vector<pid_t> pids;
  for (pid_t pid; in >> pid;) pids.push_back(pid);
  return pids;
}

bool is_folder(const std::string& path) {
  struct stat status {};
  return ::stat(path.c_str(), &status) == 0 && S_ISDIR(status.st_mode);
}

/// Groups of runs that were killed before they could clean up: empty ones whose maker is gone.
void remove_abandoned(const std::string& parent) {
  DIR* dir = ::opendir(parent.c_str());
  if (dir == nullptr) return;
  while (const dirent* entry = ::readdir(dir)) {
    const std::string name = entry->d_name;
    if (name.rfind(kPrefix, 0) != 0) continue;
    const pid_t maker = static_cast<pid_t>(std::atol(name.c_str() + kPrefix.size()));
    if (maker > 0 && ::kill(maker, 0) != 0 && errno == ESRCH) ::rmdir((parent + "/" + name).c_str());
  }
  ::closedir(dir);
}

/// A group can be removed a moment after its last process ended, not at once.
void remove_group(const std::string& folder) {
  for (int attempt = 0; attempt < 100 && ::rmdir(folder.c_str()) != 0 && errno == EBUSY; ++attempt) {
    const timespec pause{0, 10'000'000};
    ::nanosleep(&pause, nullptr);
  }
}

/// mountinfo's octal escapes of blanks.
std::string unescaped(const std::string& text) {
  std::string out;
  for (std::size_t i = 0; i < text.size(); ++i) {
    if (text[i] == '\\' && i + 3 < text.size()) {
      out += static_cast<char>(std::strtol(text.substr(i + 1, 3).c_str(), nullptr, 8));
      i += 3;
    } else {
      out += text[i];
    }
  }
  return out;
}

struct Mount {
  std::string root, point, type, options;
};
std::vector<Mount> mounts_of(std::string_view text) {
  std::vector<Mount> mounts;
  std::istringstream in{std::string(text)};
  for (std::string line; std::getline(in, line);) {
    const std::size_t dash = line.find(" - ");
    if (dash == std::string::npos) continue;
    Mount mount;
    std::string id, parent, device, source;
    std::istringstream before(line.substr(0, dash)), after(line.substr(dash + 3));
    before >> id >> parent >> device >> mount.root >> mount.point;
    after >> mount.type >> source >> mount.options;
    mount.root = unescaped(mount.root);
    mount.point = unescaped(mount.point);
    mounts.push_back(std::move(mount));
  }
  return mounts;
}

bool in_list(const std::string& list, std::string_view word) {
  std::istringstream in(list);
  for (std::string one; std::getline(in, one, ',');)
    if (one == word) return true;
  return false;
}

std::string folder_of(const Mount& mount, const std::string& path) {
  const std::string root = mount.root == "/" ? "" : mount.root;
  // In a container the path may name a folder outside of what is mounted: the mount's root is then the group itself.
  if (path.compare(0, root.size(), root) != 0) return mount.point;
  const std::string below = path.substr(root.size());
  return below == "/" || below.empty() ? mount.point : mount.point + below;
}

Error refused(const std::string& what, int error) {
  return Error(error == EACCES || error == EPERM || error == EROFS ? ErrorKind::unsupported : ErrorKind::io,
               what + ": " + std::strerror(error))
      .fix("run as root, or under systemd-run --user --scope -p Delegate=yes");
}

}  // namespace

std::optional<MemoryGroup> memory_group(std::string_view mounts, std::string_view groups) {
  std::optional<std::string> v1, v2;
  std::istringstream in{std::string(groups)};
  for (std::string line; std::getline(in, line);) {
    const std::size_t first = line.find(':');
    const std::size_t second = first == std::string::npos ? first : line.find(':', first + 1);
    if (second == std::string::npos) continue;
    const std::string controllers = line.substr(first + 1, second - first - 1), path = line.substr(second + 1);
    if (in_list(controllers, "memory")) v1 = path;
    if (controllers.empty() && line.compare(0, first, "0") == 0) v2 = path;
  }
  for (const bool want_v2 : {false, true}) {
    const std::optional<std::string>& path = want_v2 ? v2 : v1;
    if (!path) continue;
    for (const Mount& mount : mounts_of(mounts)) {
      if (mount.type != (want_v2 ? "cgroup2" : "cgroup") || (!want_v2 && !in_list(mount.options, "memory"))) continue;
      return MemoryGroup{want_v2, folder_of(mount, *path)};
    }
  }
  return std::nullopt;
}

Result<Ceiling> Ceiling::make(std::uint64_t bytes, const std::vector<pid_t>& own) {
  const std::optional<MemoryGroup> group = memory_group(text_of("/proc/self/mountinfo"), text_of("/proc/self/cgroup"));
  if (!group) return Error(ErrorKind::unsupported, "no control groups are mounted here");
  return make_in(*group, bytes, own);
}

Result<Ceiling> Ceiling::make_in(const MemoryGroup& parent, std::uint64_t bytes, const std::vector<pid_t>& own) {
  Ceiling ceiling;
  ceiling.v2_ = parent.v2;
  ceiling.bytes_ = bytes;
  ceiling.home_ = parent.folder;
  if (!is_folder(parent.folder)) return Error(ErrorKind::unsupported, "this process's control group is not visible here");
  const std::string limit = std::to_string(bytes);
  if (parent.v2) {
    if (!has_word(text_of(parent.folder + "/cgroup.controllers"), "memory"))
      return Error(ErrorKind::unsupported, "this control group has no memory controller")
          .fix("run as root, or under systemd-run --user --scope -p Delegate=yes");
    bool made = ceiling.make_group(parent.folder);
    int error = errno;
    if (!made && ceiling.step_aside(own)) {
      made = ceiling.make_group(parent.folder);
      error = errno;
    }
    const std::string above = parent.folder.substr(0, parent.folder.rfind('/'));
    if (!made && has_word(text_of(above + "/cgroup.subtree_control"), "memory")) {
      made = ceiling.make_group(above);
      error = errno;
    }
    if (!made) return refused("a control group with a limit cannot be made in " + parent.folder, error);
    if (!write_to(ceiling.group_ + "/memory.max", limit)) return refused(ceiling.group_ + "/memory.max", errno);
    write_to(ceiling.group_ + "/memory.swap.max", "0");
    write_to(ceiling.group_ + "/memory.oom.group", "1");
    return ceiling;
  }
  if (!ceiling.make_group(parent.folder)) return refused("a control group cannot be made in " + parent.folder, errno);
  if (!write_to(ceiling.group_ + "/memory.limit_in_bytes", limit))
    return refused(ceiling.group_ + "/memory.limit_in_bytes", errno);
  write_to(ceiling.group_ + "/memory.memsw.limit_in_bytes", limit);  // only where swap is accounted
  write_to(ceiling.group_ + "/memory.swappiness", "0");
  return ceiling;
}

/// Below `parent`; for version 2 only where that gives it the memory controller. errno says why not.
bool Ceiling::make_group(const std::string& parent) {
  static std::atomic<int> count{0};
  remove_abandoned(parent);
  if (v2_ && !has_word(text_of(parent + "/cgroup.subtree_control"), "memory") &&
      !write_to(parent + "/cgroup.subtree_control", "+memory"))
    return false;
  const std::string group = parent + "/" + std::string(kPrefix) + std::to_string(::getpid()) + "-" + std::to_string(++count);
  if (::mkdir(group.c_str(), 0755) != 0) return false;
  group_ = group;
  return true;
}

/// Version 2: a group with processes can have no children with controllers. If they are all ours, they go into a child.
bool Ceiling::step_aside(const std::vector<pid_t>& own) {
  const std::vector<pid_t> here = processes_in(home_);
  for (const pid_t pid : here)
    if (std::find(own.begin(), own.end(), pid) == own.end()) return false;
  const std::string aside = home_ + "/" + std::string(kPrefix) + std::to_string(::getpid()) + "-aside";
  if (::mkdir(aside.c_str(), 0755) != 0) return false;
  aside_ = aside;
  for (const pid_t pid : here) {
    if (!write_to(aside + "/cgroup.procs", std::to_string(pid))) return false;
    moved_.push_back(pid);
  }
  return true;
}

Ceiling::Ceiling(Ceiling&& other) noexcept
    : v2_(other.v2_),
      bytes_(other.bytes_),
      home_(std::move(other.home_)),
      group_(std::exchange(other.group_, {})),
      aside_(std::exchange(other.aside_, {})),
      moved_(std::move(other.moved_)) {}

Ceiling::~Ceiling() { remove(); }

void Ceiling::remove() {
  if (!group_.empty()) {
    for (const pid_t pid : processes_in(group_))
      write_to((aside_.empty() ? home_ : aside_) + "/cgroup.procs", std::to_string(pid));
    remove_group(group_);
  }
  if (!aside_.empty()) {
    write_to(home_ + "/cgroup.subtree_control", "-memory");
    for (const pid_t pid : processes_in(aside_)) write_to(home_ + "/cgroup.procs", std::to_string(pid));
    remove_group(aside_);
  }
  group_.clear();
  aside_.clear();
}

Status Ceiling::add(pid_t pid) {
  if (!write_to(group_ + "/cgroup.procs", std::to_string(pid))) return refused(group_ + "/cgroup.procs", errno);
  return {};
}

bool Ceiling::killed() const { return number_of(group_ + (v2_ ? "/memory.events" : "/memory.oom_control"), "oom_kill") > 0; }

CeilingUse Ceiling::use() const {
  CeilingUse use;
  use.bytes = bytes_;
  use.enforced = true;
  use.how = v2_ ? "cgroup v2" : "cgroup v1";
  use.killed = killed();
  use.peak_bytes = std::strtoull(text_of(group_ + (v2_ ? "/memory.peak" : "/memory.max_usage_in_bytes")).c_str(), nullptr, 10);
  const std::string stat = group_ + "/memory.stat";
  const std::uint64_t cache = number_of(stat, v2_ ? "file" : "total_cache");
  if (use.killed) {
    // It killed because it was full, and nothing of this could be given back. The rest was the processes' own. What the kernel
    // had for them is known at its highest in version 1, and only at the end in version 2.
    const std::uint64_t kernel =
        v2_ ? number_of(stat, "kernel") : std::strtoull(text_of(group_ + "/memory.kmem.max_usage_in_bytes").c_str(), nullptr, 10);
    const std::uint64_t full = use.peak_bytes == 0 ? bytes_ : std::min(bytes_, use.peak_bytes);
    use.held_bytes = full - std::min(full, cache + kernel);
  }
  use.cache_bytes = cache - std::min(cache, number_of(stat, v2_ ? "shmem" : "total_shmem"));  // shared memory is no cache
  return use;
}

void count_killed(TreeUse& use, std::uint64_t kills) {
  const auto mebibytes = [](std::uint64_t bytes) { return std::to_string((bytes + (1 << 19)) >> 20) + " MiB"; };
  if (use.ceiling && use.ceiling->killed) {
    const std::uint64_t held = use.ceiling->held_bytes, measured = use.peak_bytes;
    if (measured + use.counting_error_bytes >= held + use.file_bytes) return;
    if (measured < held) {
      use.peak_bytes = held;
      use.increase_bytes = held - std::min(held, use.initial_bytes);
      use.between_bytes = held - std::min(held, use.sampled_peak_bytes);
      use.bound_bytes = std::max(use.bound_bytes, held);
    }
    use.may_have_missed.push_back(
        "pages that the kernel took from a process that it killed, before the mark was read: marks say " + mebibytes(measured) +
        ", the control group at least " + mebibytes(held) + " without its page cache and kernel memory, and up to " +
        mebibytes(use.file_bytes) + " of mapped files stood besides");
    return;
  }
  const bool one_was_killed =
      std::any_of(use.processes.begin(), use.processes.end(), [](const ProcessUse& one) { return one.signal == SIGKILL; });
  if (kills > 0 && one_was_killed)
    use.may_have_missed.push_back(
        "pages that the kernel took from a process before the mark was read: it ended processes for want of memory meanwhile, "
        "and "
        "one of these here ended by signal 9");
}

std::uint64_t machine_kills() { return number_of("/proc/vmstat", "oom_kill"); }

}  // namespace bagloom::memory
