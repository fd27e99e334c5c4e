#include "memory/mapped_pages.h"

#include <fcntl.h>
#include <unistd.h>

#include <algorithm>
#include <array>
#include <cinttypes>
#include <cstdio>
#include <cstring>
#include <fstream>
#include <sstream>

namespace bagloom::memory {
namespace {

// Bits of a pagemap entry: the kernel's Documentation/admin-guide/mm/pagemap.rst. Readable without rights; page numbers are not.
constexpr std::uint64_t kPresent = 1ull << 63, kFileOrShared = 1ull << 61;

constexpr std::uint64_t device_number(std::uint64_t major, std::uint64_t minor) { return major << 32 | minor; }

/// An open file of /proc, closed at the end of its scope.
class ProcFile {
 public:
  ProcFile(pid_t pid, const char* name) {
    std::array<char, 64> path;
    std::snprintf(path.data(), path.size(), "/proc/%d/%s", static_cast<int>(pid), name);
    fd_ = ::open(path.data(), O_RDONLY | O_CLOEXEC);
  }
  ~ProcFile() {
    if (fd_ >= 0) ::close(fd_);
  }
  ProcFile(const ProcFile&) = delete;
  ProcFile& operator=(const ProcFile&) = delete;
  int fd() const { return fd_; }

 private:
  int fd_ = -1;
};

/// Mappings of the kernel's own tmpfs, which is mounted nowhere.
bool is_unmounted_memory(const char* path) {
  for (const char* prefix : {"/memfd:", "/dev/zero", "/SYSV", "/dev/shm/", "/anon_hugepage"})
    if (std::strncmp(path, prefix, std::strlen(prefix)) == 0) return true;
  return false;
}

}  // namespace

MappedPages::MappedPages() : page_(static_cast<std::uint64_t>(::sysconf(_SC_PAGESIZE))) {
  std::ifstream in("/proc/self/mountinfo");
  std::string line;
  while (std::getline(in, line)) {
    const std::size_t dash = line.find(" - ");
    if (dash == std::string::npos) continue;
    if (line.compare(dash + 3, 6, "tmpfs ") != 0 && line.compare(dash + 3, 6, "ramfs ") != 0) continue;
    unsigned major = 0, minor = 0;
    if (std::sscanf(line.c_str(), "%*d %*d %u:%u", &major, &minor) == 2) memory_devices_.push_back(device_number(major, minor));
  }
}

bool MappedPages::mappings_of(pid_t pid, std::vector<Mapping>& mappings) const {
  const ProcFile maps(pid, "maps");
  if (maps.fd() < 0) return false;
  std::string text;
  std::array<char, 1 << 14> block;
  for (ssize_t got; (got = ::read(maps.fd(), block.data(), block.size())) > 0;)
    text.append(block.data(), static_cast<std::size_t>(got));
  for (std::size_t at = 0; at < text.size();) {
    std::size_t end = text.find('\n', at);
    if (end == std::string::npos) end = text.size();
    text[std::min(end, text.size() - 1)] = '\0';
    Mapping mapping;
    std::uint64_t offset = 0;
    unsigned major = 0, minor = 0;
    int path = 0;
    if (std::sscanf(text.c_str() + at, "%" SCNx64 "-%" SCNx64 " %*s %" SCNx64 " %x:%x %" SCNu64 " %n", &mapping.begin,
                    &mapping.end, &offset, &major, &minor, &mapping.inode, &path) >= 6 &&
        mapping.inode != 0 && mapping.end > mapping.begin) {
      mapping.first_page = offset / page_;
      mapping.device = device_number(major, minor);
      mapping.shared_memory =
          std::find(memory_devices_.begin(), memory_devices_.end(), mapping.device) != memory_devices_.end() ||
          (path > 0 && is_unmounted_memory(text.c_str() + at + path));
      mappings.push_back(mapping);
    }
    at = end + 1;
  }
  return true;
}

bool MappedPages::add(pid_t pid) {
  std::vector<Mapping> mappings;
  if (!mappings_of(pid, mappings)) return false;
  const ProcFile pagemap(pid, "pagemap");
  if (pagemap.fd() < 0) return false;
  std::array<std::uint64_t, 4096> entries;
  for (const Mapping& mapping : mappings) {
    const std::uint64_t pages = (mapping.end - mapping.begin) / page_;
    for (std::uint64_t done = 0; done < pages;) {
      const std::size_t wanted = static_cast<std::size_t>(std::min<std::uint64_t>(pages - done, entries.size()));
      const ssize_t got =
          ::pread(pagemap.fd(), entries.data(), wanted * 8, static_cast<off_t>((mapping.begin / page_ + done) * 8));
      if (got < 8) break;  // the process ended or gave the mapping back
      const std::size_t count = static_cast<std::size_t>(got) / 8;
      Block* block = nullptr;
      std::uint64_t block_number = ~0ull;
      for (std::size_t i = 0; i < count; ++i) {
        if ((entries[i] & (kPresent | kFileOrShared)) != (kPresent | kFileOrShared)) continue;
        const std::uint64_t page = mapping.first_page + done + i;
        if (block == nullptr || page / kBlock != block_number) {
          block_number = page / kBlock;
          std::unique_ptr<Block>& slot = blocks_[{mapping.device, mapping.inode, block_number}];
          if (!slot) slot = std::make_unique<Block>();
          block = slot.get();
          block->shared_memory = mapping.shared_memory;
        }
        block->resident.set(page % kBlock);
      }
      done += count;
    }
  }
  return true;
}

std::uint64_t MappedPages::bytes(bool shared_memory) const {
  std::uint64_t pages = 0;
  for (const auto& [key, block] : blocks_)
    if (block->shared_memory == shared_memory) pages += block->resident.count();
  return pages * page_;
}

std::uint64_t MappedPages::file_bytes() const { return bytes(false); }
std::uint64_t MappedPages::shared_bytes() const { return bytes(true); }

}  // namespace bagloom::memory
