// Loaded before a program (LD_PRELOAD): a signal that comes while constructors of shared libraries run. In which program:
// RAISE_EARLY_IN, the name of its file.
#include <unistd.h>

#include <array>
#include <csignal>
#include <cstdlib>
#include <string>
#include <string_view>

namespace {
struct Early {
  Early() {
    const char* program = std::getenv("RAISE_EARLY_IN");
    std::array<char, 4096> path{};
    const ssize_t length = readlink("/proc/self/exe", path.data(), path.size());
    if (program != nullptr && length > 0 &&
        std::string_view(path.data(), static_cast<std::size_t>(length)).ends_with(std::string("/") + program))
      std::raise(SIGTERM);
  }
};
const Early early;
}  // namespace
