#include "cli/full_program.h"

#include <unistd.h>

#include <cerrno>
#include <cstring>
#include <filesystem>
#include <string_view>
#include <system_error>

namespace bagloom::cli {

bool answered_without_codecs(int argc, char* const* argv) {
  if (argc < 2) return false;
  const std::string_view verb = argv[1];
  return verb == "info" || verb == "scan" || verb == "measure";
}

std::string full_program_path() {
  std::error_code failed;
  const std::filesystem::path self = std::filesystem::read_symlink("/proc/self/exe", failed);
  return (failed ? std::filesystem::path() : self.parent_path()) / "bagloom-full";
}

Error become_full_program(char* const* argv) {
  const std::string path = full_program_path();
  ::execv(path.c_str(), argv);
  return Error(ErrorKind::internal, std::string("cannot be started: ") + std::strerror(errno))
      .in(path)
      .fix("it belongs beside bagloom: link to the program, or install the whole folder");
}

}  // namespace bagloom::cli
