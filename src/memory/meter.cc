#include "memory/meter.h"

#include <cstdlib>
#include <cstring>
#include <fstream>
#include <string>

namespace bagloom::memory {

Resident resident() {
  Resident result;
  std::ifstream status("/proc/self/status");
  std::string line;
  while (std::getline(status, line)) {
    const auto field = [&](const char* name, std::uint64_t& into) {
      const std::size_t n = std::strlen(name);
      if (line.compare(0, n, name) == 0) into = std::strtoull(line.c_str() + n, nullptr, 10) * 1024;  // the kernel says kB
    };
    field("VmRSS:", result.now);
    field("VmHWM:", result.peak);
    field("RssAnon:", result.anonymous);
    field("RssFile:", result.file);
  }
  return result;
}

bool reset_peak() {
  std::ofstream out("/proc/self/clear_refs");
  out << "5" << std::flush;
  return static_cast<bool>(out);
}

}  // namespace bagloom::memory
