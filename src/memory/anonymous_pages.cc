#include "memory/anonymous_pages.h"

#include <algorithm>
#include <array>
#if defined(__linux__)
#include <pthread.h>
#include <sys/mman.h>
#include <unistd.h>

#include "memory/address_space.h"
#endif

namespace bagloom::memory {

#if defined(__linux__)

namespace {

constexpr std::uint64_t kMostMapped = 1ull << 40;  // a sanitizer's shadow is larger
constexpr std::uint64_t kLargestGuard = 64 * 1024;

bool is_anonymous(const Mapping& mapping) {
  return mapping.inode == 0 && mapping.is_private() &&
         (mapping.path.empty() || mapping.path == "[heap]" || mapping.path.starts_with("[anon"));
}

std::uint64_t page_size() {
  static const auto size = static_cast<std::uint64_t>(::sysconf(_SC_PAGESIZE));
  return size;
}

/// A mapping that goes away meanwhile counts as nothing.
std::uint64_t touched(std::uint64_t begin, std::uint64_t end) {
  std::array<unsigned char, 4096> pages;
  const std::uint64_t step = pages.size() * page_size();
  std::uint64_t count = 0;
  for (std::uint64_t at = begin; at < end; at += step) {
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
  const std::uint64_t stack = usual_stack();
  AnonymousPages sums;
  std::uint64_t mapped = 0;
  Mapping before;
  const bool read = visit_mappings(0, [&](const Mapping& mapping) {
    if (mapping.path == "[stack]") {
      sums.stacks += touched(mapping.begin, mapping.end);
    } else if (is_anonymous(mapping) && mapping.writable()) {
      mapped += mapping.size();
      if (mapped > kMostMapped) return;
      // A block that was mapped above a stack may have become one mapping with it.
      const bool guarded = before.end == mapping.begin && is_anonymous(before) && !before.readable() && !before.writable() &&
                           before.size() <= kLargestGuard;
      const std::uint64_t of_stack =
          guarded && stack > before.size() && mapping.size() + before.size() >= stack ? stack - before.size() : 0;
      sums.stacks += touched(mapping.begin, mapping.begin + of_stack);
      sums.heaps += touched(mapping.begin + of_stack, mapping.end);
    }
    before = mapping;
  });
  return read && mapped <= kMostMapped ? std::optional(sums) : std::nullopt;
}

#else

std::optional<AnonymousPages> anonymous_pages() { return std::nullopt; }

#endif

}  // namespace bagloom::memory
