#include "base/source.h"

#include <fcntl.h>
#include <sys/stat.h>
#include <unistd.h>

#include <algorithm>
#include <cerrno>
#include <cstring>

namespace bagloom {
namespace {

class FileSource : public Source {
 public:
  FileSource(std::string path, int descriptor, std::uint64_t size)
      : path_(std::move(path)), descriptor_(descriptor), size_(size) {}
  ~FileSource() override { ::close(descriptor_); }
  FileSource(const FileSource&) = delete;
  FileSource& operator=(const FileSource&) = delete;

  const std::string& name() const override { return path_; }
  std::uint64_t size() const override { return size_; }

  Result<std::size_t> read_at(std::uint64_t offset, MutableBytes out) const override {
    std::size_t done = 0;
    while (done < out.size()) {
      const ssize_t n = ::pread(descriptor_, out.data() + done, out.size() - done, static_cast<off_t>(offset + done));
      if (n < 0 && errno == EINTR) continue;
      if (n < 0) return Error(ErrorKind::io, "read at " + hex(offset + done) + ": " + std::strerror(errno)).in(path_);
      if (n == 0) break;
      done += static_cast<std::size_t>(n);
    }
    return done;
  }

  void expect(Access access) const override {
    ::posix_fadvise(descriptor_, 0, 0, access == Access::scattered ? POSIX_FADV_RANDOM : POSIX_FADV_NORMAL);
  }

  void announce(std::uint64_t offset, std::uint64_t bytes) const override {
    ::posix_fadvise(descriptor_, static_cast<off_t>(offset), static_cast<off_t>(bytes), POSIX_FADV_WILLNEED);
  }

 private:
  std::string path_;
  int descriptor_;
  std::uint64_t size_;
};

}  // namespace

Status Source::read_exactly(std::uint64_t offset, MutableBytes out) const {
  ASSIGN_OR_RETURN(const std::size_t n, read_at(offset, out));
  if (n == out.size()) return {};
  return Error(ErrorKind::corrupt, "wanted " + std::to_string(out.size()) + " bytes at " + hex(offset) +
                                       ", the file ends after " + std::to_string(n));
}

// Reading ahead once leaves marks in the page cache at which the kernel reads ahead again, whatever is expected by then.
Result<std::size_t> Source::peek(MutableBytes out) const {
  expect(Access::scattered);
  auto got = read_at(0, out);
  expect(Access::in_order);
  return got;
}

Result<std::unique_ptr<Source>> open_file(const std::string& path) {
  const int descriptor = ::open(path.c_str(), O_RDONLY | O_CLOEXEC | O_NONBLOCK);  // a FIFO would wait for a writer
  if (descriptor < 0) {
    const int code = errno;
    Error error(code == EMFILE || code == ENFILE ? ErrorKind::temporary : ErrorKind::unreadable, std::strerror(code));
    return std::move(error).in(path);
  }
  struct stat facts {};
  if (::fstat(descriptor, &facts) != 0 || !S_ISREG(facts.st_mode)) {
    const bool folder = S_ISDIR(facts.st_mode);
    ::close(descriptor);
    return Error(ErrorKind::unreadable, folder ? "is a folder, not a recording" : "is not a regular file").in(path);
  }
  return descriptor_source(path, descriptor, static_cast<std::uint64_t>(facts.st_size));
}

std::unique_ptr<Source> descriptor_source(std::string name, int descriptor, std::uint64_t size) {
  return std::make_unique<FileSource>(std::move(name), descriptor, size);
}

Result<std::size_t> MemorySource::read_at(std::uint64_t offset, MutableBytes out) const {
  if (offset >= bytes_.size()) return std::size_t{0};
  const std::size_t n = std::min<std::size_t>(out.size(), bytes_.size() - static_cast<std::size_t>(offset));
  if (n > 0) std::memcpy(out.data(), bytes_.data() + offset, n);
  return n;
}

Result<std::size_t> FaultySource::read_at(std::uint64_t offset, MutableBytes out) const {
  if (offset + out.size() > fail_at_) return Error(ErrorKind::io, "read at " + hex(offset) + ": injected failure").in(name());
  return inner_->read_at(offset, out);
}

}  // namespace bagloom
