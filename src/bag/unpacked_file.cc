#include "bag/unpacked_file.h"

#include <fcntl.h>
#include <sys/statvfs.h>
#include <unistd.h>
#include <zstd.h>

#include <algorithm>
#include <array>
#include <cerrno>
#include <cstdlib>
#include <cstring>
#include <vector>

#include "bag/rosbag2_vfs.h"

namespace bagloom::bag {
namespace {

using std::string_view_literals::operator""sv;

constexpr std::uint64_t kLeftFree = 64ull << 20;
constexpr int kLargestWindowLog = 24;
constexpr std::uint64_t kDecoderBytes = 512 * 1024;  // tables, a block in and one out

std::string temporary_folder(const std::string& wanted) {
  if (!wanted.empty()) return wanted;
  if (const char* set = std::getenv("TMPDIR"); set != nullptr && *set != '\0') return set;
  return ::access("/var/tmp", W_OK) == 0 ? "/var/tmp" : "/tmp";
}

Error no_space(const std::string& folder, const std::string& what) {
  return Error(ErrorKind::temporary, what).fix("free space in " + folder + ", or set TMPDIR to another folder");
}

/// A file without a name. Closed by its destructor unless taken.
class TemporaryFile {
 public:
  explicit TemporaryFile(std::string folder) : folder_(std::move(folder)) {}
  ~TemporaryFile() {
    if (descriptor_ >= 0) ::close(descriptor_);
  }
  TemporaryFile(const TemporaryFile&) = delete;
  TemporaryFile& operator=(const TemporaryFile&) = delete;

  Status open() {
    descriptor_ = ::open(folder_.c_str(), O_TMPFILE | O_RDWR | O_CLOEXEC, 0600);
    if (descriptor_ >= 0) return {};
    // Not every file system has files without names.
    std::string name = folder_ + "/bagloom-XXXXXX";
    descriptor_ = ::mkostemp(name.data(), O_CLOEXEC);
    if (descriptor_ < 0) return Error(ErrorKind::io, std::strerror(errno)).in("a temporary file in " + folder_);
    ::unlink(name.c_str());
    return {};
  }

  /// Whether `bytes` more and the reserve fit.
  Status need(std::uint64_t bytes) const {
    struct statvfs facts {};
    if (::fstatvfs(descriptor_, &facts) != 0) return {};
    const std::uint64_t free = static_cast<std::uint64_t>(facts.f_bavail) * facts.f_frsize;
    if (bytes <= free && free - bytes >= kLeftFree) return {};
    return no_space(folder_, "unpacking takes " + std::to_string(bytes >> 20) + " MiB and has to leave 64 free, of " +
                                 std::to_string(free >> 20) + " MiB in " + folder_);
  }

  Status write(Bytes bytes) {
    for (std::size_t done = 0; done < bytes.size();) {
      const ssize_t n = ::write(descriptor_, bytes.data() + done, bytes.size() - done);
      if (n < 0 && errno == EINTR) continue;
      if (n < 0 && (errno == ENOSPC || errno == EDQUOT)) return no_space(folder_, std::strerror(errno));
      if (n < 0) return Error(ErrorKind::io, std::strerror(errno)).in("a temporary file in " + folder_);
      done += static_cast<std::size_t>(n);
    }
    written_ += bytes.size();
    return {};
  }

  std::uint64_t written() const { return written_; }
  std::unique_ptr<Source> take(const std::string& name) {
    return descriptor_source(name, std::exchange(descriptor_, -1), written_);
  }

 private:
  std::string folder_;
  int descriptor_ = -1;
  std::uint64_t written_ = 0;
};

/// One frame after another, piece by piece.
class Inflater {
 public:
  explicit Inflater(const Source& packed) : packed_(packed), in_(ZSTD_DStreamInSize()), out_(ZSTD_DStreamOutSize()) {
    ZSTD_DCtx_setParameter(stream_.get(), ZSTD_d_windowLogMax, kLargestWindowLog);
  }

  /// The next bytes, good until the next call; none at the end. What is wrong stands in `damage` then.
  Result<Bytes> next() {
    while (true) {
      if (input_.pos == input_.size && !at_end_) {
        ASSIGN_OR_RETURN(const std::size_t got, packed_.read_at(offset_, in_));
        offset_ += got;
        input_ = {in_.data(), got, 0};
        at_end_ = got == 0;
      }
      ZSTD_outBuffer output{out_.data(), out_.size(), 0};
      const std::size_t before = input_.pos;
      const std::size_t left = ZSTD_decompressStream(stream_.get(), &output, &input_);
      if (ZSTD_isError(left)) {
        damage_ = frames_ > 0 && between_frames_ ? "bytes behind the end of the compressed stream"
                                                 : std::string("zstd: ") + ZSTD_getErrorName(left);
        loss_ = !between_frames_ || frames_ == 0;
        return Bytes(out_).first(output.pos);
      }
      if (input_.pos > before || output.pos > 0) between_frames_ = left == 0;
      if (left == 0) ++frames_;
      if (output.pos > 0) return Bytes(out_).first(output.pos);
      if (at_end_) {
        unfinished_ = !between_frames_;
        return Bytes();
      }
    }
  }

