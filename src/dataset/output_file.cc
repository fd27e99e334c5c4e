#include "dataset/output_file.h"

#include <fcntl.h>
#include <unistd.h>

#include <algorithm>
#include <atomic>
#include <cerrno>
#include <cstdio>
#include <cstring>
#include <filesystem>
#include <set>
#include <thread>

namespace bagloom::dataset {
namespace {
constexpr std::size_t kBufferBytes = 64 * 1024;
constexpr std::size_t kSyncsAtOnce = 8;
}  // namespace

Error system_error(const std::string& path, const std::string& action, int code) {
  const bool later = code == ENOSPC || code == EDQUOT || code == EAGAIN || code == EMFILE || code == ENFILE;
  return Error(later ? ErrorKind::temporary : ErrorKind::io, action + ": " + std::strerror(code)).in(path);
}

OutputFile::OutputFile(std::string path, int descriptor) : path_(std::move(path)), descriptor_(descriptor) {
  buffer_.reserve(kBufferBytes);
}

OutputFile::~OutputFile() {
  if (descriptor_ < 0) return;
  ::close(descriptor_);
  ::unlink((path_ + ".tmp").c_str());
}

Result<std::unique_ptr<OutputFile>> OutputFile::create(const std::string& path) {
  const int descriptor = ::open((path + ".tmp").c_str(), O_WRONLY | O_CREAT | O_TRUNC | O_CLOEXEC, 0666);
  if (descriptor < 0) return system_error(path + ".tmp", "create", errno);
  return std::unique_ptr<OutputFile>(new OutputFile(path, descriptor));
}

Status OutputFile::write_out(Bytes bytes) {
  while (!bytes.empty()) {
    const ssize_t n = ::write(descriptor_, bytes.data(), bytes.size());
    if (n < 0 && errno == EINTR) continue;
    if (n < 0) return system_error(path_ + ".tmp", "write", errno);
    bytes = bytes.subspan(static_cast<std::size_t>(n));
  }
  return {};
}

Status OutputFile::flush() {
  RETURN_IF_ERROR(write_out(buffer_));
  buffer_.clear();
  return {};
}

Status OutputFile::write(Bytes bytes) {
  if (buffer_.size() + bytes.size() > kBufferBytes) RETURN_IF_ERROR(flush());
  if (bytes.size() > kBufferBytes) return write_out(bytes);
  buffer_.insert(buffer_.end(), bytes.begin(), bytes.end());
  return {};
}

Status OutputFile::commit(bool sync) {
  RETURN_IF_ERROR(flush());
  if (sync && ::fsync(descriptor_) != 0) return system_error(path_ + ".tmp", "sync", errno);
  if (::close(std::exchange(descriptor_, -1)) != 0) {
    const int code = errno;
    ::unlink((path_ + ".tmp").c_str());
    return system_error(path_ + ".tmp", "close", code);
  }
  if (::rename((path_ + ".tmp").c_str(), path_.c_str()) != 0) {
    const int code = errno;
    ::unlink((path_ + ".tmp").c_str());
    return system_error(path_, "rename", code);
  }
  return {};
}

Status make_parent_folders(const std::string& path) {
  std::error_code code;
  const std::filesystem::path folder = std::filesystem::path(path).parent_path();
  if (folder.empty()) return {};
  std::filesystem::create_directories(folder, code);
  if (code) return system_error(folder.string(), "make folder", code.value());
  return {};
}

Status sync_path(const std::string& path) {
  const int descriptor = ::open(path.empty() ? "." : path.c_str(), O_RDONLY | O_CLOEXEC);
  if (descriptor < 0) return system_error(path, "open to sync", errno);
  const int failed = ::fsync(descriptor) != 0 ? errno : 0;
  ::close(descriptor);
  // Some file systems cannot sync a folder and say so; their names are then durable by other means.
  if (failed != 0 && failed != EINVAL && failed != ENOTSUP) return system_error(path, "sync", failed);
  return {};
}

Status sync_folders_of(const std::string& top, const std::vector<std::string>& paths) {
  std::set<std::filesystem::path> folders;
  for (const std::string& path : paths)
    for (std::filesystem::path folder = std::filesystem::path(path).parent_path();
         folders.insert(folder).second && !folder.empty();)
      folder = folder.parent_path();
  // Each is a flush of the disk, 4 ms where it was measured; several that are asked for at once become one.
  const std::vector<std::filesystem::path> all(folders.begin(), folders.end());
  std::vector<Status> outcomes(all.size());
  std::atomic<std::size_t> next{0};
  const auto sync_some = [&] {
    for (std::size_t i = next++; i < all.size(); i = next++) outcomes[i] = sync_path((top / all[i]).string());
  };
  std::vector<std::thread> others(std::min(kSyncsAtOnce, all.size()) - 1);
  for (std::thread& other : others) other = std::thread(sync_some);
  sync_some();
  for (std::thread& other : others) other.join();
  for (Status& outcome : outcomes) RETURN_IF_ERROR(std::move(outcome));
  return {};
}

}  // namespace bagloom::dataset
