// Which pages of mapped files are resident in at least one of several processes: a union, each page counted once.
#pragma once

#include <sys/types.h>

#include <bitset>
#include <cstdint>
#include <map>
#include <memory>
#include <string>
#include <tuple>
#include <vector>

namespace bagloom::memory {

struct Mapping;

/// Not divided by what processes outside map too, as PSS is: a figure must not depend on who else runs the same libraries.
class MappedPages {
 public:
  MappedPages();

  /// Reads /proc/PID/maps and pagemap. False where they may not be read, or the process is gone: then nothing is added.
  bool add(pid_t pid);
  void clear() { blocks_.clear(); }

  std::uint64_t file_bytes() const;
  /// Pages of memory that only looks like files: memfd, /dev/shm, shared anonymous mappings, tmpfs.
  std::uint64_t shared_bytes() const;

 private:
  static constexpr std::size_t kBlock = 1 << 13;  ///< pages a block: sparse offsets stay cheap
  struct Block {
    std::bitset<kBlock> resident;
    bool shared_memory = false;
  };
  using Key = std::tuple<std::uint64_t, std::uint64_t, std::uint64_t>;  ///< device, inode, number of the block in the file

  bool is_memory(const Mapping& mapping) const;
  std::uint64_t bytes(bool shared_memory) const;

  std::uint64_t page_;
  std::vector<std::uint64_t> memory_devices_;  ///< mounted tmpfs
  std::map<Key, std::unique_ptr<Block>> blocks_;
};

}  // namespace bagloom::memory
