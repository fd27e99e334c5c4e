#include "memory/program_traits.h"

#include <fcntl.h>
#include <linux/elf.h>
#include <sys/stat.h>
#include <sys/xattr.h>
#include <unistd.h>

#include <algorithm>
#include <cstdint>
#include <cstdlib>
#include <cstring>
#include <filesystem>
#include <string_view>
#include <vector>

namespace bagloom::memory {
namespace {

constexpr std::uint64_t kMostNames = 16 << 20, kMostHeaders = 4096;

bool read_at(int fd, std::uint64_t offset, void* into, std::size_t size) {
  return ::pread(fd, into, size, static_cast<off_t>(offset)) == static_cast<ssize_t>(size);
}

/// The names of the dynamic symbols and libraries of a 64-bit ELF file, each ended by a zero; empty where there are none.
std::string dynamic_names(int fd) {
  Elf64_Ehdr header{};
  if (!read_at(fd, 0, &header, sizeof header) || std::memcmp(header.e_ident, ELFMAG, SELFMAG) != 0 ||
      header.e_ident[EI_CLASS] != ELFCLASS64 || header.e_phentsize != sizeof(Elf64_Phdr) || header.e_phnum > kMostHeaders)
    return {};
  std::vector<Elf64_Phdr> segments(header.e_phnum);
  if (!read_at(fd, header.e_phoff, segments.data(), segments.size() * sizeof(Elf64_Phdr))) return {};
  std::vector<Elf64_Dyn> entries;
  for (const Elf64_Phdr& segment : segments) {
    if (segment.p_type != PT_DYNAMIC) continue;
    entries.resize(std::min<std::uint64_t>(segment.p_filesz / sizeof(Elf64_Dyn), kMostHeaders));
    if (!read_at(fd, segment.p_offset, entries.data(), entries.size() * sizeof(Elf64_Dyn))) return {};
  }
  std::uint64_t address = 0, size = 0;
  for (const Elf64_Dyn& entry : entries) {
    if (entry.d_tag == DT_STRTAB) address = entry.d_un.d_ptr;
    if (entry.d_tag == DT_STRSZ) size = entry.d_un.d_val;
  }
  for (const Elf64_Phdr& segment : segments) {
    if (segment.p_type != PT_LOAD || address < segment.p_vaddr || address - segment.p_vaddr >= segment.p_filesz) continue;
    const std::uint64_t at = address - segment.p_vaddr;
    std::string names(std::min<std::uint64_t>({size, segment.p_filesz - at, kMostNames}), '\0');
    if (!read_at(fd, segment.p_offset + at, names.data(), names.size())) return {};
    return names;
  }
  return {};
}

}  // namespace

ProgramTraits traits_of(const std::string& path) {
  ProgramTraits traits;
  const int fd = ::open(path.c_str(), O_RDONLY | O_CLOEXEC);
  struct stat status {};
  if (::stat(path.c_str(), &status) == 0 && ::geteuid() != 0) {
    traits.gains_rights = ((status.st_mode & S_ISUID) != 0 && status.st_uid != ::geteuid()) ||
                          ((status.st_mode & S_ISGID) != 0 && status.st_gid != ::getegid()) ||
                          ::getxattr(path.c_str(), "security.capability", nullptr, 0) > 0;
  }
  if (fd < 0) return traits;
  const std::string names = dynamic_names(fd);
  ::close(fd);
  const auto has = [&](std::string_view name) {
    return names.find(std::string(1, '\0').append(name).append(1, '\0')) != std::string::npos;
  };
  traits.traces_itself = has("ptrace");
  traits.sanitized = has("__asan_init") || has("__lsan_init");
  return traits;
}

bool is_bagloom_without_tracer(const std::string& path, const std::string& argument) {
  std::error_code code;
  const std::filesystem::path program = std::filesystem::canonical(path, code);
  if (code) return false;
  const std::filesystem::path ours = std::filesystem::canonical("/proc/self/exe", code);
  if (code || program.parent_path() != ours.parent_path()) return false;
  const std::string name = program.filename().string();
  return (name == "bagloom" || name == "bagloom-full") && argument != "measure" && argument != "bench";
}

std::string find_program(const std::string& name) {
  if (name.find('/') != std::string::npos) return name;
  const char* path = std::getenv("PATH");
  std::string_view rest = path == nullptr ? "/bin:/usr/bin" : path;
  while (true) {
    const std::size_t colon = rest.find(':');
    const std::string folder(rest.substr(0, colon));
    const std::string file = (folder.empty() ? "." : folder) + "/" + name;
    if (::access(file.c_str(), X_OK) == 0) return file;
    if (colon == std::string_view::npos) return {};
    rest.remove_prefix(colon + 1);
  }
}

}  // namespace bagloom::memory
