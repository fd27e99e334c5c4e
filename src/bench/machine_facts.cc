// What the header says of the machine.
#include <sys/utsname.h>
#include <unistd.h>

#include <fstream>

#include "bench/bench_parts.h"
#include "memory/machine.h"

namespace bagloom::bench {

void describe_machine(Facts& facts) {
  facts.memory_bytes =
      static_cast<std::uint64_t>(::sysconf(_SC_PHYS_PAGES)) * static_cast<std::uint64_t>(::sysconf(_SC_PAGESIZE));
  facts.available_bytes = memory::available_memory();
  facts.cores = memory::usable_cores();
  utsname name{};
  if (::uname(&name) == 0) facts.kernel = std::string(name.sysname) + " " + name.release + " " + name.machine;
  std::ifstream cpus("/proc/cpuinfo");
  for (std::string line; std::getline(cpus, line);) {
    const std::size_t colon = line.find(": ");
    if (line.starts_with("model name") && colon != std::string::npos) {
      facts.cpu = line.substr(colon + 2);
      break;
    }
  }
}

}  // namespace bagloom::bench
