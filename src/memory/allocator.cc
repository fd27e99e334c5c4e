#include "memory/allocator.h"

#include <atomic>
#include <cstdlib>
#if defined(__GLIBC__)
#include <malloc.h>
#endif

namespace bagloom::memory {
namespace {

// The heap is the process's, and so is this.
std::atomic<bool> keeps_freed{false};

}  // namespace

void configure_allocator() {
#if defined(__GLIBC__)
  // Setting M_MMAP_THRESHOLD also switches off glibc's habit of raising it after the first large free, which would keep picture
  // buffers in the heap for good.
  mallopt(M_MMAP_THRESHOLD, 128 * 1024);
  mallopt(M_TRIM_THRESHOLD, 256 * 1024);
  mallopt(M_ARENA_MAX, 2);
#endif
}

void keep_freed_memory() {
  keeps_freed = true;
#if defined(__GLIBC__)
  constexpr int kThreshold = 32 << 20;
  mallopt(M_MMAP_THRESHOLD, kThreshold);
  mallopt(M_TRIM_THRESHOLD, 2 * kThreshold);
#endif
}

void trim_heap() {
#if defined(__GLIBC__)
  if (!keeps_freed) malloc_trim(0);
#endif
}

std::optional<HeapCounts> heap_counts() {
#if defined(__GLIBC__) && __GLIBC_PREREQ(2, 33)
  const struct mallinfo2 counts = mallinfo2();
  if (counts.uordblks + counts.hblkhd == 0) return std::nullopt;  // another allocator stands in its place
  return HeapCounts{counts.uordblks + counts.hblkhd, counts.fordblks};
#else
  return std::nullopt;
#endif
}

}  // namespace bagloom::memory
