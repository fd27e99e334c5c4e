// How far the kernel's own counters of resident pages may be off.
#pragma once

#include <cstdint>
#include <string_view>

namespace bagloom::memory {

struct CountingError {
  std::uint64_t bytes_a_process = 0;  ///< upper bound for one mark of a process, with one thread on older kernels
  std::string_view reason;            ///< for people, what the kernel does
};

/// Since Linux 6.2 each of three counters (anonymous, file, shared) lets every CPU hold back up to a batch of pages, of
/// max(32, 2 x CPUs); from 2.6.34 to 6.1 each thread held back up to 64 pages' events. Marks are taken from the sums without
/// what is held back. `release`: as uname says it; `cpus`: those online; `usable`: those that the process may run on.
CountingError counting_error(std::string_view release, std::uint64_t cpus, std::uint64_t usable, std::uint64_t page_bytes);
/// Of this machine.
CountingError counting_error();

}  // namespace bagloom::memory
