#include "memory/file_pages.h"

#if defined(__linux__)
#include <sys/mman.h>
#include <unistd.h>

#include "memory/address_space.h"
#endif

namespace bagloom::memory {

#if defined(__linux__)

namespace {

/// Resident pages of a mapping; 0 where one of them was written (a relocation, a debugger's breakpoint): such a page is anonymous
/// and would be lost.
std::uint64_t clean_pages(int pagemap, const Mapping& mapping) {
  std::uint64_t resident = 0;
  const bool clean = visit_pages(pagemap, mapping, [&](std::uint64_t, std::uint64_t entry) {
    resident += (entry & kPagePresent) != 0 ? 1 : 0;
    return (entry & (kPagePresent | kPageSwapped)) == 0 || (entry & kPageOfFile) != 0;
  });
  return clean ? resident : 0;
}

}  // namespace

std::uint64_t drop_file_pages() {
  const ProcFile pagemap(0, "pagemap");
  if (pagemap.fd() < 0) return 0;
  const auto page = static_cast<std::uint64_t>(::sysconf(_SC_PAGESIZE));
  std::uint64_t dropped = 0;
  visit_mappings(0, [&](const Mapping& mapping) {
    if (mapping.inode == 0 || mapping.writable() || !mapping.is_private()) return;
    const std::uint64_t pages = clean_pages(pagemap.fd(), mapping);
    if (pages > 0 && ::madvise(reinterpret_cast<void*>(mapping.begin), mapping.size(), MADV_DONTNEED) == 0)
      dropped += pages * page;
  });
  return dropped;
}

#else

std::uint64_t drop_file_pages() { return 0; }

#endif

}  // namespace bagloom::memory
