// How this process's memory goes back to the system.
#pragma once

#include <cstdint>
#include <optional>

namespace bagloom::memory {

/// Few arenas and a fixed mapping threshold, so that large blocks go back at once and threads do not each keep a heap of their
/// own. Call once, before threads start. Does nothing where the C library is not glibc.
void configure_allocator();

/// The other way: what is freed stays in the process, as in programs that leave the C library's thresholds to themselves once
/// they have freed a block of 32 MiB (glibc raises them to that). For showing what that does to measurements. trim_heap does
/// nothing from then on.
void keep_freed_memory();

/// Gives free heap pages back, between phases.
void trim_heap();

/// What the C library's allocator says of the whole process, threads' caches among what is in use; bytes.
struct HeapCounts {
  std::uint64_t in_use = 0;  ///< allocated and not freed, in heaps and in mappings of their own; touched or not
  std::uint64_t free = 0;  ///< freed and kept; what was trimmed out of the middle of a heap is counted though it is not resident
};
/// Nothing where the C library does not count (not glibc, or a sanitizer's allocator).
std::optional<HeapCounts> heap_counts();

}  // namespace bagloom::memory
