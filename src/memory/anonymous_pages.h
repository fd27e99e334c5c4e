// Which pages of this process's anonymous mappings are there: what an allocator handed out and nobody touched takes no memory.
#pragma once

#include <cstdint>
#include <optional>

namespace bagloom::memory {

/// Resident bytes, asked of the kernel mapping by mapping (mincore), not taken from its counters.
struct AnonymousPages {
  std::uint64_t heaps = 0;   ///< writable and without a file: the allocator's heaps and blocks, libraries' zeroed data
  std::uint64_t stacks = 0;  ///< of the first thread, and of those that stand above a guard page as glibc makes them
};

/// Takes about a millisecond, and one more for each GB. Nothing where /proc/self/maps cannot be read, and under sanitizers, whose
/// mappings are too large to go through.
std::optional<AnonymousPages> anonymous_pages();

}  // namespace bagloom::memory
