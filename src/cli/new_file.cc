#include "cli/new_file.h"

#include <fcntl.h>
#include <sys/stat.h>
#include <unistd.h>

#include <cerrno>
#include <cstdio>
#include <cstring>

namespace bagloom::cli {
namespace {

Error os_error(const std::string& path, const char* what) {
  const int code = errno;
  Error error(code == ENOSPC || code == EDQUOT ? ErrorKind::temporary : ErrorKind::io,
              std::string(what) + ": " + std::strerror(code));
  return std::move(error).in(path);
}

}  // namespace

Status may_write(const std::string& path, bool force) {
  struct stat facts {};
  if (force || ::lstat(path.c_str(), &facts) != 0) return {};
  return Error(ErrorKind::invalid, "exists already").in(path).fix("--force replaces it");
}

Status write_new_file(const std::string& path, std::string_view text, bool force) {
  RETURN_IF_ERROR(may_write(path, force));
  const std::string beside = path + "." + std::to_string(::getpid()) + ".tmp";
  const int file = ::open(beside.c_str(), O_WRONLY | O_CREAT | O_EXCL | O_CLOEXEC, 0666);
  if (file < 0) return os_error(path, "cannot be created");
  while (!text.empty()) {
    const ssize_t n = ::write(file, text.data(), text.size());
    if (n < 0 && errno == EINTR) continue;
    if (n < 0) {
      Error error = os_error(path, "cannot be written");
      ::close(file);
      ::unlink(beside.c_str());
      return error;
    }
    text.remove_prefix(static_cast<std::size_t>(n));
  }
  if (::close(file) != 0 || std::rename(beside.c_str(), path.c_str()) != 0) {
    Error error = os_error(path, "cannot be written");
    ::unlink(beside.c_str());
    return error;
  }
  return {};
}

}  // namespace bagloom::cli
