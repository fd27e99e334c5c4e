// What a dataset holds, for comparing two of them.
#pragma once

#include <filesystem>
#include <fstream>
#include <map>
#include <sstream>
#include <string>

#include "base/hash.h"

namespace bagloom {

/// Every file of a dataset but meta/bagloom: a hash of its bytes, by relative path.
inline std::map<std::string, std::string> contents(const std::string& dataset) {
  std::map<std::string, std::string> files;
  for (const auto& entry : std::filesystem::recursive_directory_iterator(dataset)) {
    const std::string name = std::filesystem::relative(entry.path(), dataset).string();
    if (!entry.is_regular_file() || name.starts_with("meta/bagloom")) continue;
    std::ifstream in(entry.path(), std::ios::binary);
    std::ostringstream bytes;
    bytes << in.rdbuf();
    files[name] = Hasher().add_text(bytes.str()).hex_digest();
  }
  return files;
}

}  // namespace bagloom
