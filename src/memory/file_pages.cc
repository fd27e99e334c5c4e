#include "memory/file_pages.h"

#include <cstdio>
#include <cstdlib>
#include <cstring>
#include <memory>
#if defined(__linux__)
#include <sys/mman.h>
#endif

namespace bagloom::memory {

#if defined(__linux__)

namespace {

/// One mapping as /proc/self/smaps tells it.
struct Mapping {
  std::uintptr_t begin = 0, end = 0;
  bool candidate = false;  ///< of a file, private, not writable
  std::uint64_t rss = 0;   ///< bytes
};

bool read_header(const char* line, Mapping& mapping) {
  char permissions[5] = {};
  unsigned long long begin = 0, end = 0, inode = 0;
  if (std::sscanf(line, "%llx-%llx %4s %*s %*s %llu", &begin, &end, permissions, &inode) != 4) return false;
  mapping = {};
  mapping.begin = static_cast<std::uintptr_t>(begin);
  mapping.end = static_cast<std::uintptr_t>(end);
  mapping.candidate = inode != 0 && permissions[1] == '-' && permissions[3] == 'p';
  return true;
}

std::uint64_t kilobytes(const char* line) { return std::strtoull(std::strchr(line, ':') + 1, nullptr, 10) * 1024; }

}  // namespace

std::uint64_t drop_file_pages() {
  const std::unique_ptr<std::FILE, int (*)(std::FILE*)> smaps(std::fopen("/proc/self/smaps", "re"), std::fclose);
  if (smaps == nullptr) return 0;
  std::uint64_t dropped = 0;
  Mapping mapping;
  char line[512];
  while (std::fgets(line, sizeof(line), smaps.get()) != nullptr) {
    const bool whole = std::strchr(line, '\n') != nullptr;
    if (std::strncmp(line, "Rss:", 4) == 0) {
      mapping.rss = kilobytes(line);
    } else if (std::strncmp(line, "Anonymous:", 10) == 0) {
      // A page that was written (a relocation, a debugger's breakpoint) is anonymous and would be lost: such a mapping stays.
      if (mapping.candidate && mapping.rss > 0 && kilobytes(line) == 0 &&
          ::madvise(reinterpret_cast<void*>(mapping.begin), mapping.end - mapping.begin, MADV_DONTNEED) == 0)
        dropped += mapping.rss;
    } else {
      read_header(line, mapping);
    }
    while (!whole && std::fgets(line, sizeof(line), smaps.get()) != nullptr && std::strchr(line, '\n') == nullptr) {
    }
  }
  return dropped;
}

#else

std::uint64_t drop_file_pages() { return 0; }

#endif

}  // namespace bagloom::memory
