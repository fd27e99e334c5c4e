// A process's mappings and pages as /proc/PID/maps and pagemap tell them.
#pragma once

#include <sys/types.h>
#include <unistd.h>

#include <algorithm>
#include <array>
#include <cstdint>
#include <functional>
#include <string_view>

namespace bagloom::memory {

/// An open file of /proc, closed at the end of its scope.
class ProcFile {
 public:
  /// `pid` 0: this process.
  ProcFile(pid_t pid, const char* name);
  ~ProcFile();
  ProcFile(const ProcFile&) = delete;
  ProcFile& operator=(const ProcFile&) = delete;
  int fd() const { return fd_; }  ///< negative where it could not be opened

 private:
  int fd_ = -1;
};

/// A line of maps.
struct Mapping {
  std::uint64_t begin = 0, end = 0;    ///< addresses
  std::array<char, 4> permissions{};   ///< "rwxp"
  std::uint64_t offset = 0;            ///< in the file, bytes
  std::uint32_t major = 0, minor = 0;  ///< the file's device
  std::uint64_t inode = 0;             ///< 0: no file
  std::string_view path;               ///< or a name in brackets, or empty; valid until the visits end
  std::uint64_t size() const { return end - begin; }
  bool readable() const { return permissions[0] == 'r'; }
  bool writable() const { return permissions[1] == 'w'; }
  bool is_private() const { return permissions[3] == 'p'; }
};

/// Calls `visit` for each mapping, in the order of addresses; `pid` 0 is this process. False where maps cannot be read.
bool visit_mappings(pid_t pid, const std::function<void(const Mapping&)>& visit);

// Bits of a pagemap entry: the kernel's Documentation/admin-guide/mm/pagemap.rst. Readable without rights; page numbers are not.
inline constexpr std::uint64_t kPagePresent = 1ull << 63, kPageSwapped = 1ull << 62, kPageOfFile = 1ull << 61;

/// Calls `visit(page, entry)` with the number of each page in the mapping and its pagemap entry, until it gives false. False
/// where that happened, or the mapping went away meanwhile.
template <class Visit>
bool visit_pages(int pagemap, const Mapping& mapping, Visit&& visit) {
  static const auto page = static_cast<std::uint64_t>(::sysconf(_SC_PAGESIZE));
  std::array<std::uint64_t, 4096> entries;
  const std::uint64_t pages = mapping.size() / page;
  for (std::uint64_t done = 0; done < pages;) {
    const std::uint64_t wanted = std::min<std::uint64_t>(pages - done, entries.size());
    const ssize_t got = ::pread(pagemap, entries.data(), wanted * 8, static_cast<off_t>((mapping.begin / page + done) * 8));
    if (got < 8) return false;
    const std::uint64_t count = static_cast<std::uint64_t>(got) / 8;
    for (std::uint64_t i = 0; i < count; ++i)
      if (!visit(done + i, entries[i])) return false;
    done += count;
  }
  return true;
}

}  // namespace bagloom::memory
