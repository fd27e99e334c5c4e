#include "memory/file_pages.h"

#if defined(__linux__)
#include <fcntl.h>
#include <sys/mman.h>
#include <unistd.h>

#include <algorithm>
#include <array>
#include <cstdlib>
#include <string>
#include <vector>
#endif

namespace bagloom::memory {

#if defined(__linux__)

namespace {

// Bits of a pagemap entry: the kernel's Documentation/admin-guide/mm/pagemap.rst.
constexpr std::uint64_t kPresent = 1ull << 63, kSwapped = 1ull << 62, kFileOrShared = 1ull << 61;

/// Closed at the end of its scope.
struct OpenFile {
  explicit OpenFile(const char* path) : fd(::open(path, O_RDONLY | O_CLOEXEC)) {}
  ~OpenFile() {
    if (fd >= 0) ::close(fd);
  }
  OpenFile(const OpenFile&) = delete;
  OpenFile& operator=(const OpenFile&) = delete;
  const int fd;
};

struct Mapping {
  std::uintptr_t begin = 0, end = 0;
};

/// Of files, private, not writable. A line: "begin-end perms offset device inode path".
std::vector<Mapping> candidates() {
  std::vector<Mapping> found;
  const OpenFile maps("/proc/self/maps");
  std::string text;
  std::array<char, 1 << 14> block;
  for (ssize_t got; maps.fd >= 0 && (got = ::read(maps.fd, block.data(), block.size())) > 0;)
    text.append(block.data(), static_cast<std::size_t>(got));
  for (std::size_t at = 0; at < text.size(); at = std::min(text.find('\n', at), text.size() - 1) + 1) {
    char* next = nullptr;
    Mapping mapping;
    mapping.begin = std::strtoull(text.c_str() + at, &next, 16);
    if (*next != '-') continue;
    mapping.end = std::strtoull(next + 1, &next, 16);
    if (next[0] != ' ' || next[1] == '\0' || next[2] != '-' || next[3] == '\0' || next[4] != 'p') continue;
    std::strtoull(next + 5, &next, 16);  // offset
    while (*next == ' ') ++next;
    while (*next != ' ' && *next != '\0') ++next;  // device
    if (std::strtoull(next, nullptr, 10) != 0) found.push_back(mapping);
  }
  return found;
}

/// Resident pages of a mapping; nothing where one of them was written (a relocation, a debugger's breakpoint): such a page is
/// anonymous and would be lost.
std::uint64_t clean_pages(int pagemap, const Mapping& mapping, std::uint64_t page) {
  std::array<std::uint64_t, 4096> entries;
  std::uint64_t resident = 0;
  const std::uint64_t pages = (mapping.end - mapping.begin) / page;
  for (std::uint64_t done = 0; done < pages;) {
    const std::uint64_t wanted = std::min<std::uint64_t>(pages - done, entries.size());
    const ssize_t got = ::pread(pagemap, entries.data(), wanted * 8, static_cast<off_t>((mapping.begin / page + done) * 8));
    if (got < 8) return 0;
    const std::uint64_t count = static_cast<std::uint64_t>(got) / 8;
    for (std::uint64_t i = 0; i < count; ++i) {
      if ((entries[i] & (kPresent | kSwapped)) != 0 && (entries[i] & kFileOrShared) == 0) return 0;
      resident += (entries[i] & kPresent) != 0 ? 1 : 0;
    }
    done += count;
  }
  return resident;
}

}  // namespace

std::uint64_t drop_file_pages() {
  const OpenFile pagemap("/proc/self/pagemap");
  if (pagemap.fd < 0) return 0;
  const auto page = static_cast<std::uint64_t>(::sysconf(_SC_PAGESIZE));
  std::uint64_t dropped = 0;
  for (const Mapping& mapping : candidates()) {
    const std::uint64_t pages = clean_pages(pagemap.fd, mapping, page);
    if (pages > 0 && ::madvise(reinterpret_cast<void*>(mapping.begin), mapping.end - mapping.begin, MADV_DONTNEED) == 0)
      dropped += pages * page;
  }
  return dropped;
}

#else

std::uint64_t drop_file_pages() { return 0; }

#endif

}  // namespace bagloom::memory
