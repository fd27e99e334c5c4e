#include "memory/counting_error.h"

#include <sched.h>
#include <sys/utsname.h>
#include <unistd.h>

#include <algorithm>
#include <cstdio>
#include <string>

namespace bagloom::memory {

CountingError counting_error(std::string_view release, std::uint64_t cpus, std::uint64_t usable, std::uint64_t page_bytes) {
  unsigned major = 0, minor = 0;
  std::sscanf(std::string(release).c_str(), "%u.%u", &major, &minor);
  if (major < 6 || (major == 6 && minor < 2)) return {64 * page_bytes, "each thread counts up to 64 pages on its own"};
  const std::uint64_t batch = std::max<std::uint64_t>(32, 2 * cpus);
  return {3 * batch * std::min(cpus, usable) * page_bytes, "each CPU counts pages in batches"};
}

CountingError counting_error() {
  utsname system{};
  ::uname(&system);
  const auto cpus = static_cast<std::uint64_t>(std::max(1l, ::sysconf(_SC_NPROCESSORS_ONLN)));
  cpu_set_t set;
  CPU_ZERO(&set);
  const std::uint64_t usable =
      ::sched_getaffinity(0, sizeof set, &set) == 0 ? static_cast<std::uint64_t>(std::max(1, CPU_COUNT(&set))) : cpus;
  return counting_error(system.release, cpus, usable, static_cast<std::uint64_t>(::sysconf(_SC_PAGESIZE)));
}

}  // namespace bagloom::memory
