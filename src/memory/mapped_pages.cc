#include "memory/mapped_pages.h"

#include <unistd.h>

#include <algorithm>
#include <cstdio>
#include <fstream>
#include <string_view>

#include "memory/address_space.h"

namespace bagloom::memory {
namespace {

constexpr std::uint64_t device_number(std::uint64_t major, std::uint64_t minor) { return major << 32 | minor; }

/// Mappings of the kernel's own tmpfs, which is mounted nowhere.
bool is_unmounted_memory(std::string_view path) {
  for (const char* prefix : {"/memfd:", "/dev/zero", "/SYSV", "/dev/shm/", "/anon_hugepage"})
    if (path.starts_with(prefix)) return true;
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

bool MappedPages::is_memory(const Mapping& mapping) const {
  const std::uint64_t device = device_number(mapping.major, mapping.minor);
  return std::find(memory_devices_.begin(), memory_devices_.end(), device) != memory_devices_.end() ||
         is_unmounted_memory(mapping.path);
}

bool MappedPages::add(pid_t pid) {
  const ProcFile pagemap(pid, "pagemap");
  if (pagemap.fd() < 0) return false;
  return visit_mappings(pid, [&](const Mapping& mapping) {
    if (mapping.inode == 0) return;
    const bool shared_memory = is_memory(mapping);
    Block* block = nullptr;
    std::uint64_t block_number = ~0ull;
    visit_pages(pagemap.fd(), mapping, [&](std::uint64_t number, std::uint64_t entry) {
      if ((entry & (kPagePresent | kPageOfFile)) != (kPagePresent | kPageOfFile)) return true;
      const std::uint64_t page = mapping.offset / page_ + number;
      if (block == nullptr || page / kBlock != block_number) {
        block_number = page / kBlock;
        std::unique_ptr<Block>& slot = blocks_[{device_number(mapping.major, mapping.minor), mapping.inode, block_number}];
        if (!slot) slot = std::make_unique<Block>();
        block = slot.get();
        block->shared_memory = shared_memory;
      }
      block->resident.set(page % kBlock);
      return true;
    });
  });
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
