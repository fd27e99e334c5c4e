#include "memory/machine.h"

#include <sched.h>

#include <algorithm>
#include <cstdlib>
#include <fstream>
#include <optional>
#include <sstream>
#include <vector>

namespace bagloom::memory {
namespace {

std::optional<std::uint64_t> number_in(const std::string& path) {
  std::ifstream in(path);
  std::string word;
  if (!(in >> word) || word.empty() || word[0] < '0' || word[0] > '9') return std::nullopt;  // "max", "-1"
  return std::strtoull(word.c_str(), nullptr, 10);
}

// The folders whose limits bind this process: its own group and all above it (v2), and v1's controllers.
std::vector<std::string> cgroup_folders() {
  std::vector<std::string> folders;
  std::ifstream in("/proc/self/cgroup");
  std::string line;
  while (std::getline(in, line)) {
    std::istringstream fields(line);
    std::string number, controllers, path;
    std::getline(fields, number, ':');
    std::getline(fields, controllers, ':');
    std::getline(fields, path);
    const bool v2 = number == "0" && controllers.empty();
    if (!v2 && controllers.find("memory") == std::string::npos && controllers.find("cpu") == std::string::npos) continue;
    const std::string root = v2 ? "/sys/fs/cgroup" : "/sys/fs/cgroup/" + controllers;
    // In a container the path may name a folder outside of what is mounted: the mount's root is then the group itself.
    folders.push_back(root);
    for (std::string group = path; group.size() > 1; group.erase(group.rfind('/'))) folders.push_back(root + group);
  }
  return folders;
}

}  // namespace

std::uint32_t cgroup_cores(const std::string& folder) {
  std::ifstream v2(folder + "/cpu.max");
  std::string quota;
  std::uint64_t period = 0;
  if (v2 >> quota >> period && quota != "max" && period > 0) {
    const std::uint64_t allowed = std::strtoull(quota.c_str(), nullptr, 10);
    return static_cast<std::uint32_t>((allowed + period - 1) / period);
  }
  const auto quota_v1 = number_in(folder + "/cpu.cfs_quota_us");
  const auto period_v1 = number_in(folder + "/cpu.cfs_period_us");
  if (quota_v1 && period_v1 && *quota_v1 > 0 && *period_v1 > 0)
    return static_cast<std::uint32_t>((*quota_v1 + *period_v1 - 1) / *period_v1);
  return 0;
}

std::uint64_t cgroup_memory_left(const std::string& folder) {
  // The page cache counts as used in a group but is given up when memory is needed: inactive_file is not subtracted from what is
  // left.
  const auto left = [&](const char* limit_file, const char* used_file) -> std::uint64_t {
    const auto limit = number_in(folder + "/" + limit_file);
    const auto used = number_in(folder + "/" + used_file);
    if (!limit || !used || *limit >= (1ull << 60)) return 0;
    std::uint64_t cache = 0;
    std::ifstream stat(folder + "/memory.stat");
    std::string key;
    std::uint64_t value = 0;
    while (stat >> key >> value)
      if (key == "inactive_file" || key == "total_inactive_file") cache = std::max(cache, value);
    const std::uint64_t held = *used - std::min(*used, cache);
    return *limit > held ? *limit - held : 1;
  };
  const std::uint64_t v2 = left("memory.max", "memory.current");
  return v2 != 0 ? v2 : left("memory.limit_in_bytes", "memory.usage_in_bytes");
}

std::uint32_t usable_cores() {
  cpu_set_t set;
  CPU_ZERO(&set);
  std::uint32_t cores = 1;
  if (sched_getaffinity(0, sizeof(set), &set) == 0) cores = static_cast<std::uint32_t>(std::max(1, CPU_COUNT(&set)));
  for (const std::string& folder : cgroup_folders())
    if (const std::uint32_t allowed = cgroup_cores(folder); allowed > 0) cores = std::min(cores, allowed);
  return std::max(1u, cores);
}

std::uint64_t available_memory() {
  std::uint64_t available = 0;
  std::ifstream info("/proc/meminfo");
  std::string key;
  while (info >> key) {
    if (key == "MemAvailable:") {
      info >> available;
      available *= 1024;
      break;
    }
    info.ignore(1 << 16, '\n');
  }
  for (const std::string& folder : cgroup_folders())
    if (const std::uint64_t left = cgroup_memory_left(folder); left > 0)
      available = available == 0 ? left : std::min(available, left);
  return available;
}

}  // namespace bagloom::memory
