#include "bench/scratch_folder.h"

#include <fcntl.h>
#include <stdlib.h>
#include <sys/mman.h>
#include <unistd.h>

#include <algorithm>
#include <cerrno>
#include <filesystem>
#include <vector>

#include "base/source.h"
#include "convert/durable_files.h"

namespace bagloom::bench {

Result<ScratchFolder> ScratchFolder::make() {
  std::error_code failed;
  std::string path = (std::filesystem::temp_directory_path(failed) / "bagloom-bench-XXXXXX").string();
  if (failed) return Error(ErrorKind::io, "no folder for temporary files: " + failed.message()).fix("set TMPDIR");
  if (::mkdtemp(path.data()) == nullptr) return convert::system_error("cannot make a folder", errno).in(path).fix("set TMPDIR");
  return ScratchFolder(std::move(path));
}

ScratchFolder::~ScratchFolder() {
  if (!path_.empty()) (void)convert::remove_tree(path_).ok();
}

double cached_share(const std::string& path) {
  const int file = ::open(path.c_str(), O_RDONLY | O_CLOEXEC);
  if (file < 0) return -1;
  const std::uint64_t size = convert::file_bytes(path);
  // Mapped and not touched: nothing becomes resident. In pieces, so that the answer's bytes stay few.
  const std::uint64_t page = static_cast<std::uint64_t>(::sysconf(_SC_PAGESIZE)), piece = 65536 * page;
  std::vector<unsigned char> there(65536);
  std::uint64_t cached = 0, pages = 0;
  for (std::uint64_t offset = 0; offset < size; offset += piece) {
    const std::uint64_t n = std::min(piece, size - offset);
    void* const at = ::mmap(nullptr, n, PROT_READ, MAP_SHARED, file, static_cast<off_t>(offset));
    if (at == MAP_FAILED) break;
    const std::uint64_t count = (n + page - 1) / page;
    if (::mincore(at, n, there.data()) == 0) {
      pages += count;
      cached += static_cast<std::uint64_t>(std::count_if(there.begin(), there.begin() + static_cast<std::ptrdiff_t>(count),
                                                         [](unsigned char c) { return (c & 1) != 0; }));
    }
    ::munmap(at, n);
  }
  ::close(file);
  return pages == 0 ? -1 : static_cast<double>(cached) / static_cast<double>(pages);
}

Status read_once(const std::string& path) {
  ASSIGN_OR_RETURN(const auto source, open_file(path));
  std::vector<std::byte> block(1 << 20);
  for (std::uint64_t offset = 0; offset < source->size();) {
    ASSIGN_OR_RETURN(const std::size_t n, source->read_at(offset, block));
    if (n == 0) break;
    offset += n;
  }
  return {};
}

}  // namespace bagloom::bench
