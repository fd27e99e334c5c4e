#include "memory/address_space.h"

#include <fcntl.h>
#include <unistd.h>

#include <algorithm>
#include <cstdio>
#include <cstdlib>
#include <string>

namespace bagloom::memory {

ProcFile::ProcFile(pid_t pid, const char* name) {
  std::array<char, 64> path;
  if (pid == 0)
    std::snprintf(path.data(), path.size(), "/proc/self/%s", name);
  else
    std::snprintf(path.data(), path.size(), "/proc/%d/%s", static_cast<int>(pid), name);
  fd_ = ::open(path.data(), O_RDONLY | O_CLOEXEC);
}

ProcFile::~ProcFile() {
  if (fd_ >= 0) ::close(fd_);
}

namespace {

/// "begin-end perms offset major:minor inode   path"
bool parse(const char* line, std::string_view whole, Mapping& mapping) {
  char* next = nullptr;
  mapping.begin = std::strtoull(line, &next, 16);
  if (*next != '-') return false;
  mapping.end = std::strtoull(next + 1, &next, 16);
  if (*next != ' ' || mapping.end <= mapping.begin || whole.end() - next < 6) return false;
  std::copy_n(next + 1, mapping.permissions.size(), mapping.permissions.begin());
  mapping.offset = std::strtoull(next + 5, &next, 16);
  mapping.major = static_cast<std::uint32_t>(std::strtoul(next, &next, 16));
  if (*next != ':') return false;
  mapping.minor = static_cast<std::uint32_t>(std::strtoul(next + 1, &next, 16));
  mapping.inode = std::strtoull(next, &next, 10);
  while (*next == ' ') ++next;
  mapping.path = std::string_view(next, static_cast<std::size_t>(whole.end() - next));
  return true;
}

}  // namespace

bool visit_mappings(pid_t pid, const std::function<void(const Mapping&)>& visit) {
  const ProcFile maps(pid, "maps");
  if (maps.fd() < 0) return false;
  std::string text;
  std::array<char, 1 << 14> block;
  for (ssize_t got; (got = ::read(maps.fd(), block.data(), block.size())) > 0;)
    text.append(block.data(), static_cast<std::size_t>(got));
  for (std::size_t at = 0; at < text.size();) {
    const std::size_t end = std::min(text.find('\n', at), text.size());
    if (end < text.size()) text[end] = '\0';
    Mapping mapping;
    if (parse(text.c_str() + at, std::string_view(text.c_str() + at, end - at), mapping)) visit(mapping);
    at = end + 1;
  }
  return true;
}

}  // namespace bagloom::memory
