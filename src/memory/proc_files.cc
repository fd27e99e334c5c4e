#include "memory/proc_files.h"

#include <dirent.h>
#include <fcntl.h>
#include <linux/kcmp.h>
#include <sys/syscall.h>
#include <unistd.h>

#include <algorithm>
#include <array>
#include <cstdio>
#include <cstdlib>
#include <cstring>
#include <string_view>
#include <unordered_set>

namespace bagloom::memory {
namespace {

/// The beginning of a file, 0 where it cannot be read. The buffer ends with a zero.
template <std::size_t N>
std::size_t read_file(const char* path, std::array<char, N>& buffer) {
  const int fd = ::open(path, O_RDONLY | O_CLOEXEC);
  if (fd < 0) return 0;
  std::size_t size = 0;
  while (size < N - 1) {
    const ssize_t got = ::read(fd, buffer.data() + size, N - 1 - size);
    if (got <= 0) break;
    size += static_cast<std::size_t>(got);
  }
  ::close(fd);
  buffer[size] = '\0';
  return size;
}

struct Path {
  std::array<char, 64> text;
  Path(pid_t pid, const char* name) { std::snprintf(text.data(), text.size(), "/proc/%d/%s", static_cast<int>(pid), name); }
  operator const char*() const { return text.data(); }
};

/// The number after "\nNAME:".
bool field(const char* text, const char* name, std::uint64_t& value) {
  const char* at = std::strstr(text, name);
  if (at == nullptr) return false;
  value = std::strtoull(at + std::strlen(name), nullptr, 10);
  return true;
}

/// /proc/PID/stat from its third field on: the second is a name in brackets that may hold anything.
const char* stat_fields(pid_t pid, std::array<char, 1024>& buffer) {
  if (read_file(Path(pid, "stat"), buffer) == 0) return nullptr;
  const char* end = std::strrchr(buffer.data(), ')');
  return end == nullptr || end[1] == '\0' ? nullptr : end + 2;
}

/// proc_pid_stat(5) counts from 1, and the state is field 3. Null where there are fewer.
const char* stat_field(pid_t pid, int wanted, std::array<char, 1024>& buffer) {
  const char* at = stat_fields(pid, buffer);
  for (int number = 3; number < wanted && at != nullptr; ++number) {
    at = std::strchr(at, ' ');
    if (at != nullptr) ++at;
  }
  return at;
}

pid_t parent_of(pid_t pid) {
  std::array<char, 1024> buffer;
  const char* fields = stat_fields(pid, buffer);
  return fields == nullptr || fields[0] == '\0' ? 0 : static_cast<pid_t>(std::strtol(fields + 1, nullptr, 10));
}

template <class Take>
bool for_each_number(const char* folder, Take&& take) {
  DIR* dir = ::opendir(folder);
  if (dir == nullptr) return false;
  while (const dirent* entry = ::readdir(dir))
    if (entry->d_name[0] >= '1' && entry->d_name[0] <= '9') take(static_cast<pid_t>(std::strtol(entry->d_name, nullptr, 10)));
  ::closedir(dir);
  return true;
}

}  // namespace

std::optional<ProcStatus> read_status(pid_t pid) {
  std::array<char, 8192> buffer;
  if (read_file(Path(pid, "status"), buffer) == 0) return std::nullopt;
  const char* text = buffer.data();
  ProcStatus status;
  std::uint64_t number = 0;
  if (!field(text, "\nTgid:", number)) return std::nullopt;
  status.process = static_cast<pid_t>(number);
  if (field(text, "\nPPid:", number)) status.parent = static_cast<pid_t>(number);
  const auto bytes = [&](const char* name, std::uint64_t& into) {
    if (!field(text, name, number)) return false;
    into = number * 1024;  // the kernel says kB and means KiB
    return true;
  };
  status.has_memory = bytes("\nVmRSS:", status.resident) && bytes("\nVmHWM:", status.peak);
  bytes("\nRssAnon:", status.anonymous);
  bytes("\nRssFile:", status.file);
  bytes("\nRssShmem:", status.shared);
  return status;
}

std::optional<ProportionalSet> read_proportional(pid_t pid) {
  std::array<char, 4096> buffer;
  if (read_file(Path(pid, "smaps_rollup"), buffer) == 0) return std::nullopt;
  ProportionalSet set;
  const auto bytes = [&](const char* name, std::uint64_t& into) {
    std::uint64_t number = 0;
    if (!field(buffer.data(), name, number)) return false;
    into = number * 1024;
    return true;
  };
  // Kernels before 5.4 do not split it.
  if (!bytes("\nPss_Anon:", set.anonymous) || !bytes("\nPss_File:", set.file) || !bytes("\nPss_Shmem:", set.shared))
    return std::nullopt;
  return set;
}

std::string read_command(pid_t pid) {
  std::array<char, 202> buffer;
  if (std::size_t size = read_file(Path(pid, "cmdline"), buffer); size > 0) {
    while (size > 0 && buffer[size - 1] == '\0') --size;
    std::replace(buffer.begin(), buffer.begin() + static_cast<std::ptrdiff_t>(size), '\0', ' ');
    return std::string(buffer.data(), std::min<std::size_t>(size, 200));
  }
  if (std::size_t size = read_file(Path(pid, "comm"), buffer); size > 1) return "[" + std::string(buffer.data(), size - 1) + "]";
  return {};
}

std::string read_first_argument(pid_t pid) {
  std::array<char, 4096> buffer;
  const std::size_t size = read_file(Path(pid, "cmdline"), buffer);
  const auto end = buffer.begin() + static_cast<std::ptrdiff_t>(size);
  const auto name_end = std::find(buffer.begin(), end, '\0');
  if (name_end == end) return {};
  return std::string(name_end + 1, std::find(name_end + 1, end, '\0'));
}

std::optional<ChildrenTimes> read_children_times(pid_t pid) {
  std::array<char, 1024> buffer;
  const char* fields = stat_field(pid, 16, buffer);  // cutime, then cstime
  if (fields == nullptr) return std::nullopt;
  char* rest = nullptr;
  const double ticks = static_cast<double>(::sysconf(_SC_CLK_TCK));
  ChildrenTimes times;
  times.user = static_cast<double>(std::strtoll(fields, &rest, 10)) / ticks;
  times.system = static_cast<double>(std::strtoll(rest, nullptr, 10)) / ticks;
  return times;
}

std::optional<std::uint64_t> read_faults(pid_t pid) {
  std::array<char, 1024> buffer;
  const char* field = stat_field(pid, 10, buffer);
  if (field == nullptr) return std::nullopt;
  return std::strtoull(field, nullptr, 10);
}

std::vector<pid_t> read_children(pid_t pid) {
  std::vector<pid_t> children;
  bool listed = false;
  for_each_number(Path(pid, "task"), [&](pid_t thread) {
    std::array<char, 64> path;
    std::snprintf(path.data(), path.size(), "/proc/%d/task/%d/children", static_cast<int>(pid), static_cast<int>(thread));
    const int fd = ::open(path.data(), O_RDONLY | O_CLOEXEC);
    if (fd < 0) return;
    listed = true;
    std::string text;
    std::array<char, 4096> block;
    for (ssize_t got; (got = ::read(fd, block.data(), block.size())) > 0;)
      text.append(block.data(), static_cast<std::size_t>(got));
    ::close(fd);
    char* rest = text.data();
    for (;;) {
      char* end = nullptr;
      const long number = std::strtol(rest, &end, 10);
      if (end == rest) break;
      children.push_back(static_cast<pid_t>(number));
      rest = end;
    }
  });
  if (listed) return children;
  for_each_number("/proc", [&](pid_t other) {  // a kernel without CONFIG_PROC_CHILDREN
    if (parent_of(other) == pid) children.push_back(other);
  });
  return children;
}

std::vector<pid_t> read_descendants(pid_t pid) {
  std::vector<pid_t> found = read_children(pid);
  std::unordered_set<pid_t> seen(found.begin(), found.end());
  for (std::size_t i = 0; i < found.size(); ++i)
    for (const pid_t child : read_children(found[i]))
      if (seen.insert(child).second) found.push_back(child);
  return found;
}

std::optional<bool> same_memory(pid_t a, pid_t b) {
  const long order = ::syscall(SYS_kcmp, a, b, KCMP_VM, 0, 0);
  if (order < 0) return std::nullopt;
  return order == 0;
}

}  // namespace bagloom::memory