  const std::string& damage() const { return damage_; }
  bool loss() const { return loss_; }
  bool unfinished() const { return unfinished_; }

 private:
  struct Free {
    void operator()(ZSTD_DCtx* context) const { ZSTD_freeDCtx(context); }
  };

  const Source& packed_;
  std::unique_ptr<ZSTD_DCtx, Free> stream_{ZSTD_createDCtx()};
  std::vector<std::byte> in_, out_;
  ZSTD_inBuffer input_{nullptr, 0, 0};
  std::uint64_t offset_ = 0, frames_ = 0;
  bool at_end_ = false, between_frames_ = true, unfinished_ = false, loss_ = false;
  std::string damage_;
};

// A frame's header has at most 18 bytes.
Result<std::uint64_t> size_in_header(const Source& packed) {
  std::vector<std::byte> head(18);
  ASSIGN_OR_RETURN(const std::size_t got, packed.read_at(0, head));
  const unsigned long long size = ZSTD_getFrameContentSize(head.data(), got);
  return size == ZSTD_CONTENTSIZE_UNKNOWN || size == ZSTD_CONTENTSIZE_ERROR ? std::uint64_t{0} : std::uint64_t{size};
}

}  // namespace

Result<std::uint64_t> unpacking_bytes(const Source& packed) {
  std::array<std::byte, 6> head{};
  ASSIGN_OR_RETURN(const std::size_t got, packed.read_at(0, head));
  std::uint64_t window = 1ull << kLargestWindowLog;
  if (got == head.size() && (std::to_integer<unsigned>(head[4]) & 0x20) == 0) {  // RFC 8878 section 3.1.1.1
    const unsigned descriptor = std::to_integer<unsigned>(head[5]);
    const std::uint64_t base = 1ull << (10 + (descriptor >> 3));
    window = std::min(window, base + base / 8 * (descriptor & 7));
  } else {  // a single segment
    ASSIGN_OR_RETURN(const std::uint64_t whole, size_in_header(packed));
    if (whole > 0) window = std::min(window, whole);
  }
  return window + kDecoderBytes + ZSTD_DStreamInSize() + ZSTD_DStreamOutSize();
}

Result<Unpacked> unpack_zstd_file(const Source& packed, const std::string& folder) {
  Inflater inflater(packed);
  ASSIGN_OR_RETURN(Bytes piece, inflater.next());
  const bool database = as_text(piece).starts_with("SQLite format 3\0"sv);
  if (!database && !as_text(piece).starts_with("\x89MCAP0\r\n"sv)) {
    const std::string why = inflater.damage().empty() ? "" : " (" + inflater.damage() + ")";
    return Error(ErrorKind::unreadable, "a zstd-compressed file, not a recording" + why);
  }
  const std::uint64_t declared = database ? sqlite_declared_bytes(piece) : 0;
  ASSIGN_OR_RETURN(const std::uint64_t in_header, size_in_header(packed));
  TemporaryFile file(temporary_folder(folder));
  RETURN_IF_ERROR(file.open());
  RETURN_IF_ERROR(file.need(std::max(declared, in_header)));
  Unpacked unpacked;
  for (std::uint64_t checked = 0; !piece.empty();) {
    // A database says how large it is: what a stream has beyond that is no part of it.
    if (declared > 0 && file.written() + piece.size() > declared) {
      RETURN_IF_ERROR(file.write(piece.first(static_cast<std::size_t>(declared - file.written()))));
      unpacked.damage = "the compressed file has more than the " + std::to_string(declared) + " bytes that its database declares";
      break;
    }
    if (file.written() >= checked) {
      RETURN_IF_ERROR(file.need(std::max(std::max(declared, in_header), file.written()) - file.written()));
      checked = file.written() + kLeftFree / 2;
    }
    RETURN_IF_ERROR(file.write(piece));
    if (!inflater.damage().empty()) break;
    ASSIGN_OR_RETURN(piece, inflater.next());
  }
  if (!inflater.damage().empty()) {
    unpacked.loss = inflater.loss();
    unpacked.damage = inflater.damage() + (unpacked.loss ? " after " + std::to_string(file.written()) + " bytes" : "");
  } else if (inflater.unfinished() && file.written() != std::max(declared, in_header)) {
    // Writers leave the end out where the plain file's size is a multiple of 128 KiB; then nothing is missing.
    unpacked.loss = declared > 0 || in_header > 0 || file.written() % 131072 != 0;
    unpacked.damage = "the compressed stream has no end: " + std::to_string(file.written()) + " bytes came out";
  }
  unpacked.source = file.take(packed.name());
  return unpacked;
}

}  // namespace bagloom::bag
