// What this process may use of the machine: cores and memory, cgroup limits included.
#pragma once

#include <cstdint>
#include <string>

namespace bagloom::memory {

/// Cores of the affinity mask, cut to the cgroup's CPU quota (rounded up); at least 1.
std::uint32_t usable_cores();

/// Bytes that can be taken without swapping: MemAvailable, cut to what the cgroup has left.
std::uint64_t available_memory();

/// The two cgroup facts for one folder of the unified hierarchy (or v1's), for tests: 0 where there is no limit.
std::uint32_t cgroup_cores(const std::string& folder);
std::uint64_t cgroup_memory_left(const std::string& folder);

}  // namespace bagloom::memory
