#include "convert/durable_files.h"

#include <fcntl.h>
#include <sys/stat.h>
#include <sys/statvfs.h>
#include <unistd.h>

#include <cerrno>
#include <cstdio>
#include <cstring>
#include <filesystem>

#include "base/source.h"

namespace bagloom::convert {
namespace fs = std::filesystem;

Error system_error(const std::string& what, int code) {
  const bool full = code == ENOSPC || code == EDQUOT;
  Error error(full || code == EBUSY || code == EAGAIN ? ErrorKind::temporary : ErrorKind::io, what + ": " + std::strerror(code));
  if (full) return std::move(error).fix("free some space and run the same command again: it goes on from what is finished");
  return error;
}

Status make_folders(const std::string& path) {
  std::error_code code;
  fs::create_directories(path, code);
  if (code) return system_error("cannot make the folder", code.value()).in(path);
  return {};
}

Status sync_folder(const std::string& path) {
  const int descriptor = ::open(path.c_str(), O_RDONLY | O_DIRECTORY | O_CLOEXEC);
  if (descriptor < 0) return system_error("cannot open the folder", errno).in(path);
  const int synced = ::fsync(descriptor);
  const int code = errno;
  ::close(descriptor);
  // Some file systems cannot sync folders (EINVAL); there is nothing more to do there.
  if (synced != 0 && code != EINVAL) return system_error("cannot sync the folder", code).in(path);
  return {};
}

Status write_synced(const std::string& path, const std::string& content) {
  const std::string temporary = path + ".tmp";
  const int descriptor = ::open(temporary.c_str(), O_WRONLY | O_CREAT | O_TRUNC | O_CLOEXEC, 0644);
  if (descriptor < 0) return system_error("cannot write", errno).in(temporary);
  const auto fail = [&](const char* what) -> Status {
    const int code = errno;
    ::close(descriptor);
    ::unlink(temporary.c_str());
    return system_error(what, code).in(temporary);
  };
  for (std::size_t done = 0; done < content.size();) {
    const ssize_t n = ::write(descriptor, content.data() + done, content.size() - done);
    if (n < 0 && errno == EINTR) continue;
    if (n < 0) return fail("write");
    done += static_cast<std::size_t>(n);
  }
  if (::fsync(descriptor) != 0) return fail("sync");
  if (::close(descriptor) != 0) return system_error("close", errno).in(temporary);
  if (::rename(temporary.c_str(), path.c_str()) != 0) return system_error("rename", errno).in(path);
  return {};
}

Status write_durably(const std::string& path, const std::string& content) {
  RETURN_IF_ERROR(write_synced(path, content));
  return sync_folder(fs::path(path).parent_path().string());
}

Result<std::string> read_small_file(const std::string& path, std::uint64_t cap) {
  ASSIGN_OR_RETURN(const auto source, open_file(path));
  if (source->size() > cap) return Error(ErrorKind::unreadable, "is larger than " + std::to_string(cap) + " bytes").in(path);
  std::string content(source->size(), '\0');
  RETURN_IF_ERROR(source->read_exactly(0, MutableBytes(reinterpret_cast<std::byte*>(content.data()), content.size())));
  return content;
}

Status remove_tree(const std::string& path) {
  std::error_code code;
  fs::remove_all(path, code);
  if (code) return system_error("cannot remove", code.value()).in(path);
  return {};
}

Status remove_file(const std::string& path) {
  if (::unlink(path.c_str()) != 0 && errno != ENOENT) return system_error("cannot remove", errno).in(path);
  return {};
}

namespace {

/// The file system does not know the flag that renameat2 was given.
bool lacks_flag(int code) { return code == EINVAL || code == ENOSYS || code == EOPNOTSUPP; }

Status sync_parent(const std::string& path) { return sync_folder(fs::absolute(path).parent_path().string()); }

}  // namespace

Status put_in_place(const std::string& from, const std::string& to) {
  if (::renameat2(AT_FDCWD, from.c_str(), AT_FDCWD, to.c_str(), RENAME_NOREPLACE) != 0) {
    // Without the flag: an empty or absent target is all that rename takes for a folder.
    if (!lacks_flag(errno)) return system_error("cannot put the dataset in place", errno).in(to);
    if (::rename(from.c_str(), to.c_str()) != 0) return system_error("cannot put the dataset in place", errno).in(to);
  }
  return sync_parent(to);
}

Status replace(const std::string& from, const std::string& to, const std::string& aside) {
  const auto fail = [&to](int code) { return system_error("cannot be replaced", code).in(to); };
  if (::renameat2(AT_FDCWD, from.c_str(), AT_FDCWD, to.c_str(), RENAME_EXCHANGE) == 0) return sync_parent(to);
  if (!lacks_flag(errno)) return fail(errno);
  RETURN_IF_ERROR(remove_tree(aside));
  if (::rename(to.c_str(), aside.c_str()) != 0) return fail(errno);
  RETURN_IF_ERROR(sync_parent(aside));
  if (::rename(from.c_str(), to.c_str()) != 0) {
    const int code = errno;
    if (::rename(aside.c_str(), to.c_str()) != 0) return fail(code).fix("the older dataset is " + aside);
    return fail(code);
  }
  return sync_parent(to);
}

bool exists(const std::string& path) {
  struct stat facts {};
  return ::lstat(path.c_str(), &facts) == 0;
}

std::uint64_t file_bytes(const std::string& path) {
  struct stat facts {};
  return ::stat(path.c_str(), &facts) == 0 ? static_cast<std::uint64_t>(facts.st_size) : 0;
}

std::uint64_t tree_bytes(const std::string& path) {
  std::uint64_t bytes = 0;
  std::error_code code;
  for (fs::recursive_directory_iterator at(path, code), end; !code && at != end; at.increment(code))
    if (at->is_regular_file(code)) bytes += at->file_size(code);
  return bytes;
}

std::uint64_t free_bytes(const std::string& path) {
  std::error_code code;
  fs::path folder = fs::absolute(path, code);
  while (!folder.empty() && !fs::exists(folder, code) && folder != folder.parent_path()) folder = folder.parent_path();
  struct statvfs facts {};
  if (::statvfs(folder.c_str(), &facts) != 0) return 0;
  return static_cast<std::uint64_t>(facts.f_bavail) * facts.f_frsize;
}

}  // namespace bagloom::convert
