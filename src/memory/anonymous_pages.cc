#include "memory/anonymous_pages.h"

#include <algorithm>
#include <array>
#include <cstdio>
#include <cstring>
#include <memory>
#if defined(__linux__)
#include <pthread.h>
#include <sys/mman.h>
#include <unistd.h>
#endif

namespace bagloom::memory {

#if defined(__linux__)

namespace {

constexpr std::uint64_t kMostMapped = 1ull << 40;  // a sanitizer's shadow is larger
constexpr std::uint64_t kLargestGuard = 64 * 1024;

struct Mapping {
  std::uintptr_t begin = 0, end = 0;
  bool writable = false, readable = false, anonymous = false, stack = false;
  std::uint64_t size() const { return end - begin; }
};

bool read_line(const char* line, Mapping& mapping) {
  char permissions[5] = {}, name[16] = {};
  unsigned long long begin = 0, end = 0, inode = 0;
  const int fields = std::sscanf(line, "%llx-%llx %4s %*s %*s %llu %15s", &begin, &end, permissions, &inode, name);
  if (fields < 4 || end < begin) return false;
  mapping = {};
  mapping.begin = static_cast<std::uintptr_t>(begin);
  mapping.end = static_cast<std::uintptr_t>(end);
  mapping.readable = permissions[0] == 'r';
  mapping.writable = permissions[1] == 'w';
  mapping.stack = std::strcmp(name, "[stack]") == 0;
  mapping.anonymous = inode == 0 && permissions[3] == 'p' &&
                      (name[0] == '\0' || std::strcmp(name, "[heap]") == 0 || std::strncmp(name, "[anon", 5) == 0);
  return true;
}

std::uint64_t page_size() {
  static const auto size = static_cast<std::uint64_t>(::sysconf(_SC_PAGESIZE));
  return size;
}

/// A mapping that goes away meanwhile counts as nothing.
std::uint64_t touched(std::uintptr_t begin, std::uintptr_t end) {
  std::array<unsigned char, 4096> pages;
  const std::uint64_t step = pages.size() * page_size();
  std::uint64_t count = 0;
  for (std::uintptr_t at = begin; at < end; at += step) {
    const std::uint64_t bytes = std::min<std::uint64_t>(step, end - at);
    if (::mincore(reinterpret_cast<void*>(at), bytes, pages.data()) != 0) continue;
    count +=
        static_cast<std::uint64_t>(std::count_if(pages.begin(), pages.begin() + static_cast<std::ptrdiff_t>(bytes / page_size()),
                                                 [](unsigned char page) { return (page & 1) != 0; }));
  }
  return count * page_size();
}

/// Of a thread that is made without a size of its own.
std::uint64_t usual_stack() {
  std::size_t bytes = 0;
#if defined(__GLIBC__)
  pthread_attr_t attributes;
  if (::pthread_getattr_default_np(&attributes) == 0) {
    ::pthread_attr_getstacksize(&attributes, &bytes);
    ::pthread_attr_destroy(&attributes);
  }
#endif
  return bytes;
}

}  // namespace

std::optional<AnonymousPages> anonymous_pages() {
  const std::unique_ptr<std::FILE, int (*)(std::FILE*)> maps(std::fopen("/proc/self/maps", "re"), std::fclose);
  if (maps == nullptr) return std::nullopt;
  const std::uint64_t stack = usual_stack();
  AnonymousPages sums;
  std::uint64_t mapped = 0;
  Mapping mapping, before;
  char line[512];
  while (std::fgets(line, sizeof(line), maps.get()) != nullptr) {
    const bool whole = std::strchr(line, '\n') != nullptr;
    before = mapping;
    if (!read_line(line, mapping)) return std::nullopt;
    if (mapping.stack) {
      sums.stacks += touched(mapping.begin, mapping.end);
    } else if (mapping.anonymous && mapping.writable) {
      mapped += mapping.size();
      if (mapped > kMostMapped) return std::nullopt;
      // A block that was mapped above a stack may have become one mapping with it.
      const bool guarded = before.end == mapping.begin && before.anonymous && !before.readable && !before.writable &&
                           before.size() <= kLargestGuard;
      const std::uint64_t of_stack =
          guarded && stack > before.size() && mapping.size() + before.size() >= stack ? stack - before.size() : 0;
      sums.stacks += touched(mapping.begin, mapping.begin + of_stack);
      sums.heaps += touched(mapping.begin + of_stack, mapping.end);
    }
    while (!whole && std::fgets(line, sizeof(line), maps.get()) != nullptr && std::strchr(line, '\n') == nullptr) {
    }
  }
  return sums;
}

#else

std::optional<AnonymousPages> anonymous_pages() { return std::nullopt; }

#endif

}  // namespace bagloom::memory
